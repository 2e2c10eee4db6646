"""A run and its comparison as plain tables for a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.evals.catalogue import BY_NAME, MEASURES, Measure
from bot.evals.changes import Change
from bot.evals.compare import Comparison, Flip
from bot.evals.diagnosis import MEANING, Fix
from bot.evals.record import JudgeFacts, Measured, Record
from bot.render import counted, one_line

_SHOWN_FLIPS = 10
_QUESTION = 60


def tables(record: Record, fixes: Sequence[Fix], comparison: Comparison | None) -> RenderableType:
    """The whole result of a run as a person reads it."""
    parts: list[RenderableType] = [Text(heading(record), style="bold"), _measures(record, comparison)]
    parts.extend(Text(line, style="dim") for line in unscored_lines(record))
    if record.judge:
        parts.append(Text(judge_line(record.judge)))
    parts += [Text(), _latency(record)]
    if fixes:
        parts += [Text(), _fixes(fixes), Text(advice(fixes))]
    if comparison:
        parts += [Text(), *_comparison(comparison)]
    return Group(*parts)


def heading(record: Record) -> str:
    setup = record.setup
    code = f", commit {setup.commit[:10]}{' with changes' if setup.dirty else ''}" if setup.commit else ""
    return (
        f"{counted(record.cases.count, 'case')} of {one_line(record.cases.path)}, {setup.model} ({setup.mode}), "
        f"{counted(record.index.documents, 'document')}, {record.seconds:.0f} s{code}"
    )


def shown(measure: Measure, value: float | None) -> str:
    """A value in its unit; a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:.3f}" if measure.unit == "share" else f"{value:.5f}" if measure.unit == "usd" else f"{value:,.0f}"


def signed(measure: Measure, value: float) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "±") + shown(measure, abs(value))


def unscored_lines(record: Record) -> Iterator[str]:
    """For each reason why cases are unscored, how many they are and in which measures; whole groups by name."""
    counts: dict[str, dict[int, list[Measure]]] = {}
    for name, measured in record.summary.items():
        for reason, count in measured.unscored.items():
            counts.setdefault(reason, {}).setdefault(count, []).append(BY_NAME[name])
    for reason, found in counts.items():
        where = "; ".join(f"{count} in {', '.join(_named(measures, record))}" for count, measures in found.items())
        yield f"Unscored, {reason}: {where}."


def _named(measures: Sequence[Measure], record: Record) -> Iterator[str]:
    for group in dict.fromkeys(measure.group for measure in measures):
        labels = [measure.label for measure in measures if measure.group == group]
        whole = [name for name in record.summary if BY_NAME[name].group == group]
        yield from [group] if len(labels) == len(whole) > 1 else labels


def judge_line(judge: JudgeFacts) -> str:
    agreement = "not known" if judge.agreement is None else f"{judge.agreement:.1%}"
    served = (
        f" (served as {', '.join(judge.served_as)})" if judge.served_as and judge.served_as != [judge.model] else ""
    )
    return (
        f"Judged by {judge.model}{served}, prompt {judge.prompt_digest}, {judge.repeats} times each: agreement "
        f"{agreement}; {judge.calls} calls, {judge.cached_calls} of them from the cache, "
        f"{judge.input_tokens + judge.output_tokens:,} tokens."
    )


def advice(fixes: Sequence[Fix]) -> str:
    """The one sentence that says where to begin."""
    first = fixes[0]
    if first.correct_if_mended is None:
        return f"All failures are stale cases: {MEANING[first.diagnosis]}."
    return (
        f"The largest step: mending “{first.diagnosis}” would bring {counted(first.cases, 'case')} right, "
        f"correct to {first.correct_if_mended:.3f} at most."
    )


def _measures(record: Record, comparison: Comparison | None) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("metric", no_wrap=True)
    for name in ("value", "95 % interval", "scored"):
        table.add_column(name, justify="right", no_wrap=True)
    changes = {change.name: change for change in comparison.changes} if comparison else {}
    if comparison:
        for name in ("before", "change", "p", "verdict"):
            table.add_column(name, justify="left" if name == "verdict" else "right", no_wrap=True)
    group = ""
    for measure in MEASURES:
        measured = record.summary.get(measure.name)
        if measured is None:
            continue
        if measure.group != group:
            group = measure.group
            table.add_row(Text(group, style="dim"))
        table.add_row(
            *_measure(measure, measured), *(_change(measure, changes.get(measure.name)) if comparison else ())
        )
    return table


def _measure(measure: Measure, measured: Measured) -> tuple[str, str, str, str]:
    around = "–"
    if measured.low is not None:
        around = f"{shown(measure, measured.low)} to {shown(measure, measured.high)}"
    unit = {"ms": " (ms)", "usd": " (US dollars)"}.get(measure.unit, "")
    return f"  {measure.label}{unit}", shown(measure, measured.value), around, str(measured.scored)


def _change(measure: Measure, change: Change | None) -> tuple[str | Text, ...]:
    if change is None:
        return "–", "–", "", ""
    p = "" if change.adjusted_p is None else f"{change.adjusted_p:.3f}"
    styles = {"same": "dim", "within noise": "dim", "better": "green", "worse": "red" if change.regression else ""}
    verdict = Text(f"{change.verdict}{', fails' * bool(change.regression)}", style=styles[change.verdict])
    return shown(measure, change.old), signed(measure, change.difference), p, verdict


def _latency(record: Record) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("latency, ms")
    for name in next(iter(record.latency_ms.values()), {}):
        table.add_column(name, justify="right")
    for step, spent in record.latency_ms.items():
        table.add_row(f"  {step}", *(f"{value:,.1f}" for value in spent.values()))
    return table


def _fixes(fixes: Sequence[Fix]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("why answers are wrong", no_wrap=True)
    table.add_column("cases", justify="right", no_wrap=True)
    table.add_column("correct if mended", justify="right", no_wrap=True)
    table.add_column("meaning")
    for fix in fixes:
        mended = "–" if fix.correct_if_mended is None else f"{fix.correct_if_mended:.3f}"
        table.add_row(f"  {fix.diagnosis}", str(fix.cases), mended, MEANING[fix.diagnosis])
    return table


def _comparison(comparison: Comparison) -> Iterator[RenderableType]:
    yield Text(f"Compared with {one_line(comparison.baseline)}, {comparison.pairs} cases in pairs", style="bold")
    notes = [f"{len(comparison.stale)} stale, not counted" if comparison.stale else ""]
    notes.append(f"{comparison.only_new} only now" if comparison.only_new else "")
    notes.append(f"{comparison.only_old} only before" if comparison.only_old else "")
    if any(notes):
        yield Text(f"  cases left out: {', '.join(note for note in notes if note)}")
    for difference in comparison.differences:
        yield Text(f"  {one_line(difference)}", style="dim")
    yield from _flips("better", comparison.better)
    yield from _flips("worse", comparison.worse)
    yield Text(verdict(comparison), style="bold red" if comparison.regressions else "bold green")


def verdict(comparison: Comparison) -> str:
    """One sentence that goes with the exit code."""
    if not comparison.regressions:
        return "Passed: nothing got significantly worse, or worse than tolerated."
    reasons = [
        f"{BY_NAME[change.name].label} {signed(BY_NAME[change.name], change.difference)} ({change.regression})"
        for change in comparison.regressions
    ]
    return f"Failed: {'; '.join(reasons)}."


def _flips(title: str, flips: Sequence[Flip]) -> Iterator[Text]:
    if flips:
        yield Text(f"  {counted(len(flips), 'case')} got {title}:")
    for flip in flips[:_SHOWN_FLIPS]:
        question = one_line(flip.question)
        short = question if len(question) <= _QUESTION else question[: _QUESTION - 1] + "…"
        yield Text(f"    {one_line(flip.id)}  {short}  ({flip.before} → {flip.after})")
    if len(flips) > _SHOWN_FLIPS:
        yield Text(f"    and {len(flips) - _SHOWN_FLIPS} more")
