"""What `citebot eval` does: takes a new or a finished run, has it judged, compares, reports."""

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from bot import compose
from bot.errors import ModelUnavailable
from bot.evals import calibrate, junit, table
from bot.evals.cases import read_cases
from bot.evals.compare import Comparison, compare
from bot.evals.diagnosis import Fix, fixes
from bot.evals.judge import Judge, JudgeOptions, require_price
from bot.evals.measures import by_tag, summarise
from bot.evals.options import Options
from bot.evals.record import JudgeFacts, Record, Row, read_record, write_file, write_record
from bot.evals.replies import Replies
from bot.evals.verdict import unjudged
from bot.progress import CaseProgress
from bot.settings import Settings, load_settings
from index.library import Library

_KEPT = "the run and the verdicts so far are kept; judge its record with --from to go on."
_ENV_FILE = Path(".env")
_WIDE = 160
"""Columns of a table in a file or a pipe, where nothing need be cut."""


def evaluate(settings: Settings, options: Options, ready: Callable[[], Library]) -> int:
    """Runs, compares and reports; 1 if the comparison found a regression. `ready` opens the index to be asked.

    What a judge needs is checked first: nobody should wait for a run to hear that it is missing.
    """
    if options.judge:
        settings.mode("openai")
        require_price(options.judge, settings.prices.get(options.judge.model))
    baseline = read_record(options.baseline) if options.baseline else None
    if options.calibrate:
        if options.cases:
            calibrate.require_both_kinds(read_cases(options.cases))
        settings = settings.model_copy(update={"evidence_threshold": 0.0})
    if options.finished:
        record, path = read_record(options.finished), options.out or options.finished
        if options.calibrate:
            calibrate.require_everything_answered(record, str(options.finished))
            calibrate.require_both_kinds([row.case for row in record.rows])
    else:
        from bot.evals import session

        record, path = session.run(settings, options, baseline, ready)
    if options.judge:
        record = _judged(settings, record, options.judge)
        write_record(record, path)
    comparison = None
    if baseline:
        comparison = compare(
            baseline,
            record,
            name=str(options.baseline),
            tolerances=options.tolerances,
            allow_different=options.allow_different,
        )
    fitted = calibrate.calibrate(record.rows) if options.calibrate else None
    _report(options, _Result(record, path, comparison, fitted), baseline)
    if fitted:
        _set_threshold(fitted.chosen.threshold)
    return 1 if comparison and comparison.regressions else 0


@dataclass(frozen=True, slots=True)
class _Result:
    """What there is to tell. `path` is where the record was written."""

    record: Record
    path: Path
    comparison: Comparison | None
    calibration: calibrate.Calibration | None


def _report(options: Options, result: _Result, baseline: Record | None) -> None:
    record, comparison = result.record, result.comparison
    mending = fixes([row.diagnosis for row in record.rows], [row.scores["correct"] for row in record.rows])
    if options.html:
        from bot.evals.report import page

        write_file(options.html, page(record, mending, comparison, baseline).encode())
    if options.junit:
        write_file(options.junit, junit.document(record, comparison))
    if options.as_json:
        sys.stdout.write(json.dumps(_document(result, mending), ensure_ascii=False) + "\n")
        return
    width = None if sys.stdout.isatty() else _WIDE
    console = Console(width=width, highlight=False)
    console.print(table.tables(record, mending, comparison))
    if result.calibration:
        console.print("", calibrate.table(result.calibration), sep="\n")
    compose.tell(f"the run record is in {result.path}" + (f", the report in {options.html}." if options.html else "."))


def _set_threshold(threshold: float) -> None:
    value = f"{threshold:.3f}"
    calibrate.write_setting(value, _ENV_FILE)
    compose.tell(f"{calibrate.SETTING}={value} was written to {_ENV_FILE}.")
    if load_settings().evidence_threshold != float(value):
        compose.tell(f"the environment sets {calibrate.SETTING} too, and that wins: unset it.")


def _judged(settings: Settings, record: Record, options: JudgeOptions) -> Record:
    """The record with the judge's verdicts, after a preview of what they cost.

    Raises:
        BadInput: that is over the cap.
        ModelUnavailable: not one verdict could be had.
    """
    with closing(Replies(settings.home / "judge.sqlite3")) as replies:
        judge = Judge(
            replace(options, endpoint=settings.openai_base_url or ""), replies, settings.prices.get(options.model)
        )
        compose.tell(f"judge {options.model}: {judge.preview(record.rows)}.")
        if options.model == record.setup.model:
            compose.tell("the judge is the model that wrote the answers: it may favour its own.")

        async def graded() -> tuple[list[Row], JudgeFacts]:
            async with compose.judge(settings, options.model) as complete:
                with CaseProgress("Judging", len(record.rows), kept=_KEPT) as progress:
                    return await judge.grade(record.rows, complete, progress)

        rows, facts = asyncio.run(graded())
    problems = [row.judgement["problem"] for row in rows if row.judgement and not unjudged(row)]
    if problems and all(problems):
        raise ModelUnavailable(f"The judge gave no verdict ({problems[0].rstrip('.')}): the run itself is kept.")
    summary = summarise(rows, settings.prices.get(record.setup.model))
    return replace(record, rows=rows, judge=facts, summary=summary)


def _document(result: _Result, mending: Sequence[Fix]) -> dict[str, Any]:
    """The contract of `eval --json`: the record without its rows, what to mend, the comparison."""
    record, comparison, calibration = result.record, result.comparison, result.calibration
    return {
        "record": str(result.path),
        "started": record.started,
        "seconds": record.seconds,
        "cases": asdict(record.cases),
        "index": asdict(record.index),
        "setup": asdict(record.setup),
        "judge": asdict(record.judge) if record.judge else None,
        "summary": {name: asdict(measured) for name, measured in record.summary.items()},
        "latency_ms": record.latency_ms,
        "tags": by_tag(record.rows),
        "diagnosis": [asdict(fix) for fix in mending],
        "comparison": asdict(comparison) if comparison else None,
        **({"calibration": calibration.document()} if calibration else {}),
        "passed": not (comparison and comparison.regressions),
    }
