"""What is read says something new each time, and one document does not crowd out the rest."""

from collections import Counter
from math import ceil
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from index.build import index_sources
from index.library import Library
from index.search import search
from index.selecting import distinct, select
from index.types import Passage, RankedPassage


def found(document: int, text: str) -> RankedPassage:
    passage = Passage(f"{document}-{text}", document, f"{document}.txt", "", 0, 0, len(text), text)
    return RankedPassage(passage, score=1.0, similarity=0.5, lexical=1.0)


def texts(ranked: list[RankedPassage]) -> list[str]:
    return [one.passage.text for one in ranked]


RANKED = st.lists(st.tuples(st.integers(1, 4), st.text("abc é", min_size=1, max_size=6)), max_size=20).map(
    lambda pairs: [found(*pair) for pair in pairs]
)


def test_the_same_words_are_read_once() -> None:
    ranked = [found(1, "The envoy met Putin."), found(2, " the ENVOY met\nPutin. "), found(3, "The envoy left.")]
    assert texts(distinct(ranked)) == ["The envoy met Putin.", "The envoy left."]


def test_a_passage_within_a_better_one_is_not_read_again() -> None:
    ranked = [found(1, "It rained. The envoy met Putin. He left."), found(2, "The envoy met Putin.")]
    assert distinct(ranked) == ranked[:1]


def test_a_passage_that_says_more_than_a_better_one_is_read() -> None:
    ranked = [found(2, "The envoy met Putin."), found(1, "It rained. The envoy met Putin. He left.")]
    assert distinct(ranked) == ranked


def test_half_a_word_is_not_a_word() -> None:
    ranked = [found(1, "The envoys met."), found(2, "envoy"), found(3, "met.")]
    assert texts(distinct(ranked)) == ["The envoys met.", "envoy"]


def test_the_accent_as_a_character_of_its_own_makes_no_difference() -> None:
    assert len(distinct([found(1, "Caf\u00e9"), found(2, "Cafe\u0301")])) == 1


def test_a_long_document_leaves_a_quarter_of_the_places_to_others() -> None:
    ranked = [*(found(1, f"long {n}") for n in range(8)), *(found(n, f"short {n}") for n in (2, 3, 4))]
    assert texts(select(ranked, 8)) == [*(f"long {n}" for n in range(6)), "short 2", "short 3"]
    assert texts(select(ranked, 4, share=0.5)) == ["long 0", "long 1", "short 2", "short 3"]


def test_a_document_alone_takes_every_place() -> None:
    ranked = [found(1, f"passage {n}") for n in range(9)]
    assert select(ranked, 8) == ranked[:8]


def test_places_that_others_leave_go_to_the_long_document() -> None:
    ranked = [*(found(1, f"long {n}") for n in range(8)), found(2, "short")]
    assert texts(select(ranked, 5)) == ["long 0", "long 1", "long 2", "long 3", "short"]
    assert texts(select(ranked, 6)) == ["long 0", "long 1", "long 2", "long 3", "long 4", "short"]
    assert texts(select(ranked, 8)) == [*(f"long {n}" for n in range(6)), "short", "long 6"]


@given(RANKED, st.integers(1, 9))
def test_no_place_stays_empty_and_nothing_is_there_twice(ranked: list[RankedPassage], count: int) -> None:
    chosen = select(ranked, count)
    assert len(chosen) == min(count, len(distinct(ranked)))
    assert distinct(chosen) == chosen
    assert chosen[:1] == ranked[:1]


@given(RANKED, st.integers(1, 9), st.sampled_from([0.25, 0.5, 0.75]))
def test_no_document_has_more_than_its_share_while_others_last(
    ranked: list[RankedPassage], count: int, share: float
) -> None:
    most = ceil(share * count)
    left = Counter(one.passage.document_id for one in distinct(ranked))
    taken = Counter(one.passage.document_id for one in select(ranked, count, share))
    if max(taken.values(), default=0) > most:
        assert all(taken[document] >= min(left[document], most) for document in left)


@given(RANKED, st.integers(1, 9))
def test_a_document_keeps_its_own_order(ranked: list[RankedPassage], count: int) -> None:
    chosen = select(ranked, count)
    for document in {one.passage.document_id for one in chosen}:
        own = [one for one in distinct(ranked) if one.passage.document_id == document]
        assert (
            [one for one in own if one in chosen]
            == [one for one in chosen if one.passage.document_id == document]
            == own[: sum(one in chosen for one in own)]
        )


def test_a_copy_of_a_document_takes_no_second_place(library: Library, tmp_path: Path) -> None:
    article = "Steve Witkoff met Putin in Moscow last week.\n\nMarco Rubio stayed in Jeddah."
    for name, text in (("a.txt", article), ("b.txt", article.upper()), ("c.txt", "Whisk two eggs with the sugar.")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    index_sources(library, [str(tmp_path)])
    result = search(library, "Who met Putin?", 5).passages
    assert len(result) == 2
    assert result[0].passage.source.endswith(("a.txt", "b.txt"))
