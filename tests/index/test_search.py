"""Dense and lexical scores are fused, in one order, and only what is live is found."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import index_sources
from index.library import Library
from index.search import WORDS_WEIGHT, fuse, search


def test_the_fusion_of_two_rankings_by_hand() -> None:
    """Seven tenths of the cosine and three of the share of the best BM25 score."""
    similarity, words = {"a": 0.6, "b": 0.5, "d": -0.1}, {"b": 12.0, "c": 24.0}
    assert fuse(similarity, words) == pytest.approx({"b": 0.35 + 0.15, "a": 0.42, "c": 0.3, "d": -0.07})
    assert list(fuse(similarity, words)) == ["b", "a", "c", "d"]
    assert WORDS_WEIGHT == 0.3


def test_nothing_fused_is_nothing() -> None:
    assert fuse({}, {}) == {}


NAMES = st.sampled_from("abcdefgh")
COSINES = st.dictionaries(NAMES, st.floats(-1, 1))
BM25 = st.dictionaries(NAMES, st.floats(0.01, 50))


@given(COSINES, BM25)
def test_every_id_is_there_once_best_first(similarity: dict[str, float], words: dict[str, float]) -> None:
    scores = fuse(similarity, words)
    assert set(scores) == set(similarity) | set(words)
    assert list(scores.items()) == sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    assert all(-1 <= score <= 1 for score in scores.values())


@given(COSINES, BM25, st.floats(0.1, 10))
def test_the_scale_of_bm25_makes_no_difference(
    similarity: dict[str, float], words: dict[str, float], scale: float
) -> None:
    assert fuse(similarity, {name: scale * score for name, score in words.items()}) == pytest.approx(
        fuse(similarity, words)
    )


@given(COSINES, BM25)
def test_who_is_ahead_in_both_is_ahead(similarity: dict[str, float], words: dict[str, float]) -> None:
    fused = list(fuse(similarity, words))
    both = sorted(set(similarity) & set(words))
    for ahead in both:
        for behind in both:
            if similarity[ahead] > similarity[behind] + 1e-6 and words[ahead] >= words[behind]:
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


def test_what_only_its_words_find_has_its_cosine_too(library: Library, tmp_path: Path) -> None:
    """Forty passages are nearer to the question than the one with the name in it."""
    for number in range(40):
        (tmp_path / f"{number:02}.txt").write_text(f"Who met whom in Moscow on day {number}?", encoding="utf-8")
    named = "Item 7: Zaporizhzhia, 12 boxes of screws, paid."
    (tmp_path / "named.txt").write_text(named, encoding="utf-8")
    index_sources(library, [str(tmp_path)])
    question = "Who met whom in Moscow about Zaporizhzhia?"
    vector = library.embed_question(question)
    assert named not in {
        library.catalog.passages([match.id])[match.id].text for match in library.vectors.nearest(vector, 30)
    }
    [found] = [ranked for ranked in search(library, question, 15).passages if ranked.passage.text == named]
    assert found.similarity == pytest.approx(float(vector @ library.embedder.embed([named])[0]), abs=1e-5)
    assert found.lexical > 0


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
