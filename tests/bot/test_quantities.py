"""One quantity has one name, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.quantities import quantities


@pytest.mark.parametrize(
    "forms",
    [
        ("three envoys", "3 envoys"),
        ("a thirty-day truce", "a 30-day truce"),
        ("1,300 sq. kilometers", "1300 square kilometres", "thirteen hundred square kilometers", "1 , 300 km"),
        ("between 1 p.m. and three p.m.", "between 13:00 and 15:00", "between 1pm and 3pm"),
        ("almost 1 / 4 of it", "nearly a quarter of it", "about 25% of it", "twenty-five per cent of it", "25 percent"),
        ("on Feb. 28", "on February 28", "on 28 February"),
        ("World War II", "the Second World War"),
        ("$1.5 million", "1,500,000 dollars", "1.5 million"),
        ("the 3rd time", "the third time"),
        ("in the 1930s", "in the 1930s, that is"),
        ("the twenty-first century", "the 21st century"),
    ],
)
def test_different_spellings_are_the_same(forms: tuple[str, ...]) -> None:
    assert len({quantities(form) for form in forms}) == 1
    assert quantities(forms[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,300 soldiers", "1,800 soldiers"),
        ("9 a.m.", "9 p.m."),
        ("in May of last year", "in June of last year"),
        ("a third of it", "the third of it"),
        ("5 million", "5 thousand"),
        ("World War II", "World War III"),
        ("25%", "25"),
    ],
)
def test_different_quantities_stay_different(one: str, other: str) -> None:
    assert quantities(one) != quantities(other)


@pytest.mark.parametrize("text", ["one of them may march", "He is the one", "", "no numbers at all", "I did"])
def test_what_counts_nothing_has_no_quantities(text: str) -> None:
    assert quantities(text) == frozenset()


@given(st.text(max_size=80))
def test_any_text_has_an_answer(text: str) -> None:
    assert isinstance(quantities(text), frozenset)


@given(st.integers(2, 10**9))
def test_a_number_is_found_with_and_without_separators(number: int) -> None:
    assert str(number) in quantities(f"about {number:,} of them")
    assert str(number) in quantities(f"about {number} of them")
