"""Metrics of a run, against hand-worked examples, scipy and numpy. Weights are how often a case was drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bot.evals import confidence
from bot.evals.confidence import Places
from bot.evals.statistics import Statistic, Values, observed

SCORES = st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.5, 0.5, 0.9])), min_size=2, max_size=20)


def value(statistic: Statistic, cases: int) -> float:
    return observed(statistic, cases)


def test_abstention_of_a_worked_example() -> None:
    should = np.array([True, True, True, False, False, False])
    did = np.array([True, True, False, True, False, False])
    assert value(lambda w: confidence.abstention_precision(w, should, did), 6) == pytest.approx(2 / 3)
    assert value(lambda w: confidence.abstention_recall(w, should, did), 6) == pytest.approx(2 / 3)
    assert value(lambda w: confidence.abstention_f1(w, should, did), 6) == pytest.approx(2 / 3)


def test_abstaining_never_has_no_precision() -> None:
    should, did = np.array([True, False]), np.array([False, False])
    assert np.isnan(value(lambda w: confidence.abstention_precision(w, should, did), 2))
    assert value(lambda w: confidence.abstention_recall(w, should, did), 2) == 0


@given(SCORES)
def test_auroc_is_the_mann_whitney_statistic(pairs: list[tuple[bool, float]]) -> None:
    answerable = np.array([good for good, _ in pairs])
    sure = np.array([score for _, score in pairs])
    ours = value(lambda w: confidence.auroc(w, answerable, sure), len(pairs))
    if answerable.all() or not answerable.any():
        assert np.isnan(ours)
    else:
        wins = stats.mannwhitneyu(sure[answerable], sure[~answerable]).statistic
        assert ours == pytest.approx(wins / (answerable.sum() * (~answerable).sum()))


def test_risk_coverage_of_a_worked_example() -> None:
    # From sure to unsure: right, wrong, right, wrong; one case unanswered. Risks 0, 1/2, 1/3, 1/2.
    wrong = np.array([1.0, 0.0, np.nan, 1.0, 0.0])
    sure = np.array([0.2, 0.9, 0.1, 0.7, 0.5])
    curve = confidence.risk_coverage(wrong, sure, 5)
    assert curve.coverage.tolist() == [0.2, 0.4, 0.6, 0.8]
    assert curve.risk == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert value(lambda w: confidence.aurc(w, wrong, sure), 5) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_cases_of_equal_confidence_count_as_in_random_order() -> None:
    wrong, sure = np.array([1.0, 0.0, 0.0, 1.0]), np.full(4, 0.5)
    assert value(lambda w: confidence.aurc(w, wrong, sure), 4) == 0.5
    assert value(lambda w: confidence.aurc(w, wrong[::-1].copy(), sure), 4) == 0.5


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_percentiles_agree_with_numpy(numbers: list[int], share: float) -> None:
    values = np.array(numbers, dtype=np.float64)
    ours = value(lambda w: confidence.percentile(w, values, share), len(values))
    assert ours == np.quantile(values, share, method="inverted_cdf")


@given(SCORES, st.data())
def test_a_weight_is_a_number_of_copies(pairs: list[tuple[bool, float]], data: st.DataObject) -> None:
    counts = data.draw(st.lists(st.integers(0, 3), min_size=len(pairs), max_size=len(pairs)))
    flags, sure = np.array([good for good, _ in pairs]), np.array([score for _, score in pairs])
    did = sure < 0.4
    weights = np.array([counts], dtype=np.float64)
    copied = np.repeat(np.arange(len(pairs)), counts)
    if not len(copied):
        return

    def everything(w: Values, of: Places) -> list[float]:
        wrong = (~flags[of]).astype(np.float64)
        return [
            float(found[0])
            for found in (
                confidence.mean(w, wrong),
                confidence.percentile(w, sure[of], 0.9),
                confidence.abstention_f1(w, flags[of], did[of]),
                confidence.auroc(w, flags[of], sure[of]),
                confidence.aurc(w, wrong, sure[of]),
            )
        ]

    weighted = everything(weights, np.arange(len(pairs)))
    repeated = everything(np.ones((1, len(copied))), copied)
    assert weighted == pytest.approx(repeated, nan_ok=True)
