"""Two runs pair by pair: what is significant, what is tolerated, what is refused, what is left out."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from scipy import stats

from bot.errors import BadInput
from bot.evals.changes import Change
from bot.evals.compare import Comparison, compare
from bot.evals.record import CaseSet, IndexFacts, JudgeFacts, Record, Row

MakeRow = Callable[..., Row]
MakeRecord = Callable[..., Record]


@pytest.fixture
def runs(make_row: MakeRow, make_record: MakeRecord) -> Callable[..., Comparison]:
    """Compares two runs given as lists of "is it correct", by case."""

    def compared(old: Sequence[float], new: Sequence[float], **options: object) -> Comparison:
        before, after = (
            make_record([make_row(f"c{n}", correct=value) for n, value in enumerate(run)]) for run in (old, new)
        )
        return compare(before, after, name="old.json", **options)  # type: ignore[arg-type]

    return compared


def change(found: Comparison, name: str) -> Change:
    return next(change for change in found.changes if change.name == name)


def test_the_same_run_twice_has_no_difference(runs: Callable[..., Comparison]) -> None:
    found = runs([1, 0, 1, 1], [1, 0, 1, 1])
    assert not found.regressions
    assert all(change.difference == 0 and change.p == 1 for change in found.changes)
    assert not found.better
    assert not found.worse


def test_a_significant_loss_is_a_regression_and_a_gain_is_not(runs: Callable[..., Comparison]) -> None:
    old, new = [1.0] * 60 + [0.0] * 40, [1.0] * 45 + [0.0] * 55
    found = runs(old, new)
    lost = change(found, "correct")
    assert lost.difference == pytest.approx(-0.15)
    assert lost.p == pytest.approx(stats.binomtest(0, 15).pvalue)
    assert "significant" in lost.regression
    assert lost.low is not None
    assert lost.low < -0.15 < (lost.high or 0) < 0
    assert [flip.id for flip in found.worse] == [f"c{n}" for n in range(45, 60)]
    gained = runs(new, old)
    assert not gained.regressions
    assert len(gained.better) == 15


def test_a_small_loss_is_tolerated_until_it_is_not(runs: Callable[..., Comparison]) -> None:
    old, new = [1.0] * 50, [0.0] * 2 + [1.0] * 48
    assert not runs(old, new).regressions
    strict = runs(old, new, tolerances={"f1": 0.03})
    assert [c.name for c in strict.regressions] == ["f1"]
    assert "over the tolerance of 0.03" in strict.regressions[0].regression
    assert runs(old, new, tolerances={"": 0.01}).regressions


def test_lower_is_better_where_it_is(make_row: MakeRow, make_record: MakeRecord) -> None:
    old = make_record([make_row(f"c{n}", ms=10) for n in range(20)])
    slow = make_record([make_row(f"c{n}", ms=500) for n in range(20)])
    found = compare(old, slow, name="old.json")
    assert change(found, "latency_p50").worse
    assert not found.regressions
    gated = compare(old, slow, name="old.json", tolerances={"latency_p50": 100.0})
    assert [c.name for c in gated.regressions] == ["latency_p50"]
    assert not change(compare(slow, old, name="old.json"), "latency_p50").worse


def test_failing_instead_of_answering_is_a_regression(make_row: MakeRow, make_record: MakeRecord) -> None:
    old = make_record([make_row(f"c{n}") for n in range(20)])
    failed = [make_row(f"c{n}", outcome="failed", correct="the question failed") for n in range(12)]
    found = compare(old, make_record([*failed, *old.rows[12:]]), name="old.json")
    assert [c.name for c in found.regressions] == ["failed"]
    assert change(found, "correct").pairs == 8
    assert change(found, "correct").unpaired == 12


def test_abstaining_worse_is_seen_over_all_cases(make_row: MakeRow, make_record: MakeRecord) -> None:
    def rows(sure: float) -> list[Row]:
        good = [make_row(f"y{n}", confidence=0.9) for n in range(30)]
        none = [
            make_row(f"n{n}", answerable=False, outcome="not_found", correct=1.0, confidence=sure) for n in range(30)
        ]
        return good + none

    found = compare(make_record(rows(0.1)), make_record(rows(0.95)), name="old.json")
    assert [c.name for c in found.regressions] == ["auroc"]
    assert (change(found, "auroc").old, change(found, "auroc").new) == (1.0, 0.0)


def test_other_cases_or_another_index_are_refused_unless_allowed(make_row: MakeRow, make_record: MakeRecord) -> None:
    old = make_record([make_row("a"), make_row("b")])
    cases = make_record([make_row("b"), make_row("c", correct=0.0)], cases=CaseSet("x", "another", 2))
    index = replace(old, index=IndexFacts("another", "other-embedder", 1, 20, old.index.sources))
    with pytest.raises(BadInput, match=r"case sets differ \(2 cases then, 2 now\)"):
        compare(old, cases, name="old.json")
    with pytest.raises(BadInput, match=r"indexes differ \(embedder: minilm then, other-embedder now"):
        compare(old, index, name="old.json")
    allowed = compare(old, cases, name="old.json", allow_different=True)
    assert (allowed.pairs, allowed.only_new, allowed.only_old) == (1, 1, 1)
    assert compare(old, index, name="old.json", allow_different=True).pairs == 2


def test_a_case_of_a_changed_source_is_stale_and_no_regression(make_row: MakeRow, make_record: MakeRecord) -> None:
    old = make_record([make_row(f"c{n}") for n in range(30)])
    worse = make_record([make_row(f"c{n}", correct=0.0) for n in range(30)])
    moved = replace(worse, index=replace(old.index, fingerprint="f2", sources={"a.txt": ["another digest"]}))
    found = compare(old, moved, name="old.json", allow_different=True)
    assert (found.pairs, len(found.stale)) == (0, 30)
    assert not found.changes
    assert not found.worse
    marked = make_record([make_row("c0", stale="a.txt has changed", correct="the case is stale"), *worse.rows[1:]])
    assert compare(old, marked, name="old.json").stale == ["c0"]


def test_a_case_asked_differently_is_not_a_pair(make_row: MakeRow, make_record: MakeRecord) -> None:
    old, new = make_record([make_row("a")]), make_record([make_row("a", question="Something else?")])
    assert compare(old, new, name="old.json", allow_different=True).pairs == 0


def test_judges_are_compared_only_if_they_are_the_same(make_row: MakeRow, make_record: MakeRecord) -> None:
    judge = JudgeFacts("judge-1", [], "digest", 3, 1, 1, 0, 3, 1.0)
    rows = [make_row("a", scores={"judge_correct": 1.0, "judge_supported": 1.0}, judgement={"verdicts": []})]
    old, new = make_record(rows, judge=judge), make_record(rows, judge=replace(judge, model="judge-2"))
    assert "judge_correct" in [c.name for c in compare(old, old, name="x").changes]
    other = compare(old, new, name="x")
    assert "judge_correct" not in [c.name for c in other.changes]
    assert any("another model or prompt" in line for line in other.differences)


def test_what_else_changed_is_named(make_row: MakeRow, make_record: MakeRecord) -> None:
    old = make_record([make_row("a")])
    setup = replace(old.setup, settings={"passages": 4}, prompts={"answer": "abc"}, commit="1" * 40)
    found = compare(old, replace(old, setup=setup), name="x").differences
    assert found == [f"commit: {'0' * 40} → {'1' * 40}", "setting passages: 8 → 4", "prompt answer: None → abc"]
