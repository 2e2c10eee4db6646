"""What `citebot feedback` does."""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from bot import compose
from bot.errors import BadInput
from bot.feedback import Verdict
from bot.render import counted, one_line
from bot.settings import Settings

_FIELDS = ("id", "vote", "reason", "expected", "verdict", "right_answers", "answerable", "question", "outcome")


def list_command(settings: Settings, *, everything: bool, as_json: bool) -> int:
    with closing(compose.feedback(settings)) as store:
        rows = store.rows("any" if everything else "")
    if as_json:
        click.echo(json.dumps({"feedback": [_json(row) for row in rows]}, ensure_ascii=False))
        return 0
    for row in rows:
        click.echo(_told(row))
    if not rows:
        compose.tell("there is no feedback" + ("." if everything else " to review: --all shows what was reviewed."))
    return 0


def review_command(
    settings: Settings, number: int, verdict: Verdict, right_answers: Sequence[str], *, answerable: bool
) -> int:
    with closing(compose.feedback(settings)) as store:
        store.review(number, verdict, right_answers, answerable=answerable)
    click.echo(f"Feedback {number} is {verdict}.")
    return 0


def export_command(settings: Settings, path: Path | None) -> int:
    from bot.feedback_cases import cases

    with closing(compose.feedback(settings)) as store, closing(compose.library(settings)) as library:
        lines = [json.dumps(case, ensure_ascii=False) for case in cases(store.rows("accepted"), library.catalog)]
    if not lines:
        raise BadInput("No feedback was accepted yet: `citebot feedback list`, then `citebot feedback review`.")
    text = "\n".join(lines) + "\n"
    if path is None:
        click.echo(text, nl=False)
        return 0
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror}): give another file.") from error
    compose.tell(f"wrote {counted(len(lines), 'case')} to {path}: `citebot eval {path}` scores them.")
    return 0


def _json(row: Mapping[Any, Any]) -> dict[str, Any]:
    fields = {name: row[name] for name in _FIELDS}
    return fields | {"answer": row["document"]["answer"], "given_at": row["given_at"].isoformat()}


def _told(row: Mapping[Any, Any]) -> str:
    said = one_line(row["document"]["answer"]) or "not in the documents"
    reason = f", {row['reason'].replace('_', ' ')}" if row["reason"] else ""
    reviewed = f" [{row['verdict']}]" if row["verdict"] else ""
    lines = [
        f"{row['id']:>4}  {row['vote']}{reason}  {row['given_at']:%Y-%m-%d}{reviewed}",
        f"      asked     {one_line(row['question'])}",
        f"      answered  {said}",
    ]
    if row["expected"]:
        lines.append(f"      expected  {one_line(row['expected'])}")
    return "\n".join(lines)
