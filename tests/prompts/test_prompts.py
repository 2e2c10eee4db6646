"""Prompts are files, filled strictly, and known by their digest."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import prompts
from prompts import Prompt, load

NAMES = sorted(path.stem for path in Path(prompts.__file__).parent.glob("*.md"))
PLACES = {
    "answer": set[str](),
    "condense": {"conversation", "question"},
    "judge": {"accepted", "answer", "fence", "question"},
    "passages": {"fence", "passages", "question"},
    "repair": {"failures"},
}


@pytest.mark.parametrize("name", NAMES)
def test_a_prompt_has_the_places_that_the_chain_fills(name: str) -> None:
    values = {place: f"<{place}>" for place in PLACES[name]}
    text = load(name).render(**values)
    assert all(value in text for value in values.values())
    assert "$" not in text


@given(st.text(), st.text())
def test_what_fills_a_place_is_taken_as_it_is(conversation: str, question: str) -> None:
    text = load("condense").render(conversation=conversation, question=question)
    assert conversation in text
    assert question in text
    assert len(text) == len(load("condense").render(conversation="", question="")) + len(conversation) + len(question)


@pytest.mark.parametrize("value", ["$question", "${question}", "{question}", "$$", "%s", "{0}", "\\1"])
def test_marks_of_places_in_values_mean_nothing(value: str) -> None:
    assert Prompt("p", "Asked: $asked.").render(asked=value) == f"Asked: {value}."


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="question"):
        load("condense").render(conversation="")


def test_a_value_without_a_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="the prompt answer has no place for language, tone"):
        load("answer").render(tone="kind", language="English")


def test_an_unknown_prompt_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        load("no such prompt")


def test_a_digest_changes_with_the_text_alone() -> None:
    assert Prompt("a", "text").digest == Prompt("b", "text").digest == "982d9e3eb996"
    assert Prompt("a", "text.").digest != Prompt("a", "text").digest
    assert len({load(name).digest for name in NAMES}) == len(NAMES)


def test_the_answer_prompt_teaches_what_the_parser_reads() -> None:
    """`bot.citing` looks for this tag, and the chain for this word."""
    for name in ("answer", "passages"):
        assert '<cite n="' in load(name).text
        assert "NOT_FOUND" in load(name).text
