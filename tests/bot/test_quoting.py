"""Quotes are found whatever their typography, and not found whatever their plausibility."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.quoting import Quotable

TEXT = "The U.S. president “briefly” cut off aid — about 1,300 sq. kilometers’ worth… On Feb. 28 he didn’t sign it."


def found(quote: str, text: str = TEXT) -> str | None:
    place = Quotable(text).find(quote)
    return text[place.start : place.end] if place else None


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ('president "briefly" cut off aid', "president “briefly” cut off aid"),
        ("CUT OFF AID - ABOUT", "cut off aid — about"),
        ("kilometers' worth... On Feb. 28", "kilometers’ worth… On Feb. 28"),
        ("he   didn't\nsign it", "he didn’t sign it"),
        ("“The U.S. president", "The U.S. president"),
    ],
)
def test_typography_may_differ(quote: str, source: str) -> None:
    assert found(quote) == source


@pytest.mark.parametrize(
    "quote",
    [
        "The U.S. president … On Feb. 28",
        "The U.S. president cut off aid",
        "he did sign it",
        "the president of the U.S.",
        "",
        "  ",
        "S.",
    ],
)
def test_other_words_are_not_found(quote: str) -> None:
    assert found(quote) is None


def test_a_slip_of_the_pen_yields_the_sources_own_words() -> None:
    place = Quotable(TEXT).find("about 1,300 sq. kilometres’ worth")
    assert place is not None
    assert not place.exact
    assert TEXT[place.start : place.end] == "about 1,300 sq. kilometers’ worth"


def test_a_quote_begins_and_ends_with_whole_words() -> None:
    assert found("ident briefly cut o") is None
    assert found("art of", "The start of art of war") == "art of"


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert found("cafe\u0301 olé", "Un café olé!") == "café olé"


def test_invisible_characters_do_not_hide_a_quote() -> None:
    assert found("soft hyphen here", "A so\u00adft hy\u200bphen here.") == "so\u00adft hy\u200bphen here"


@given(st.text(min_size=8, max_size=200), st.data())
def test_any_stretch_of_whole_words_is_found_in_its_own_text(text: str, data: st.DataObject) -> None:
    words = text.split()
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    quote = " ".join(words[first : last + 1])
    place = Quotable(text).find(quote)
    if place is not None:
        assert 0 <= place.start < place.end <= len(text)


@given(st.text(max_size=300), st.text(max_size=100))
@example("ẞß", "ss")
@example("ﬁne print", "fine print")
def test_a_location_lies_within_the_text(text: str, quote: str) -> None:
    place = Quotable(text).find(quote)
    assert place is None or 0 <= place.start < place.end <= len(text)


@given(st.lists(st.from_regex(r"[a-zA-Z]{1,12}", fullmatch=True), min_size=4, max_size=40), st.data())
def test_consecutive_words_are_always_found(words: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(words) - 3))
    quote = " ".join(words[first : first + 3])
    place = Quotable("  \n".join(words)).find(quote)
    assert place is not None
    assert place.exact
