"""Dense and lexical rankings are fused by reciprocal rank, in one order, and only what is live is found."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import index_sources
from index.library import Library
from index.search import RRF_K, fuse, search
from index.types import Match


def ranking(names: str) -> list[Match]:
    """Matches in the order of the letters; their scores play no part in the fusion."""
    return [Match(name, 100.0 - place) for place, name in enumerate(names)]


def test_the_fusion_of_two_rankings_by_hand() -> None:
    """With the rank constant 60: a and c are first and third, b second in both, d third in one."""
    assert fuse(ranking("abc"), ranking("cbd")) == pytest.approx(
        {"c": 1 / 61 + 1 / 63, "b": 2 / 62, "a": 1 / 61, "d": 1 / 63}
    )
    assert list(fuse(ranking("abc"), ranking("cbd"))) == ["c", "b", "a", "d"]
    assert RRF_K == 60


def test_nothing_fused_is_nothing() -> None:
    assert fuse() == fuse([], []) == {}


RANKING = st.lists(st.sampled_from("abcdefgh"), unique=True).map(lambda names: ranking("".join(names)))


@given(RANKING, RANKING)
def test_neither_ranking_comes_before_the_other(first: list[Match], second: list[Match]) -> None:
    assert list(fuse(first, second).items()) == list(fuse(second, first).items())


@given(RANKING, RANKING)
def test_every_id_is_there_once_best_first(first: list[Match], second: list[Match]) -> None:
    scores = fuse(first, second)
    assert set(scores) == {match.id for match in (*first, *second)}
    assert list(scores.items()) == sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    assert all(0 < score <= 2 / (RRF_K + 1) for score in scores.values())


@given(RANKING)
def test_a_ranking_fused_with_itself_keeps_its_order(one: list[Match]) -> None:
    assert list(fuse(one)) == list(fuse(one, one)) == [match.id for match in one]


@given(RANKING, RANKING)
def test_who_is_ahead_in_both_is_ahead(first: list[Match], second: list[Match]) -> None:
    places = [{match.id: place for place, match in enumerate(one)} for one in (first, second)]
    fused = list(fuse(first, second))
    both = [name for name in fused if all(name in place for place in places)]
    for ahead in both:
        for behind in both:
            if all(place[ahead] < place[behind] for place in places):
                assert fused.index(ahead) < fused.index(behind)


# In a library.


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who met Putin in Moscow?", "Steve Witkoff met final week with Putin in Moscow"),
        ("When is the call?", "1 p.m. GMT and three p.m. GMT"),
        ("How many square miles did Ukraine capture?", "500 sq. miles"),
        ("Zaporizhzhia", "Zaporizhzhia nuclear energy plant"),
        ("zelenskyy doubts that putin wants peace", "stays uncertain that Putin is prepared for peace"),
    ],
)
def test_the_passage_that_answers_is_among_the_first(seed_library: Library, question: str, words: str) -> None:
    assert any(words in ranked.passage.text for ranked in search(seed_library, question, 3).passages)


def test_a_search_gives_as_many_as_asked_for_best_first_with_their_scores(seed_library: Library) -> None:
    result = search(seed_library, "Who met Putin in Moscow?", 4)
    scores = [ranked.score for ranked in result.passages]
    assert len(scores) == 4
    assert scores == sorted(scores, reverse=True)
    best = result.passages[0]
    assert 0 < best.similarity <= 1
    assert best.lexical > 0
    assert result.query == "Who met Putin in Moscow?"
    assert list(result.timings_ms) == ["embed", "dense", "lexical", "fuse", "total"]


def test_the_same_question_gives_the_same_result(seed_library: Library) -> None:
    first, second = (search(seed_library, "What happened in Kursk?", 8).passages for _ in range(2))
    assert first == second


@pytest.mark.parametrize("question", ["", "?", "who the what", "𝕫😀", "x" * 10_000, "the \0 null", 'AND OR "'])
def test_any_question_can_be_asked(seed_library: Library, question: str) -> None:
    assert len(search(seed_library, question, 3).passages) == 3


def test_more_than_there_are_can_be_asked_for(seed_library: Library) -> None:
    assert len(search(seed_library, "Putin", 50_000).passages) == 10


def test_what_is_no_longer_in_the_catalogue_is_not_found(library: Library, tmp_path: Path) -> None:
    for name, text in (("a.txt", "Steve Witkoff met Putin."), ("b.txt", "Marco Rubio met Zelenskyy.")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    index_sources(library, [str(tmp_path)])
    library.catalog.remove([str(tmp_path / "a.txt")])
    assert [ranked.passage.text for ranked in search(library, "Who met Putin?", 5).passages] == [
        "Marco Rubio met Zelenskyy."
    ]
