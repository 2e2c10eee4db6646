"""What `citebot eval` does: takes a new or a finished run, has it judged, compares, reports."""

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from bot import compose
from bot.errors import ModelUnavailable
from bot.evals import junit, table
from bot.evals.compare import Comparison, compare
from bot.evals.diagnosis import Fix, fixes
from bot.evals.judge import Judge, JudgeOptions, require_price
from bot.evals.measures import by_tag, summarise
from bot.evals.options import Options
from bot.evals.record import JudgeFacts, Record, Row, read_record, write_file, write_record
from bot.evals.replies import Replies
from bot.evals.verdict import unjudged
from bot.progress import CaseProgress
from bot.settings import Settings
from index.library import Library

_KEPT = "the run and the verdicts so far are kept; judge its record with --from to go on."
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
    if options.finished:
        record, path = read_record(options.finished), options.out or options.finished
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
    mending = fixes([row.diagnosis for row in record.rows], [row.scores["correct"] for row in record.rows])
    if options.html:
        from bot.evals.report import page

        write_file(options.html, page(record, mending, comparison, baseline).encode())
    if options.junit:
        write_file(options.junit, junit.document(record, comparison))
    if options.as_json:
        sys.stdout.write(json.dumps(_document(record, mending, comparison, path), ensure_ascii=False) + "\n")
    else:
        width = None if sys.stdout.isatty() else _WIDE
        Console(width=width, highlight=False).print(table.tables(record, mending, comparison))
        compose.tell(f"the run record is in {path}" + (f", the report in {options.html}." if options.html else "."))
    return 1 if comparison and comparison.regressions else 0


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


def _document(record: Record, mending: Sequence[Fix], comparison: Comparison | None, path: Path) -> dict[str, Any]:
    """The contract of `eval --json`: the record without its rows, what to mend, the comparison."""
    return {
        "record": str(path),
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
        "passed": not (comparison and comparison.regressions),
    }
