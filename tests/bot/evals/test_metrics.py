"""Metrics of one case, against hand-worked examples and trec_eval."""

import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from bot.evals import metrics

WORDS = st.lists(st.sampled_from(["the", "red", "fox", "now", "no", "9", "a.m.", "Moscow,", "—", ""]), max_size=8)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The Eiffel-Tower!", ["eiffeltower"]),
        ("  An  apple a day ", ["apple", "day"]),
        ("9 a.m. ET", ["9", "am", "et"]),
        ("Theatre and banana", ["theatre", "and", "banana"]),
        ("Россия — the Union", ["россия", "—", "union"]),
        ("the", []),
    ],
)
def test_normalised_as_the_squad_scripts_do(text: str, tokens: list[str]) -> None:
    assert metrics.normalised(text) == tokens


@pytest.mark.parametrize(
    ("answer", "accepted", "exact", "f1"),
    [
        ("Steve Witkoff", ["Steve Witkoff"], 1, 1),
        ("the Steve Witkoff.", ["steve witkoff"], 1, 1),
        ("envoy Steve Witkoff", ["Steve Witkoff"], 0, 0.8),  # P 2/3, R 2/2
        ("Moscow", ["in Moscow", "Moscow, Russia"], 0, 2 / 3),  # P 1, R 1/2 either way
        ("to be or to be", ["to be"], 0, 2 * 2 / 7),  # counts matter: 2 shared of 5 and 2
        ("", ["Moscow"], 0, 0),
        ("the", ["a"], 1, 1),
        ("Moscow", [], 0, 0),
    ],
)
def test_exact_match_and_f1_of_worked_examples(answer: str, accepted: list[str], exact: float, f1: float) -> None:
    assert metrics.exact_match(answer, accepted) == exact
    assert metrics.token_f1(answer, accepted) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("answer", "accepted", "contained"),
    [
        ("Nothing is known now.", ["no"], 0),
        ("No, he is not.", ["no"], 1),
        ("Yesterday he left", ["yes"], 0),
        ("It starts at 9 a.m. ET today", ["9 a.m. ET"], 1),
        ("It starts at 19 a.m.", ["9 a.m."], 0),
        ("Putin met Witkoff", ["Witkoff met Putin"], 0),
        ("He met the envoy in Moscow", ["envoy in Moscow"], 1),
        ("anything at all", ["The"], 0),
        ("", ["Moscow"], 0),
    ],
)
def test_an_answer_contains_whole_words_in_order(answer: str, accepted: list[str], contained: float) -> None:
    assert metrics.answer_contains(answer, accepted) == contained


@given(WORDS, st.lists(WORDS, min_size=1, max_size=3))
def test_an_exact_match_is_the_best_of_everything(answer: list[str], accepted: list[list[str]]) -> None:
    text, wanted = " ".join(answer), [" ".join(each) for each in accepted]
    exact, f1 = metrics.exact_match(text, wanted), metrics.token_f1(text, wanted)
    assert 0 <= exact <= f1 <= 1
    assert metrics.exact_match(text, [*wanted, text]) == 1
    if exact and metrics.normalised(text):
        assert metrics.answer_contains(text, wanted) == 1


def test_recall_counts_evidence_strings_once() -> None:
    assert metrics.recall([1, None, 4, 11], 3) == 0.25
    assert metrics.recall([1, None, 4, 11], 10) == 0.5


def test_ndcg_of_a_worked_example() -> None:
    # Relevant at ranks 2 and 4 of two: (1/log2(3) + 1/log2(5)) / (1 + 1/log2(3)).
    assert metrics.ndcg([False, True, False, True], 2) == pytest.approx((0.63093 + 0.43068) / 1.63093, abs=1e-5)


@given(st.lists(st.booleans(), min_size=1, max_size=15), st.integers(0, 5))
def test_ranking_metrics_agree_with_trec_eval(relevant: list[bool], missed: int) -> None:
    ids = [f"d{n}" for n in range(len(relevant))]
    judged = {name: int(good) for name, good in zip(ids, relevant, strict=True)}
    judged |= {f"missed{n}": 1 for n in range(missed)}
    total = sum(judged.values())
    if not total:
        return
    run = {name: float(len(ids) - n) for n, name in enumerate(ids[:10])}
    measures = {"recip_rank", "ndcg_cut_10", "recall_5"}
    theirs = pytrec_eval.RelevanceEvaluator({"q": judged}, measures).evaluate({"q": run})["q"]
    ranks: list[int | None] = [n for n, good in enumerate(relevant, start=1) if good]
    ranks += [None] * missed
    assert metrics.reciprocal_rank(relevant) == pytest.approx(theirs["recip_rank"])
    assert metrics.ndcg(relevant, total) == pytest.approx(theirs["ndcg_cut_10"])
    assert metrics.recall(ranks, 5) == pytest.approx(theirs["recall_5"])


def test_citation_precision_and_recall_of_a_worked_example() -> None:
    # Three sentences: one with a good and a bad citation, one with a good one, one with a bad one.
    statements = [[True, False], [True], [False]]
    assert metrics.citation_recall(statements) == pytest.approx(2 / 3)
    assert metrics.citation_precision(statements) == pytest.approx(2 / 4)
