"""What speaks for a passage and for its answer."""

import pytest

from bot.signals import Answered, Ranking, Trust, answering_sentences, ranking, trust
from index.reader import Reading
from index.types import Passage, RankedPassage

TEXT = "The court met in May. It has nine judges from Denmark. Nobody else may vote."
BEST = Ranking(margin=2.0, similarity=0.6, words=1.0)


def passage(text: str = TEXT, title: str = "The European Court") -> Passage:
    return Passage("p1", 1, "court.txt", title, 0, 0, len(text), text)


def reading(words: str, text: str = TEXT) -> Reading:
    start = text.index(words)
    return Reading(start, start + len(words), margin=2.0)


def judged(question: str, words: str = "nine judges", others: tuple[float, ...] = ()) -> Trust:
    return trust(question, Answered(passage(), reading(words), BEST, sentence_margin=1.0), others)


def test_words_are_weighed_as_a_share_of_the_best_score() -> None:
    found = RankedPassage(passage(), score=0.1, similarity=0.4, lexical=3.0)
    assert ranking(found, 1.0, best_lexical=6.0) == Ranking(1.0, 0.4, 0.5)
    assert ranking(found, 1.0, best_lexical=0.0).words == 0.0


def test_a_passage_without_text_is_as_good_as_any_hopeless_one() -> None:
    found = RankedPassage(passage(""), score=0.1, similarity=0.4, lexical=0.0)
    assert ranking(found, float("-inf"), 1.0).margin == -20.0


def test_an_answer_is_the_whole_sentences_that_its_span_touches() -> None:
    assert TEXT[slice(*answering_sentences(TEXT, reading("nine")))].strip() == "It has nine judges from Denmark."
    across = TEXT[slice(*answering_sentences(TEXT, reading("Denmark. Nobody")))]
    assert across == "It has nine judges from Denmark. Nobody else may vote."
    assert answering_sentences("", Reading(0, 0, margin=0.0)) == (0, 0)


def test_names_and_quantities_that_only_the_question_has_are_counted() -> None:
    assert judged("How many judges of Denmark meet in May?").lacks_names == 0
    assert judged("How many judges of Sweden and Norway are there?").lacks_names == 2
    assert judged("Who are the nine judges?").lacks_quantities == 0
    assert judged("Who are the 12 judges?").lacks_quantities == 1


@pytest.mark.parametrize(
    ("question", "words", "missed"),
    [
        ("How many judges are there?", "nine judges", 0),
        ("How many judges are there?", "Denmark", 1),
        ("how much does it cost", "Nobody", 1),
        ("Why is that?", "Nobody", 0),
    ],
)
def test_a_span_without_a_number_does_not_say_how_many(question: str, words: str, missed: int) -> None:
    assert judged(question, words).no_count == missed


def test_the_lead_is_the_distance_to_the_most_similar_of_the_others() -> None:
    ahead = judged("Who?", others=(0.7, 0.2))
    assert ahead.similarity_lead == pytest.approx(-0.1)
    assert judged("Who?").similarity_lead == 0.0
