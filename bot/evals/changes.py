"""What changed between two runs, measure by measure, over the cases that both have scored, and how surely."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from bot.evals.catalogue import BY_NAME, MEASURES, PER_RUN, Measure
from bot.evals.confidence import mean
from bot.evals.measures import Columns
from bot.evals.record import Row
from bot.evals.statistics import Statistic, Values, bootstrap, bootstrap_p, holm, interval, mcnemar, observed

ALPHA = 0.05
TOLERANCE = 0.05
"""How much worse a share may become before that alone is a regression, significant or not."""


@dataclass(frozen=True, slots=True)
class Change:
    """One measure in both runs, over the pairs where both are scored.

    `difference` is new minus old; `low` and `high` its 95 % interval. `p` is of "no difference", by `test`;
    `adjusted_p` is corrected for the number of gated measures (Holm), and None for those that are not gated.
    `unpaired` counts the pairs that only one of the runs has scored.
    """

    name: str
    old: float
    new: float
    difference: float
    low: float | None
    high: float | None
    test: Literal["McNemar", "paired bootstrap"]
    p: float
    adjusted_p: float | None
    pairs: int
    unpaired: int
    worse: bool
    regression: str
    """Why this change fails the comparison; empty if it does not."""

    @property
    def verdict(self) -> Literal["same", "within noise", "better", "worse"]:
        """In which direction it went, if the interval of the difference says that it went anywhere."""
        if self.difference == 0:
            return "same"
        if not self.regression and (self.low is None or self.high is None or self.low <= 0 <= self.high):
            return "within noise"
        return "worse" if self.worse else "better"


@dataclass(frozen=True, slots=True)
class _Pairing:
    """A measure over the cases that both runs have scored; `difference` is the statistic of new minus old."""

    measure: Measure
    old: float
    new: float
    difference: Statistic
    pairs: int
    unpaired: int
    better: int
    worse: int


def changes(pairs: Sequence[tuple[Row, Row]], tolerances: Mapping[str, float], *, judged: bool) -> list[Change]:
    """Every measure that both runs have, with its verdict.

    `tolerances` maps measures to how much worse they may become; "" stands for every gated share. `judged` says
    whether the same judge judged both.
    """
    old, new = Columns([then for then, _ in pairs]), Columns([now for _, now in pairs])
    measures = [m for m in MEASURES if (judged or m.group != "judge") and m.name != "cost"]
    pairings = [_pairing(m, old, new) for m in measures if old.scorable(m.name) and new.scorable(m.name)]
    known = [pairing for pairing in pairings if pairing.pairs and not np.isnan(pairing.new - pairing.old)]
    drawn = bootstrap({pairing.measure.name: pairing.difference for pairing in known}, len(pairs))
    return _verdicts([_change(pairing, drawn[pairing.measure.name]) for pairing in known], tolerances)


def _pairing(measure: Measure, old: Columns, new: Columns) -> _Pairing:
    name = measure.name
    if name in PER_RUN or measure.unit == "ms":
        then, now = old.statistic(name), new.statistic(name)
        has_old, has_new = (each.completed if measure.unit == "ms" else each.counted for each in (old, new))
        kept = (has_old & has_new).astype(np.float64)
        before, after = (observed(lambda w, f=f: f(w * kept), len(old)) for f in (then, now))  # type: ignore[misc]

        def difference(weights: Values) -> Values:
            return now(weights * kept) - then(weights * kept)

        better = worse = 0
    else:
        values, has_old, has_new = new.values(name) - old.values(name), old.has(name), new.has(name)
        both = has_old & has_new
        before, after = (observed(partial(mean, values=np.where(both, each.values(name), np.nan)), len(old))
                         for each in (old, new))  # fmt: skip
        difference = partial(mean, values=values)
        better, worse = int((values > 0).sum()), int((values < 0).sum())
    return _Pairing(
        measure=measure,
        old=before,
        new=after,
        difference=difference,
        pairs=int((has_old & has_new).sum()),
        unpaired=int((has_old ^ has_new).sum()),
        better=better,
        worse=worse,
    )


def _change(pairing: _Pairing, drawn: Values) -> Change:
    binary = pairing.measure.binary
    low, high = interval(drawn) or (None, None)
    return Change(
        name=pairing.measure.name,
        old=pairing.old,
        new=pairing.new,
        difference=pairing.new - pairing.old,
        low=low,
        high=high,
        test="McNemar" if binary else "paired bootstrap",
        p=mcnemar(pairing.better, pairing.worse) if binary else bootstrap_p(drawn),
        adjusted_p=None,
        pairs=pairing.pairs,
        unpaired=pairing.unpaired,
        worse=_worsening(pairing.measure, pairing.new - pairing.old) > 0,
        regression="",
    )


def _verdicts(changes: Sequence[Change], tolerances: Mapping[str, float]) -> list[Change]:
    """The changes with their verdicts: a gated measure may get worse neither significantly nor by too much."""
    gated = [change for change in changes if BY_NAME[change.name].gated or change.name in tolerances]
    adjusted = dict(zip((change.name for change in gated), holm([change.p for change in gated]), strict=True))
    verdicts = []
    for change in changes:
        if change.name not in adjusted:
            verdicts.append(change)
            continue
        reason = ""
        allowed = tolerances.get(change.name, tolerances.get("", TOLERANCE))
        if change.worse and adjusted[change.name] < ALPHA:
            reason = f"significant, p = {adjusted[change.name]:.2g}"
        elif _worsening(BY_NAME[change.name], change.difference) > allowed:
            reason = f"over the tolerance of {allowed:g}"
        verdicts.append(replace(change, adjusted_p=adjusted[change.name], regression=reason))
    return verdicts


def _worsening(measure: Measure, difference: float) -> float:
    return -difference if measure.better == "higher" else difference
