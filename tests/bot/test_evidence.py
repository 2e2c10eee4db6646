"""Passages are ranked by all that speaks for them, and the best one's answer is judged."""

import json
from collections.abc import Sequence
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import signals
from bot.evidence import Logistic, weigh
from index.library import Library
from index.reader import Reader, Reading
from index.search import search
from index.types import Passage, RankedPassage

NUMBERS = st.floats(-50, 50)


def made(text: str, similarity: float, lexical: float, name: str = "p") -> RankedPassage:
    return RankedPassage(Passage(name, 1, "a.txt", "A", 0, 0, len(text), text), 0.1, similarity, lexical)


def test_the_models_weigh_signals_that_exist() -> None:
    fitted = json.loads((resources.files("bot") / "evidence.json").read_text(encoding="utf-8"))
    assert set(fitted["ranking"]["weights"]) == set(signals.Ranking._fields)
    assert set(fitted["trust"]["weights"]) == set(signals.Trust._fields)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_a_logit_is_the_weighted_sum(bias: float, margin: float, weight: float, similarity: float) -> None:
    model = Logistic(bias, {"margin": weight, "similarity": 2.0})
    wanted = bias + weight * margin + 2.0 * similarity
    assert model.logit(signals.Ranking(margin, similarity, 1.0)) == pytest.approx(wanted, abs=1e-9)


def test_no_passages_prove_nothing(reader: Reader) -> None:
    findings = weigh(reader, "Who?", [])
    assert (findings.evidence, findings.confidence) == ((), 0.0)


def test_of_passages_that_the_reader_likes_the_one_on_the_topic_comes_first(reader: Reader) -> None:
    text = "The mayor of the town is Ann Lee."
    found = [made(text, 0.1, 0.0, "far"), made(text, 0.7, 5.0, "near")]
    assert [item.found.passage.id for item in weigh(reader, "Who is the mayor?", found).evidence] == ["near", "far"]


def test_an_answered_question_is_trusted_more_than_one_about_somebody_else(
    seed_library: Library, reader: Reader
) -> None:
    asked = ("Who met Putin in Moscow last week?", "Who met Angela Merkel in Lisbon last week?")
    known, unknown = (weigh(reader, question, search(seed_library, question, 8).passages) for question in asked)
    assert 0 <= unknown.confidence < known.confidence <= 1


def test_a_passage_without_words_to_read_is_no_error(reader: Reader) -> None:
    assert weigh(reader, "Who?", [made("", 0.0, 0.0), made(" ", 0.0, 0.0)]).confidence < 0.5


def test_a_second_passage_that_is_level_speaks_too(reader: Reader) -> None:
    texts = ("The mayor of the town is Ann Lee.", "Ann Lee was elected mayor of the town in May.")
    both = weigh(reader, "Who is the mayor of the town?", [made(text, 0.6, 5.0, text[:3]) for text in texts])
    assert both.quoted == 2
    apart = weigh(
        reader, "Who is the mayor of the town?", [made(texts[0], 0.9, 5.0, "a"), made(texts[1], 0.2, 1.0, "b")]
    )
    assert apart.quoted == 1
    assert weigh(reader, "Who is the mayor of the town?", [made(texts[0], 0.9, 5.0)]).quoted == 1


class Counting(Reader):
    """Remembers nothing and counts the passages it reads."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader
        self.texts: list[str] = []

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        self.texts += texts
        return self._reader.read(question, texts)


def test_a_passage_that_could_not_come_first_is_not_read(reader: Reader) -> None:
    text = "The mayor of the town is Ann Lee."
    found = [made(text, 0.8, 5.0, "a"), made("It rains.", 0.7, 4.0, "b"), made("Buses run.", 0.1, 0.0, "c")]
    counting = Counting(reader)
    findings = weigh(counting, "Who is the mayor of the town?", found)
    assert "Buses run." not in counting.texts
    assert [item.found.passage.id for item in findings.evidence] == ["a", "b", "c"]
    assert [item.reading is not None for item in findings.evidence] == [True, True, False]


@given(st.data())
def test_reading_all_passages_would_put_the_same_one_first(reader: Reader, data: st.DataObject) -> None:
    texts = ["The mayor of the town is Ann Lee.", "It rains.", "Who is the mayor?", "A town has 12 mayors.", ""]
    scores = st.tuples(st.sampled_from(texts), st.floats(-0.2, 1), st.floats(0, 20))
    drawn = data.draw(st.lists(scores, min_size=1, max_size=8))
    found = [made(text, similarity, lexical, str(n)) for n, (text, similarity, lexical) in enumerate(drawn)]
    fitted = json.loads((resources.files("bot") / "evidence.json").read_text(encoding="utf-8"))["ranking"]
    model = Logistic(fitted["bias"], fitted["weights"])
    best = max(each.lexical for each in found)
    readings = reader.read("Who is the mayor?", [each.passage.text for each in found])
    pairs = zip(found, readings, strict=True)
    highest = max(model.logit(signals.ranking(each, reading.margin, best)) for each, reading in pairs)
    first = weigh(reader, "Who is the mayor?", found).evidence[0]
    assert first.reading is not None
    assert model.logit(signals.ranking(first.found, first.reading.margin, best)) == highest
