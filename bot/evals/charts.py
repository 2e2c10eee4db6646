"""The geometry of the page's charts: risk against coverage, and latency by step. `page/charts.html` draws them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.evals.confidence import Curve, risk_coverage
from bot.evals.measures import Columns
from bot.evals.record import Row

WIDTH = 560
_HEIGHT = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 24, 14, 44
_MOST_POINTS = 400
_BAR, _GAP = 30, 14
_LABELS, _VALUES = 84, 180
_TICKS = 5
_FEW_MS = 10
_LEAST_MS = 0.1


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """A curve as SVG points, and where it ends."""

    name: str
    points: str
    end: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class RiskChart:
    """`words` says in words what the picture shows."""

    height: int
    coverage: list[Tick]
    risk: list[Tick]
    lines: list[Line]
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One step: its bar ends at the median, its whisker at the 95th percentile."""

    step: str
    top: float
    start: float
    median: float
    whisker: float
    label: str


@dataclass(frozen=True, slots=True)
class LatencyChart:
    height: int
    bar: int
    bars: list[Bar]
    words: str


def risk_chart(rows: Sequence[Row], baseline: Sequence[Row] | None = None) -> RiskChart:
    """The share of wrong answers among the surest, for every share of questions answered."""
    curves = {"before": _curve(baseline)} if baseline else {}
    curves["now"] = now = _curve(rows)
    highest = max((float(curve.risk.max()) for curve in curves.values() if len(curve.risk)), default=0.0)
    top = max(1, math.ceil(highest * 10)) / 10
    words = "No question was answered."
    if len(now.risk):
        words = f"{now.coverage[-1]:.0%} of the questions were answered, {now.risk[-1]:.0%} of those wrongly."
    shares = [n / _TICKS for n in range(_TICKS + 1)]
    return RiskChart(
        height=_HEIGHT,
        coverage=[Tick(_x(share), f"{share:.0%}") for share in shares],
        risk=[Tick(_y(share), f"{share * top:.0%}") for share in shares],
        lines=[_line(name, curve, top) for name, curve in curves.items()],
        words=words,
    )


def latency_chart(latency: Mapping[str, Mapping[str, float]]) -> LatencyChart:
    """Each step's median and 95th percentile."""
    longest = max((spent["p95"] for spent in latency.values()), default=0.0) or 1.0
    scale = (WIDTH - _LABELS - _VALUES) / longest
    bars = [
        Bar(
            step=step,
            top=_GAP + n * (_BAR + _GAP),
            start=_LABELS,
            median=_LABELS + scale * spent["p50"],
            whisker=_LABELS + scale * spent["p95"],
            label=f"{_ms(spent['p50'])}, p95 {_ms(spent['p95'])}",
        )
        for n, (step, spent) in enumerate(latency.items())
    ]
    words = "; ".join(f"{bar.step} {bar.label}" for bar in bars)
    return LatencyChart(_GAP + len(bars) * (_BAR + _GAP), _BAR, bars, words)


def _curve(rows: Sequence[Row]) -> Curve:
    """The risk–coverage curve, thinned to what a screen can show."""
    columns = Columns(rows)
    curve = risk_coverage(columns.wrong, columns.confidence, int(columns.counted.sum()))
    count = len(curve.risk)
    step = max(1, math.ceil(count / _MOST_POINTS))
    kept = sorted({*range(0, count, step), count - 1}) if count else []
    return Curve(curve.coverage[kept], curve.risk[kept])


def _line(name: str, curve: Curve, top: float) -> Line:
    spots = [(_x(share), _y(risk / top)) for share, risk in zip(curve.coverage, curve.risk, strict=True)]
    return Line(name, " ".join(f"{x:.1f},{y:.1f}" for x, y in spots), spots[-1] if spots else None)


def _x(share: float) -> float:
    return _LEFT + float(share) * (WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - float(share) * (_HEIGHT - _TOP - _BOTTOM)


def _ms(value: float) -> str:
    if value < _LEAST_MS:
        return "under 0.1 ms"
    return f"{value:,.1f} ms" if value < _FEW_MS else f"{value:,.0f} ms"
