"""Passages tile the text, fit the model, and cut it where a reader would."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.chunking import (
    LIMIT_CHARACTERS,
    LIMIT_TOKENS,
    TARGET_TOKENS,
    Span,
    paragraphs,
    passage_id,
    passages,
    sentences,
)
from index.embedding import WINDOW, MiniLmEmbedder

COUNT = MiniLmEmbedder().count_tokens

BLANKS = st.text(" \t\n\r\x0b\x0c\x1c\x85\u2028\u3000", min_size=1, max_size=5)
WORDS = "The U.S. said on Feb. 28 at 9 a.m. that Dr. Müller’s 𝕫-score 😀 is “3.5”. unbelievably".split()
LINE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
ITEM = st.tuples(st.sampled_from(["- ", "• ", "12. ", "(a) "]), LINE).map("".join)
SCRAP = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
GLUED = st.lists(st.sampled_from(["quick", "believ", "ably", "x", "4"]), min_size=2).map("\x1c".join)
"""One word to the model's tokenizer, which drops the control character, but lines to the splitter."""
REPEATED = st.tuples(st.one_of(LINE, ITEM, SCRAP, GLUED, BLANKS), BLANKS | st.just(""), st.integers(1, 100)).map(
    lambda parts: (parts[0] + parts[1]) * parts[2]
)
TEXT = st.lists(REPEATED, max_size=6).map("".join)


def tiles(text: str, spans: Sequence[Span]) -> bool:
    """Whether the spans cover `text` from end to end, each where the one before ended, none of them empty."""
    bounds = [(0, 0), *spans, (len(text), len(text))]
    return all(a[1] == b[0] for a, b in pairwise(bounds)) and all(start < end for start, end in spans)


@given(TEXT)
@example("x" * 5000)
@example("a," * 3000)
@example("word " * 3000)
@example(" \n" * 3000)
@example(("quick\x1c" * 15 + " ") * 30)
@settings(max_examples=100, deadline=None)
def test_passages_cover_every_character_and_none_is_over_the_limit(text: str) -> None:
    spans = passages(text, COUNT)
    assert tiles(text, spans)
    assert all(end - start <= LIMIT_CHARACTERS for start, end in spans)
    assert all(size <= LIMIT_TOKENS for size in COUNT([text[start:end] for start, end in spans]))


@given(TEXT)
@settings(max_examples=40, deadline=None)
def test_sentences_and_paragraphs_tile_the_text(text: str) -> None:
    assert tiles(text, paragraphs(text))
    assert tiles(text, sentences(text))


@given(TEXT)
@settings(max_examples=10, deadline=None)
def test_the_same_text_gives_the_same_passages(text: str) -> None:
    assert passages(text, COUNT) == passages(text, MiniLmEmbedder().count_tokens)


def test_the_limit_leaves_room_for_the_models_own_tokens() -> None:
    assert TARGET_TOKENS <= LIMIT_TOKENS <= WINDOW - 2


@given(st.text(), st.text(), st.text())
def test_an_id_depends_on_the_set_and_the_words_alone(collection: str, text: str, other: str) -> None:
    assert passage_id(collection, text) == passage_id(collection, f" {text}\n")
    if other.strip() != text.strip():
        assert passage_id(collection, text) != passage_id(collection, other)
    if other != collection:
        assert passage_id(collection, text) != passage_id(other, text)


def test_an_id_is_the_same_in_every_process() -> None:
    assert passage_id("news", " Hello.\n") == sha256(b"news\0Hello.").hexdigest()[:32]


def test_an_empty_text_has_no_passages() -> None:
    assert passages("", COUNT) == []


def cut(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in sentences(text)]


def test_the_seed_article_is_cut_at_its_sentences(seed_text: str) -> None:
    found = cut(seed_text)
    assert len(found) == 40
    assert all(sentence[0].isupper() or sentence[0] == "“" for sentence in found)
    assert [sentence for sentence in found if "a.m." in sentence] == [
        "The leaders are scheduled to talk between 9 a.m. and 11 a.m. ET, a spokesperson for Putin stated",
        "The decision will happen between 1 p.m. GMT and three p.m. GMT (9 a.m. ET to 11 a.m. ET), Peskov stated.",
    ]
    assert any(sentence.startswith("After a disastrous Feb. 28 White Home assembly") for sentence in found)
    assert any(sentence.startswith("Witkoff") and sentence.endswith("southern Ukraine.") for sentence in found)
    assert "“I can say we are on the 10th yard line of peace,” Leavitt stated." in found
    assert "And I think we’ll be able to do it.”" in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Smith met Mr. Jones. They spoke.", ["Dr. Smith met Mr. Jones.", "They spoke."]),
        ("It rose 3.5 percent. It fell.", ["It rose 3.5 percent.", "It fell."]),
        ("He said “No.” Then he left.", ["He said “No.”", "Then he left."]),
        ("See e.g. the U.N. report. It is long.", ["See e.g. the U.N. report.", "It is long."]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ("First line\nSecond line", ["First line", "Second line"]),
    ],
)
def test_abbreviations_numbers_and_quotations_do_not_end_a_sentence(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_a_hard_wrapped_paragraph_is_one_paragraph() -> None:
    wrapped = (
        "A ceasefire proposal that was discussed on Tuesday could\n"
        "create a pathway to ending the war, officials said, and\n"
        "it would hold for 30 days.\n"
    )
    assert paragraphs(wrapped) == [(0, len(wrapped))]
    assert cut(wrapped) == [wrapped.strip()]


def test_items_of_a_list_are_paragraphs_even_in_wrapped_text() -> None:
    items = [f"- the {nth} point is long enough to look like a line of wrapped text\n" for nth in ("first", "second")]
    assert [end - start for start, end in paragraphs("".join(items))] == [len(item) for item in items]


def test_windows_line_ends_make_no_difference() -> None:
    text = "One paragraph.\n\nAnother one.\nAnd a line.\n"
    assert cut(text) == cut(text.replace("\n", "\r\n"))


def test_a_passage_ends_with_a_paragraph_where_it_can(seed_text: str) -> None:
    starts = {start for start, _ in paragraphs(seed_text)}
    begun_inside = [start for start, _ in passages(seed_text, COUNT) if start not in starts]
    assert len(begun_inside) == 0


def test_a_passage_ends_with_a_sentence(seed_text: str) -> None:
    joined = seed_text.replace("\n", " ")
    assert {start for start, _ in passages(joined, COUNT)} <= {start for start, _ in sentences(joined)}


def test_an_edit_moves_no_distant_passage(seed_text: str) -> None:
    edited = seed_text.replace("Rubio", "Marco A. Rubio", 1)
    old, new = ({text[a:b] for a, b in passages(text, COUNT)} for text in (seed_text, edited))
    assert len(old - new) == 1


@pytest.mark.parametrize("blob", ["!", "?!", "….", ".”", "a."])
def test_a_stretch_without_white_space_takes_time_in_proportion_to_its_length(blob: str) -> None:
    """The sentence splitter's own time grows with the square: this would take hours."""
    text = "Before. " + blob * (1_000_000 // len(blob)) + " After. The end."
    assert cut(text)[0] == "Before."
    assert cut(text)[-2:] == ["After.", "The end."]
