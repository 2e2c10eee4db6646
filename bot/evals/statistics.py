"""How sure a number is: bootstrap intervals, paired differences, exact McNemar, and Holm's correction.

Every statistic is a function of weights, an array of shape (resamples, cases): how often each case was drawn. All
ones is the sample itself. So a metric has one definition, for its value and for its interval.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Statistic = Callable[[Values], Values]
"""Weights of shape (resamples, cases) -> one number a resample; NaN where it has no value."""

RESAMPLES = 1000
LEVEL = 0.95
_SEED = 20261122
_ROWS = 100
"""Resamples held at a time: 10,000 cases take 8 MB."""


def observed(statistic: Statistic, cases: int) -> float:
    """The statistic of the sample itself."""
    return float(statistic(np.ones((1, cases)))[0]) if cases else math.nan


def bootstrap(statistics: Mapping[str, Statistic], cases: int, resamples: int = RESAMPLES) -> dict[str, Values]:
    """The bootstrap distribution of each statistic, shape (resamples,): cases drawn with replacement, fixed seed.

    All statistics see the same draws, so their differences are paired. Source: Efron and Tibshirani, "An
    Introduction to the Bootstrap", 1993, chapter 6.
    """
    drawn: dict[str, list[Values]] = {name: [] for name in statistics}
    for weights in _draws(cases, resamples):
        for name, statistic in statistics.items():
            drawn[name].append(statistic(weights))
    return {name: np.concatenate(parts) if parts else np.empty(0) for name, parts in drawn.items()}


def interval(distribution: Values, level: float = LEVEL) -> tuple[float, float] | None:
    """The percentile interval; None where too few resamples gave a value to tell."""
    known = distribution[~np.isnan(distribution)]
    if len(known) < len(distribution) / 2 or not len(known):
        return None
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bootstrap_p(differences: Values) -> float:
    """Two-sided p of "no difference" from the bootstrap distribution of a paired difference.

    Twice the share of resamples on the far side of zero, with one added to both counts so that it is never 0
    (Davison and Hinkley, "Bootstrap Methods and their Application", 1997, section 4.4).
    """
    known = differences[~np.isnan(differences)]
    if not len(known):
        return 1.0
    below = (1 + int((known <= 0).sum())) / (1 + len(known))
    above = (1 + int((known >= 0).sum())) / (1 + len(known))
    return min(1.0, 2 * min(below, above))


def mcnemar(better: int, worse: int) -> float:
    """Two-sided exact p that `better` and `worse`, the pairs that changed, are a fair coin's heads and tails.

    min(1, 2 * sum over i up to min(better, worse) of C(n, i) / 2^n, with n = better + worse). Source: McNemar,
    Psychometrika 12, 1947, in the exact binomial form.
    """
    changed = better + worse
    term = tail = 1
    for i in range(1, min(better, worse) + 1):
        term = term * (changed - i + 1) // i
        tail += term
    return float(min(1.0, 2 * tail / 2**changed))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values adjusted for their number, so that looking at many metrics does not find a change by chance.

    The i-th smallest of m, from 0, is multiplied by m - i, and none is below one that was smaller. Source: Holm,
    Scandinavian Journal of Statistics 6, 1979.
    """
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for place, n in enumerate(sorted(range(len(p_values)), key=lambda n: p_values[n])):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[n]))
        adjusted[n] = highest
    return adjusted


def _draws(cases: int, resamples: int) -> Iterator[Values]:
    random = np.random.default_rng(_SEED)
    for start in range(0, resamples if cases else 0, _ROWS):
        rows = min(_ROWS, resamples - start)
        picks = random.integers(0, cases, (rows, cases)) + cases * np.arange(rows)[:, None]
        yield np.bincount(picks.ravel(), minlength=rows * cases).reshape(rows, cases).astype(np.float64)
