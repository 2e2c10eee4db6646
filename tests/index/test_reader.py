"""The reader finds the span that answers, in the text's own characters, or says that there is none."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.reader import Reader

QUESTION = "Who met with Putin in Moscow?"
ANSWER = "Special envoy Steve Witkoff met last week with Putin in Moscow to discuss the proposal."
OTHER = "The plant produces almost a quarter of the country's electrical energy."


@pytest.mark.parametrize(
    ("question", "text", "span"),
    [
        (QUESTION, ANSWER, "Steve Witkoff"),
        ("When did Witkoff meet Putin?", ANSWER, "last week"),
        ("How much of the energy does the plant produce?", OTHER, "almost a quarter"),
    ],
)
def test_the_answer_is_found_in_the_text(reader: Reader, question: str, text: str, span: str) -> None:
    [reading] = reader.read(question, [text])
    assert span in text[reading.start : reading.end]
    assert reading.margin > 0


def test_a_text_without_the_answer_has_a_lower_margin(reader: Reader) -> None:
    with_answer, without = reader.read(QUESTION, [ANSWER, OTHER])
    assert with_answer.margin > 0 > without.margin


def test_a_reading_does_not_depend_on_the_texts_beside_it(reader: Reader) -> None:
    alone = Reader().read(QUESTION, [ANSWER])
    assert reader.read(QUESTION, [OTHER, ANSWER * 3, ANSWER])[2:] == alone


def test_offsets_count_characters_not_bytes(reader: Reader) -> None:
    text = "😀 𝕫 Ünïcödé: " + ANSWER
    [reading] = reader.read(QUESTION, [text])
    assert "Witkoff" in text[reading.start : reading.end]


def test_nothing_read_is_no_answer(reader: Reader) -> None:
    assert reader.read(QUESTION, []) == []
    assert [reading.margin for reading in reader.read(QUESTION, ["", " \n"])] == [float("-inf")] * 2


def test_of_an_overlong_question_the_end_is_read(reader: Reader) -> None:
    questions = (filler * 50 + "well " * 90 + QUESTION for filler in ("apple ", "pear "))
    first, second = (reader.read(question, [ANSWER]) for question in questions)
    assert first == second


def test_of_an_overlong_text_the_start_is_read(reader: Reader) -> None:
    text = ANSWER + " word" * 400
    first, second = reader.read(QUESTION, [text, text + " and something else"])
    assert first == second
    assert "Witkoff" in text[first.start : first.end]


@given(st.text(max_size=40), st.lists(st.text(max_size=80), max_size=3))
@settings(max_examples=25, deadline=None)
def test_a_span_lies_within_its_text(question: str, texts: list[str]) -> None:
    readings = READER.read(question, texts)
    assert len(readings) == len(texts)
    assert all(0 <= reading.start <= reading.end <= len(text) for reading, text in zip(readings, texts, strict=True))


READER = Reader()


def test_threads_read_the_same_while_what_is_remembered_is_thrown_away(reader: Reader) -> None:
    forgetful = Reader(remembered=1)
    texts = [[ANSWER, f"Number {number}."] for number in range(40)]
    with ThreadPoolExecutor(4) as threads:
        readings = list(threads.map(forgetful.read, [QUESTION] * 40, texts))
    assert [reading for reading, _ in readings] == reader.read(QUESTION, [ANSWER]) * 40


def test_a_text_is_read_once_for_a_question(reader: Reader) -> None:
    first, second = reader.read(QUESTION, [ANSWER, ANSWER])
    assert first is second
    assert reader.read(QUESTION, [ANSWER])[0] is first
    assert reader.read("Who?", [ANSWER])[0] is not first
