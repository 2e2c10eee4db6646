"""One run of the evaluator: cases checked against the index, asked, each row kept as it comes, put into a record."""

import asyncio
import gc
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from bot import compose
from bot.errors import BadInput
from bot.evals.cases import Case, digest_of, read_cases
from bot.evals.compare import require_comparable
from bot.evals.measures import latency, summarise
from bot.evals.options import Options
from bot.evals.record import FORMAT, CaseSet, IndexFacts, Record, Row, Setup, Text, write_record
from bot.evals.rowlog import RowLog, Unfinished, log_path, read_log, same_run
from bot.evals.run import Runner
from bot.evals.setup import index_facts, setup_of
from bot.evals.sources import Sources
from bot.progress import CaseProgress
from bot.render import one_line
from bot.settings import Settings
from index.library import Library

_JOBS = {"embedded": 1, "openai": 4}
"""Cases answered at the same time. One embedded question keeps both cores busy by itself."""
_KEPT = "the answers so far are kept; add --resume to go on from there."
_SHOWN_PROBLEMS = 10
_SHOWN_CHARACTERS = 80


def default_cases() -> Path:
    """The question set on the article that comes with the package."""
    return Path(str(resources.files("seeds") / "questions.jsonl"))


def run(
    settings: Settings, options: Options, baseline: Record | None, ready: Callable[[], Library]
) -> tuple[Record, Path]:
    """Asks the cases; the record, and where it was written. `ready` opens the index to be asked.

    Raises:
        BadInput: the cases cannot be used, or nothing of what they name is indexed, or the baseline is of others.
        BotProblem, IndexProblem: no question can be answered.
    """
    gc.enable()
    path = options.cases or default_cases()
    cases = read_cases(path)
    out = options.out or settings.home / "runs" / f"{path.stem}.json"
    with closing(ready()) as opened:
        opened.check()
        parts = compose.answering(settings, opened, options.mode)
        compose.announce_mode(parts)
        sources = Sources(opened.catalog)
        plan = _Plan(
            cases=CaseSet(str(options.cases or path.name), digest_of(cases), len(cases)),
            index=index_facts(parts, sources, cases),
            setup=setup_of(parts, settings, options.jobs or _JOBS[parts.answerer.mode]),
            price=settings.prices.get(parts.answerer.model),
        )
        _check_sources(cases, sources)
        if baseline and not options.allow_different:
            require_comparable(baseline, plan, str(options.baseline))
        record = _answered(Runner(parts, sources), cases, plan, out, resume=options.resume)
    write_record(record, out)
    log_path(out).unlink()
    return record, out


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a run is of, known before anything is asked."""

    cases: CaseSet
    index: IndexFacts
    setup: Setup
    price: tuple[float, float] | None

    @property
    def identity(self) -> dict[str, str]:
        """What must be the same for an interrupted run to go on."""
        setup = self.setup
        return {
            "cases": self.cases.digest,
            "index": self.index.fingerprint,
            "settings": json.dumps([setup.settings, setup.mode, setup.model, setup.prompts], sort_keys=True),
            "commit": str(setup.commit),
        }


def _answered(runner: Runner, cases: Sequence[Case], plan: _Plan, out: Path, *, resume: bool) -> Record:
    """Asks what is not answered yet, each row kept in a log as it comes."""
    unfinished = _left_over(out, plan, resume=resume)
    started = unfinished.started if unfinished else datetime.now(UTC).isoformat(timespec="seconds")
    # What the model could not answer then is asked again.
    before = unfinished.rows.values() if unfinished else []
    rows: dict[str, Row] = {row.case.id: row for row in before if not row.failed and not row.fell_back}
    texts: dict[str, Text] = dict(unfinished.passages) if unfinished else {}
    remaining = [case for case in cases if case.id not in rows]
    compose.warm(runner.parts)
    with (
        RowLog(log_path(out), plan.identity, started, unfinished) as log,
        CaseProgress("Evaluating", len(cases), len(rows), kept=_KEPT) as progress,
    ):

        def done(row: Row, passages: dict[str, Text]) -> None:
            new = {name: text for name, text in passages.items() if name not in texts}
            texts.update(new)
            rows[row.case.id] = row
            log.add(row, new)
            progress()

        asyncio.run(runner.run(remaining, plan.setup.jobs, done))
    ordered = [rows[case.id] for case in cases]
    return Record(
        format=FORMAT,
        started=started,
        seconds=(datetime.now(UTC) - datetime.fromisoformat(started)).total_seconds(),
        cases=plan.cases,
        index=plan.index,
        setup=plan.setup,
        judge=None,
        summary=summarise(ordered, plan.price),
        latency_ms=latency(ordered),
        rows=ordered,
        passages=texts,
    )


def _left_over(out: Path, plan: _Plan, *, resume: bool) -> Unfinished | None:
    """The rows to go on from, if that is wanted and there are some.

    Raises:
        BadInput: they are of another run.
    """
    path = log_path(out)
    unfinished = read_log(path)
    if unfinished is None:
        if resume:
            compose.tell("there is no interrupted run to go on with: starting anew.")
        return None
    if not resume:
        kept = path.with_suffix(".dropped")
        path.replace(kept)
        compose.tell(
            f"starting anew: {len(unfinished.rows)} answers of an interrupted run were moved to {kept} "
            "(--resume would have gone on with them)."
        )
        return None
    same_run(unfinished, plan.identity, path)
    return unfinished


def _check_sources(cases: Sequence[Case], sources: Sources) -> None:
    """Says which cases have a source or evidence that is not indexed.

    Raises:
        BadInput: none of the cases has an indexed source.
    """
    problems = []
    named = missing = 0
    for case in cases:
        absent = [name for name in case.sources if not sources.named(name)]
        named += bool(case.sources)
        missing += bool(absent) and len(absent) == len(case.sources)
        if absent:
            problems.append(f"line {case.line}: no indexed document is named {one_line(absent[0])}")
            continue
        for words, found in zip(case.evidence, sources.locate(case), strict=True):
            if not found.places:
                problems.append(f"line {case.line}: its evidence is in no indexed source: {_short(words)}")
    if named and missing == named:
        first = next(case.sources[0] for case in cases if case.sources)
        raise BadInput(
            f"None of the documents that the cases name is indexed ({one_line(first)} is one): index them with "
            "`citebot index`, in a home of their own if you like (CITEBOT_HOME)."
        )
    for problem in problems[:_SHOWN_PROBLEMS]:
        compose.tell(problem)
    if len(problems) > _SHOWN_PROBLEMS:
        compose.tell(f"and {len(problems) - _SHOWN_PROBLEMS} more such cases.")


def _short(words: str) -> str:
    line = one_line(words)
    return line if len(line) <= _SHOWN_CHARACTERS else line[:_SHOWN_CHARACTERS] + "…"
