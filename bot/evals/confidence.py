"""Metrics of a whole run: means, percentiles, and how well it knows when to abstain.

All are statistics in the sense of `bot.evals.statistics`: functions of weights, shape (resamples, cases), and of
one value a case. NaN in a value means that the case is not scored; it takes no part.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.evals.statistics import Values

Flags = NDArray[np.bool_]
Places = NDArray[np.intp]


class Curve(NamedTuple):
    """A risk–coverage curve: the share of cases answered, and of those the share that is wrong."""

    coverage: Values
    risk: Values


def mean(weights: Values, values: Values) -> Values:
    """The mean of the scored cases."""
    scored = ~np.isnan(values)
    if scored.all():
        return _ratio(_sums(weights, values), weights.sum(axis=1))
    return _ratio(_sums(weights, np.where(scored, values, 0.0)), _sums(weights, scored))


def percentile(weights: Values, values: Values, share: float) -> Values:
    """The smallest value that at least `share` of the cases do not exceed (the nearest-rank percentile)."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[:, order], axis=1)
    return np.asarray(values[order][(reached >= share * reached[:, -1:]).argmax(axis=1)], dtype=np.float64)


def abstention_precision(weights: Values, should: Flags, did: Flags) -> Values:
    """Of the questions it abstained from, the share that has no answer: TP / (TP + FP), abstaining being positive."""
    return _ratio(_sums(weights, should & did), _sums(weights, did))


def abstention_recall(weights: Values, should: Flags, did: Flags) -> Values:
    """Of the questions without an answer, the share it abstained from: TP / (TP + FN)."""
    return _ratio(_sums(weights, should & did), _sums(weights, should))


def abstention_f1(weights: Values, should: Flags, did: Flags) -> Values:
    """The harmonic mean of abstention precision and recall: 2TP / (2TP + FP + FN). Source: van Rijsbergen, 1979."""
    either = should.astype(np.float64) + did.astype(np.float64)
    return _ratio(2 * (_sums(weights, should & did)), _sums(weights, either))


def auroc(weights: Values, answerable: Flags, confidence: Values) -> Values:
    """The chance that a question with an answer gets a higher confidence than one without; ties count half.

    The area under the ROC curve, as the Mann–Whitney statistic (Fawcett, Pattern Recognition Letters 27, 2006).
    """
    order = np.argsort(confidence, kind="stable")
    weights, positive = weights[:, order], answerable[order]
    starts, ends = _ties(confidence[order])
    negatives = np.concatenate([np.zeros((len(weights), 1)), np.cumsum(weights * ~positive, axis=1)], axis=1)
    lower_and_half_of_ties = (negatives[:, starts] + negatives[:, ends]) / 2
    wins = (weights * positive * lower_and_half_of_ties).sum(axis=1)
    return _ratio(wins, (_sums(weights, positive)) * negatives[:, -1])


def aurc(weights: Values, wrong: Values, confidence: Values) -> Values:
    """The area under the risk–coverage curve of the answered cases, over the coverage reached: the mean selective risk.

    `wrong` is 1 for a wrong answer, 0 for a right one, NaN where no answer was given. Lower is better: errors
    should come last when answers are ordered by confidence. Cases of equal confidence count as in random order.
    Source: Geifman, Uziel and El-Yaniv, "Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers", ICLR 2019.
    """
    answered = ~np.isnan(wrong)
    if not answered.any():
        return np.full(len(weights), np.nan)
    drawn, errors = _by_confidence(weights[:, answered], wrong[answered], confidence[answered])
    before, errors_before = np.cumsum(drawn, axis=1) - drawn, np.cumsum(errors, axis=1) - errors
    rate = np.nan_to_num(_ratio(errors, drawn))
    # After j of a group's n cases the risk is (E + j r) / (N + j); its sum over j has this closed form.
    total = drawn.sum(axis=1)
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, int(total.max(initial=0)) + 1))])
    spread = harmonic[(before + drawn).astype(np.intp)] - harmonic[before.astype(np.intp)]
    return _ratio((errors + (errors_before - before * rate) * spread).sum(axis=1), total)


def risk_coverage(wrong: Values, confidence: Values, cases: int) -> Curve:
    """The risk–coverage curve of one run. Coverage is of all `cases`, so it ends at the share that was answered."""
    answered = ~np.isnan(wrong)
    count = int(answered.sum())
    if not count:
        return Curve(np.empty(0), np.empty(0))
    drawn, errors = (each[0] for each in _by_confidence(np.ones((1, count)), wrong[answered], confidence[answered]))
    so_far = np.cumsum(np.repeat(errors / drawn, drawn.astype(np.intp)))
    reached = np.arange(1, count + 1)
    return Curve(reached / cases, so_far / reached)


def _by_confidence(weights: Values, wrong: Values, confidence: Values) -> tuple[Values, Values]:
    """Cases drawn and errors among them, for each group of equal confidence, surest first."""
    order = np.argsort(-confidence, kind="stable")
    ordered = confidence[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    drawn = weights[:, order]
    return np.add.reduceat(drawn, first, axis=1), np.add.reduceat(drawn * wrong[order], first, axis=1)


def _ties(ordered: Values) -> tuple[Places, Places]:
    """For each place, where the run of equal values that it is in starts, and where it ends (exclusive)."""
    new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    group = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    return first[group], np.append(first[1:], len(ordered))[group]


def _sums(weights: Values, values: Values | Flags) -> Values:
    """The weighted sum of each resample. Not by `@`: BLAS threads wait for each other on a busy machine."""
    return np.asarray(np.einsum("ij,j->i", weights, values.astype(np.float64)))


def _ratio(above: Values, below: Values) -> Values:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(below > 0, above / below, np.nan)
