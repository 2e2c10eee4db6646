"""What each command does: builds its parts, runs them, prints the result. Parsing and exit codes are in `bot.cli`."""

import asyncio
import gc
import json
import sys
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console

from bot import compose, render
from bot.answering import Answering, whole_answer
from bot.errors import KNOWN_PROBLEMS, explain
from bot.settings import Settings
from bot.types import Question
from index.library import Library
from index.search import search

if TYPE_CHECKING:
    from bot.evals.options import Options
    from bot.journal import Journal
    from index.build import Report

_CONCURRENT = {"embedded": 1, "openai": 4}
"""Questions of a batch answered at the same time. One embedded question keeps both cores busy by itself."""


def index_command(
    settings: Settings,
    sources: Sequence[str],
    collection: str,
    *,
    prune: bool,
    rebuild_all: bool,
    as_json: bool,
) -> int:
    from bot.progress import IndexProgress
    from index.build import index_sources, rebuild

    gc.enable()
    with closing(compose.library(settings)) as opened, IndexProgress() as progress:
        if rebuild_all:
            report = rebuild(opened, progress=progress)
        else:
            wanted = sources or (_as_seen_from_here(compose.seed_article()),)
            report = index_sources(
                opened,
                wanted,
                collection=collection,
                prune=sources if prune else None,
                allow_private=settings.allow_private_urls,
                progress=progress,
            )
    _show_report(report, as_json=as_json)
    return 1 if report.errors else 0


def search_command(settings: Settings, query: str, count: int, *, as_json: bool) -> int:
    with closing(compose.library(settings, one_shot=True)) as opened:
        result = search(opened, query, count)
    if as_json:
        timings = {step: round(spent, 2) for step, spent in result.timings_ms.items()}
        _print_json(
            {
                "query": query,
                "passages": [render.passage_json(found) for found in result.passages],
                "timings_ms": timings,
            }
        )
    else:
        _print(render.search_text(result.passages))
    return 0


def ask_command(settings: Settings, text: str, mode: str, *, as_json: bool) -> int:
    with closing(_ready(settings, one_shot=True)) as opened:
        parts = compose.answering(settings, opened, mode)
        compose.announce_mode(parts)
        compose.warm(parts, text)
        question = Question(text)
        try:
            answer = asyncio.run(whole_answer(parts.stream(question)))
        except KNOWN_PROBLEMS as error:
            if as_json:
                _print_json(render.failure_json(question, explain(error)))
                return 1
            raise
    if as_json:
        _print_json(render.answer_json(answer))
    else:
        _print(render.answer_text(answer))
    return 0


def ask_batch(settings: Settings, lines: TextIO, mode: str) -> int:
    """One answer per line, in order, as soon as it and all before it are there; 1 if any of them failed."""
    from bot.batch import read_questions

    gc.enable()
    with closing(_ready(settings)) as opened, closing(compose.journal(settings)) as journal:
        parts = compose.answering(settings, opened, mode)
        compose.announce_mode(parts)
        compose.warm(parts)
        return asyncio.run(_ask_all(parts, journal, read_questions(lines)))


def chat_command(settings: Settings, mode: str) -> int:
    from bot.repl import Repl

    gc.enable()
    with closing(_ready(settings)) as opened, closing(compose.journal(settings)) as journal:
        parts = compose.answering(settings, opened, mode)
        history_file = settings.home / "history"
        return Repl(parts, journal, history_file=history_file, input_stream=sys.stdin, output=sys.stdout).run()


def serve_slack(settings: Settings, mode: str, *, http: tuple[str, int] | None) -> int:
    from bot.slack.command import slack_command

    return slack_command(settings, lambda: _ready(settings), mode, http=http)


def eval_command(settings: Settings, options: "Options") -> int:
    from bot.evals.command import evaluate

    return evaluate(settings, options, lambda: _ready(settings))


def pin_command(settings: Settings, path: Path) -> int:
    from bot.evals.sets import show_pinned
    from bot.evals.sources import Sources

    with closing(_ready(settings)) as opened:
        return show_pinned(path, Sources(opened.catalog))


def status_command(settings: Settings, *, as_json: bool) -> int:
    with closing(compose.library(settings)) as opened:
        entries = opened.catalog.entries()
        sets: dict[str, int] = {}
        for entry in entries:
            sets[entry.collection] = sets.get(entry.collection, 0) + 1
        mode = settings.mode()
        facts = {
            "home": str(settings.home),
            "documents": len(entries),
            "passages": sum(entry.passages for entry in entries),
            "sets": sets,
            "updated": max((entry.indexed_at for entry in entries), default=None),
            "embedder": opened.catalog.meta("embedder") or opened.embedder.name,
            "mode": mode,
            "model": compose.answerer(settings, "auto").model,
        }
    if as_json:
        _print_json(facts)
    else:
        for name, value in facts.items():
            shown = ", ".join(f"{key} ({n})" for key, n in sets.items()) or "none" if name == "sets" else value
            print(f"{name:<10} {shown if shown is not None else 'never'}")
    return 0


async def _ask_all(parts: Answering, journal: "Journal", questions: Iterable[Question | str]) -> int:
    code = 0
    running: deque[asyncio.Task[dict[str, Any]]] = deque()
    for question in questions:
        running.append(asyncio.create_task(_as_json(parts, journal, question)))
        if len(running) >= _CONCURRENT[parts.answerer.mode]:
            code |= _print_answer(await running.popleft())
    while running:
        code |= _print_answer(await running.popleft())
    return code


async def _as_json(parts: Answering, journal: "Journal", question: Question | str) -> dict[str, Any]:
    if isinstance(question, str):
        return render.failure_json(Question(""), question)
    try:
        answer = await whole_answer(parts.stream(question))
        await asyncio.to_thread(journal.record, answer, "batch")
        return render.answer_json(answer)
    except KNOWN_PROBLEMS as error:
        return render.failure_json(question, explain(error))


def _print_answer(document: dict[str, Any]) -> int:
    _print_json(document)
    return int(document["outcome"] == "failed")


def _ready(settings: Settings, *, one_shot: bool = False) -> Library:
    """The opened index; an empty one is filled with the article that comes with the package."""
    opened = compose.library(settings, one_shot=one_shot)
    if opened.empty:
        from index.build import index_sources

        compose.tell("nothing is indexed yet: indexing the article that comes with citebot.")
        index_sources(opened, [_as_seen_from_here(compose.seed_article())])
    return opened


def _as_seen_from_here(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _show_report(report: "Report", *, as_json: bool) -> None:
    documents = {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "deleted": report.deleted,
        "failed": report.failed,
    }
    errors = [{"path": error.source, "error": error.reason} for error in report.errors]
    if as_json:
        _print_json(
            {
                "documents": documents,
                "passages": report.passages,
                "seconds": round(report.seconds, 3),
                "errors": errors,
            }
        )
        return
    counted = ", ".join(f"{number} {name}" for name, number in documents.items() if number) or "nothing to do"
    print(f"Documents: {counted}. Passages written: {report.passages}. {report.seconds:.1f} s.")
    for row in errors:
        compose.tell(f"{render.safe(row['path'])} was not indexed: {row['error']}.")


def _print(text: Any) -> None:
    Console(soft_wrap=not sys.stdout.isatty(), highlight=False).print(text)


def _print_json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    sys.stdout.flush()
