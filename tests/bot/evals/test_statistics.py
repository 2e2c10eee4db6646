"""Intervals and tests, against scipy and hand-worked examples."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bot.evals import statistics
from bot.evals.confidence import mean


def test_the_interval_of_a_mean_agrees_with_scipy() -> None:
    values = np.random.default_rng(3).random(200)
    drawn = statistics.bootstrap({"mean": lambda w: mean(w, values)}, len(values))["mean"]
    theirs = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=9999, rng=1).confidence_interval
    assert statistics.interval(drawn) == pytest.approx((theirs.low, theirs.high), abs=0.006)


def test_the_same_sample_has_the_same_interval_every_time() -> None:
    values = np.arange(30.0)
    first, again = (statistics.bootstrap({"m": lambda w: mean(w, values)}, 30)["m"] for _ in range(2))
    assert (first == again).all()


def test_unscored_cases_take_no_part() -> None:
    values = np.array([1.0, np.nan, 0.0, np.nan, 1.0, 1.0])
    assert statistics.observed(lambda w: mean(w, values), 6) == 0.75
    drawn = statistics.bootstrap({"m": lambda w: mean(w, values)}, 6)["m"]
    assert statistics.interval(drawn) is not None


def test_a_statistic_that_seldom_has_a_value_has_no_interval() -> None:
    assert statistics.interval(np.array([np.nan, np.nan, np.nan, 0.5])) is None
    assert statistics.interval(np.empty(0)) is None


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_the_exact_binomial_test(better: int, worse: int) -> None:
    expected = stats.binomtest(better, better + worse).pvalue if better + worse else 1.0
    assert statistics.mcnemar(better, worse) == pytest.approx(expected)


def test_mcnemar_of_many_changes_is_finite() -> None:
    assert 0 <= statistics.mcnemar(4000, 6000) < 1e-80


def test_a_clear_difference_is_significant_and_none_is_not() -> None:
    differences = np.random.default_rng(5).normal(0.2, 0.5, 300)
    shifted = statistics.bootstrap({"d": lambda w: mean(w, differences)}, 300)["d"]
    assert statistics.bootstrap_p(shifted) < 0.01
    assert statistics.bootstrap_p(shifted - shifted.mean()) > 0.5
    assert statistics.bootstrap_p(np.zeros(2000)) == 1.0


def test_no_difference_is_found_about_as_often_as_promised() -> None:
    random = np.random.default_rng(11)
    found = 0
    for _ in range(200):
        statistic = partial(mean, values=random.normal(0, 1, 60))
        found += statistics.bootstrap_p(statistics.bootstrap({"d": statistic}, 60, 400)["d"]) < 0.05
    assert found / 200 < 0.11


def test_holm_of_a_worked_example() -> None:
    # Sorted 0.01, 0.02, 0.03, 0.2 times 4, 3, 2, 1, and never falling.
    assert statistics.holm([0.03, 0.01, 0.2, 0.02]) == pytest.approx([0.06, 0.04, 0.2, 0.06])
    assert statistics.holm([]) == []
