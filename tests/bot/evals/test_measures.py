"""The numbers of a run follow from its rows; what has no number is counted with its reason."""

from collections.abc import Callable

import pytest

from bot.evals import scoring
from bot.evals.cases import Case
from bot.evals.catalogue import BY_NAME, MEASURES
from bot.evals.measures import NO_ANSWERABLE, NO_UNANSWERABLE, by_tag, latency, summarise
from bot.evals.record import Row

MakeRow = Callable[..., Row]


def test_every_case_is_scored_or_counted_with_its_reason(make_row: MakeRow) -> None:
    rows = [
        make_row("a"),
        make_row("b", correct=0.0),
        make_row("c", outcome="not_found", correct=0.0),
        make_row("d", answerable=False, outcome="not_found"),
        make_row("e", outcome="failed", correct=scoring.FAILED),
        make_row("f", stale="changed", correct=scoring.STALE),
    ]
    summary = summarise(rows)
    assert all(found.scored + sum(found.unscored.values()) == len(rows) for found in summary.values())
    assert summary["correct"].value == 0.5
    assert summary["f1"].unscored == {
        scoring.UNANSWERABLE: 1,
        scoring.FAILED: 1,
        scoring.STALE: 1,
    }
    assert summary["abstention_precision"].value == 0.5
    assert summary["abstention_recall"].value == 1.0
    assert summary["aurc"].scored == 2
    assert summary["failed"].value == 0.2
    assert summary["latency_p50"].scored == 5


@pytest.mark.parametrize(("answerable", "reason"), [(True, NO_UNANSWERABLE), (False, NO_ANSWERABLE)])
def test_abstention_is_unscored_where_all_cases_are_of_one_kind(
    make_row: MakeRow, reason: str, *, answerable: bool
) -> None:
    rows = [make_row(f"c{n}", answerable=answerable, outcome="not_found", correct=0.0) for n in range(3)]
    summary = summarise(rows)
    for name in ("abstention_precision", "abstention_recall", "abstention_f1", "auroc"):
        assert (summary[name].value, summary[name].low, summary[name].scored) == (None, None, 0)
        assert summary[name].unscored == {reason: 3}


def test_an_interval_holds_its_value(make_row: MakeRow) -> None:
    rows = [make_row(f"c{n}", correct=float(n % 3 > 0), confidence=n / 30, ms=n + 1) for n in range(30)]
    rows += [make_row(f"n{n}", answerable=False, outcome="not_found", confidence=n / 30) for n in range(9)]
    for name, found in summarise(rows).items():
        assert found.value is not None, name
        assert found.low is not None, name
        assert found.high is not None, name
        assert found.low <= found.value <= found.high, name


def test_cost_is_known_only_with_a_price(make_row: MakeRow) -> None:
    rows = [make_row("a", tokens=1000), make_row("b", tokens=3000)]
    assert summarise(rows, (1.0, 10.0))["cost"].value == pytest.approx((4000 * 1 + 400 * 10) / 1e6 / 2)
    unknown = summarise(rows)["cost"]
    assert (unknown.value, unknown.unscored) == (None, {"the price of the model is not known": 2})
    assert summarise([make_row("a")])["cost"].value == 0.0


def test_latency_leaves_out_what_failed(make_row: MakeRow) -> None:
    rows = [make_row(f"c{n}", ms=n) for n in range(1, 101)]
    found = latency([*rows, make_row("f", outcome="failed", correct=scoring.FAILED)])
    assert found["total"] == {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "mean": 50.5}
    assert list(found) == ["condense", "retrieve", "generate", "verify", "total"]
    assert latency([]) == {}


def test_tags_have_their_own_share(make_row: MakeRow, seed_cases: list[Case]) -> None:
    rows = [make_row("a", case=seed_cases[0]), make_row("b", case=seed_cases[0], correct=0.0)]
    assert by_tag(rows)["factoid"] == {"cases": 2, "scored": 2, "correct": 0.5}


def test_every_measure_has_a_name_of_its_own_and_a_meaning() -> None:
    assert len(BY_NAME) == len(MEASURES)
    assert all(measure.meaning and measure.label for measure in MEASURES)
    assert set(scoring.PER_CASE) <= set(BY_NAME)
