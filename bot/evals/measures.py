"""The numbers of a run: how the value of each measure follows from the rows."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from bot.evals import confidence
from bot.evals.catalogue import BY_NAME, MEASURES, PER_RUN
from bot.evals.confidence import Flags
from bot.evals.record import Measured, Row
from bot.evals.scoring import ABSTAINED, FAILED, STALE
from bot.evals.statistics import Statistic, Values, bootstrap, interval, observed

PERCENTILES = (50, 90, 95, 99)
NO_UNANSWERABLE = "every question has an answer"
NO_ANSWERABLE = "no question has an answer"


class Columns:
    """The rows as arrays, one value a case; NaN where there is none."""

    def __init__(self, rows: Sequence[Row], price: tuple[float, float] | None = None) -> None:
        """`price` is what a million input and output tokens cost, in US dollars, where it is known."""
        self._rows = rows
        self._price = price
        self._known: dict[str, Values] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def values(self, name: str) -> Values:
        """The per-case values of a measure that is a mean."""
        if name not in self._known:
            self._known[name] = self._each(self._value(name))
        return self._known[name]

    def has(self, name: str) -> Flags:
        """Which cases have a value of a measure that is a mean."""
        return ~np.isnan(self.values(name))

    @cached_property
    def counted(self) -> Flags:
        """Cases with an answer, or with none given on purpose, that are not stale."""
        return np.array([not row.failed and not row.stale for row in self._rows], dtype=bool)

    @cached_property
    def answerable(self) -> Flags:
        return np.array([row.case.answerable for row in self._rows], dtype=bool)

    @cached_property
    def abstained(self) -> Flags:
        return np.array([row.answer["outcome"] == "not_found" for row in self._rows], dtype=bool)

    @cached_property
    def confidence(self) -> Values:
        return self._each(lambda row: row.answer.get("confidence", 0.0))

    @cached_property
    def wrong(self) -> Values:
        """1 for a wrong answer, 0 for a right one, NaN where none was given or it is unscored."""
        return np.where(self.abstained | ~self.counted, np.nan, 1 - self.values("correct"))

    def milliseconds(self, step: str) -> Values:
        """How long a step took, of the questions that did not fail; shape (those,)."""
        spent = [row.answer["timings_ms"].get(step, 0.0) for row in self._rows if not row.failed]
        return np.array(spent, dtype=np.float64)

    @cached_property
    def completed(self) -> Flags:
        """Cases that did not fail."""
        return np.array([not row.failed for row in self._rows], dtype=bool)

    @cached_property
    def _one_sided(self) -> str | None:
        """Why nothing can be said about abstaining, if the cases are all of one kind."""
        kinds = set(self.answerable[self.counted].tolist())
        return None if len(kinds) > 1 else NO_UNANSWERABLE if True in kinds else NO_ANSWERABLE

    def statistic(self, name: str) -> Statistic:
        """The measure as a function of weights over the cases."""
        counted = self.counted
        should, did = ~self.answerable & counted, self.abstained & counted
        match name:
            case "abstention_precision" | "abstention_recall" | "abstention_f1":
                return partial(getattr(confidence, name), should=should, did=did)
            case "auroc":
                answerable, sure = self.answerable[counted], self.confidence[counted]
                return lambda weights: confidence.auroc(weights[:, counted], answerable, sure)
            case "aurc":
                return partial(confidence.aurc, wrong=self.wrong, confidence=self.confidence)
            case "latency_p50" | "latency_p95":
                spent, known, share = self.milliseconds("total"), self.completed, int(name[-2:]) / 100
                return lambda weights: confidence.percentile(weights[:, known], spent, share)
            case _:
                return partial(confidence.mean, values=self.values(name))

    def unscored(self, name: str) -> dict[str, int]:
        """How many cases have no part in a measure, by reason."""
        return dict(Counter(reason for row in self._rows if (reason := self._reason(name, row))))

    def scorable(self, name: str) -> bool:
        """Whether any case has a part in the measure."""
        if name == "aurc":
            return not bool(np.isnan(self.wrong).all())
        if name in PER_RUN:
            return self._one_sided is None
        if BY_NAME[name].unit == "ms":
            return bool(self.completed.any())
        return bool(self.has(name).any())

    def _reason(self, name: str, row: Row) -> str | None:
        if name in PER_RUN:
            if row.stale or row.failed:
                return STALE if row.stale else FAILED
            if name == "aurc":
                return ABSTAINED if row.answer["outcome"] == "not_found" else self._text(row.scores["correct"])
            return self._one_sided
        if name in {"failed", "fell_back"}:
            return STALE if row.stale else FAILED if row.failed and name == "fell_back" else None
        if BY_NAME[name].group == "running":
            return FAILED if row.failed else self._no_price(name, row)
        return self._text(row.scores.get(name, "not measured"))

    def _value(self, name: str) -> Callable[[Row], float | None]:
        match name:
            case "failed":
                return lambda row: None if row.stale else float(row.failed)
            case "fell_back":
                return lambda row: None if row.stale or row.failed else float(row.fell_back)
            case "input_tokens" | "output_tokens":
                return lambda row: None if row.failed else float(row.answer["usage"][name])
            case "cost":
                return self._cost
            case _:
                return lambda row: row.value(name)

    def _no_price(self, name: str, row: Row) -> str | None:
        return "the price of the model is not known" if name == "cost" and self._cost(row) is None else None

    @staticmethod
    def _text(score: float | str) -> str | None:
        return score if isinstance(score, str) else None

    def _cost(self, row: Row) -> float | None:
        if row.failed:
            return None
        usage = row.answer["usage"]
        if not usage["calls"]:
            return 0.0
        if self._price is None:
            return None
        return float(usage["input_tokens"] * self._price[0] + usage["output_tokens"] * self._price[1]) / 1e6

    def _each(self, value: Callable[[Row], float | None]) -> Values:
        found = (value(row) for row in self._rows)
        return np.array([np.nan if each is None else each for each in found], dtype=np.float64)


def summarise(rows: Sequence[Row], price: tuple[float, float] | None = None) -> dict[str, Measured]:
    """Every measure that some row has part in, with its 95 % bootstrap interval, in the order of MEASURES."""
    columns = Columns(rows, price)
    judged = any(row.judgement is not None for row in rows)
    wanted = [measure.name for measure in MEASURES if judged or measure.group != "judge"]
    scorable = {name: columns.statistic(name) for name in wanted if columns.scorable(name)}
    drawn = bootstrap(scorable, len(rows))
    summary = {}
    for name in wanted:
        unscored = columns.unscored(name)
        value = observed(scorable[name], len(rows)) if name in scorable else float("nan")
        around = interval(drawn[name]) if name in scorable else None
        low, high = around or (None, None)
        scored = len(rows) - sum(unscored.values())
        summary[name] = Measured(None if np.isnan(value) else value, low, high, scored, unscored)
    return summary


def latency(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Milliseconds by step: percentiles 50, 90, 95 and 99 and the mean, over the questions that did not fail."""
    columns = Columns(rows)
    steps = dict.fromkeys(step for row in rows if not row.failed for step in row.answer["timings_ms"])
    return {step: _percentiles(columns.milliseconds(step)) for step in steps}


def by_tag(rows: Sequence[Row]) -> dict[str, Mapping[str, Any]]:
    """For each tag of the cases: how many there are, and the share that is correct."""
    tags = dict.fromkeys(tag for row in rows for tag in row.case.tags)
    found: dict[str, Mapping[str, Any]] = {}
    for tag in sorted(tags):
        values = [row.value("correct") for row in rows if tag in row.case.tags]
        scored = [value for value in values if value is not None]
        share = sum(scored) / len(scored) if scored else None
        found[tag] = {"cases": len(values), "scored": len(scored), "correct": share}
    return found


def _percentiles(spent: Values) -> dict[str, float]:
    ones = np.ones((1, len(spent)))
    shares = {f"p{n}": float(confidence.percentile(ones, spent, n / 100)[0]) for n in PERCENTILES}
    return shares | {"mean": float(spent.mean())}
