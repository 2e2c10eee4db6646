"""The `citebot` command: parses, builds the parts, shows results, turns errors into exit codes.

Results go to stdout, progress and notices to stderr. Exit codes: 0 done, 1 a known failure, 2 wrong usage,
130 interrupted. Nothing heavy is imported before a command needs it.
"""

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from bot import __version__
from bot.cli_slack import feedback, manifest, slack

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
_MODE = click.option(
    "--mode",
    type=click.Choice(["auto", "embedded", "openai"]),
    default="auto",
    show_default=True,
    help="Who writes the answer: a chat model, or quotes found on this machine; auto takes a chat model if one is set.",
)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PATH = click.Path(dir_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="citebot")
def cli() -> None:
    """Ask your documents. Every sentence of an answer stands on a quote that was checked against its source.

    Settings come from the environment and from .env; `.env.example` lists them all.
    """


@cli.command()
@click.argument("sources", nargs=-1, metavar="[PATH|URL ...]")
@click.option(
    "--set",
    "collection",
    default="default",
    show_default=True,
    metavar="NAME",
    help="The document set to put them in.",
)
@click.option(
    "--prune",
    is_flag=True,
    help="Remove documents that are no longer there (below the paths, if any are given).",
)
@click.option(
    "--rebuild",
    is_flag=True,
    help="Cut and embed all indexed documents again, after a change of embedding model.",
)
@_JSON
def index(sources: tuple[str, ...], collection: str, *, prune: bool, rebuild: bool, as_json: bool) -> int:
    """Index files, folders and web pages; without any, the article that comes with citebot.

    Reads .txt, .md, .html, .pdf and .docx. What is unchanged is not embedded again.
    """
    from bot.commands import index_command

    return index_command(_settings(), sources, collection, prune=prune, rebuild_all=rebuild, as_json=as_json)


@cli.command()
@click.argument("query")
@click.option(
    "-k",
    "count",
    type=click.IntRange(1, 100),
    default=5,
    show_default=True,
    help="How many passages to show.",
)
@_JSON
def search(query: str, count: int, *, as_json: bool) -> int:
    """Show the passages that best match QUERY."""
    from bot.commands import search_command

    return search_command(_settings(), query, count, as_json=as_json)


@cli.command()
@click.argument("question", required=False)
@click.option(
    "--batch",
    type=click.File("r", encoding="utf-8"),
    metavar="FILE.jsonl|-",
    help="Answer every line of a file (with --json).",
)
@_MODE
@_JSON
def ask(question: str | None, batch: Any, mode: str, *, as_json: bool) -> int:
    """Answer QUESTION from the indexed documents, with its sources.

    With --batch, reads one {"id", "question", "history"?} per line and prints one answer per line, in order.
    """
    from bot.commands import ask_batch, ask_command

    if (question is None) == (batch is None):
        raise click.UsageError("Give a QUESTION, or --batch with a file: one of the two.")
    if batch is not None and not as_json:
        raise click.UsageError("--batch prints JSON lines: add --json.")
    if batch is not None:
        return ask_batch(_settings(), batch, mode)
    return ask_command(_settings(), question or "", mode, as_json=as_json)


@cli.command()
@_MODE
def chat(mode: str) -> int:
    """Ask questions one after the other, with follow-ups."""
    from bot.commands import chat_command

    return chat_command(_settings(), mode)


@cli.command("eval")
@click.argument("cases", required=False, type=_FILE, metavar="[CASES.jsonl]")
@click.option("--out", type=_PATH, metavar="RUN.json", help="Where to write the run record; default: in CITEBOT_HOME.")
@click.option("--baseline", type=_PATH, metavar="RUN.json", help="Compare with a run; exit 1 if worse.")
@click.option("--html", type=_PATH, metavar="FILE", help="Write a report: one page that needs no network.")
@click.option("--junit", type=_PATH, metavar="FILE", help="Write the result as JUnit XML, for CI.")
@click.option("--from", "finished", type=_FILE, metavar="RUN.json", help="Look at a finished run again.")
@click.option("--calibrate", is_flag=True, help="Answer everything, fit CITEBOT_EVIDENCE_THRESHOLD, put it in .env.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted run.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Cases asked at the same time; default: 4, embedded 1.")
@click.option(
    "--tolerance",
    "tolerances",
    multiple=True,
    metavar="[METRIC=]AMOUNT",
    help="How much worse a metric may get even if that is not significant; without METRIC, any share (default 0.05).",
)
@click.option("--allow-different", is_flag=True, help="Compare with a baseline of other cases or another index.")
@click.option("--judge", metavar="MODEL", help="Have a chat model grade the answers too.")
@click.option("--judge-repeats", type=click.IntRange(1, 20), default=3, show_default=True, help="Verdicts per answer.")
@click.option("--judge-max-tokens", type=click.IntRange(1), default=1_000_000, show_default=True, help="Its cap.")
@click.option("--judge-max-usd", type=click.FloatRange(0), help="Its cap in US dollars; needs CITEBOT_PRICES.")
@_MODE
@_JSON
def evaluate(tolerances: tuple[str, ...], **given: Any) -> int:
    """Score the answers to a question set: the 240 questions that come with citebot, or those of CASES.jsonl.

    Says how good answers, retrieval, citations and abstentions are, how sure each number is, and what to mend first.
    """
    from bot.commands import eval_command
    from bot.evals.options import parse

    return eval_command(_settings(), parse(given, tolerances))


@cli.group()
def cases() -> None:
    """Make question sets for `citebot eval`."""


@cases.command("import")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--split", default="test", show_default=True, help="Which qrels of a BEIR folder to take.")
def cases_import(source: Path, folder: Path, split: str) -> int:
    """Turn SQuAD .json, a BEIR folder or a .csv table into FOLDER/docs and FOLDER/cases.jsonl."""
    from bot.evals.sets import import_command

    return import_command(source, folder, split)


@cases.command("pin")
@click.argument("path", type=_FILE, metavar="CASES.jsonl")
def cases_pin(path: Path) -> int:
    """Pin cases to their sources as they are indexed now: if a source changes, its cases count as stale."""
    from bot.commands import pin_command

    return pin_command(_settings(), path)


@cli.command()
@_JSON
def status(*, as_json: bool) -> int:
    """Show what is indexed and which models are used."""
    from bot.commands import status_command

    return status_command(_settings(), as_json=as_json)


@cli.command()
@_JSON
def doctor(*, as_json: bool) -> int:
    """Check settings, models, index and connections; every failed check says how to mend it."""
    from bot.doctor import doctor_command

    return doctor_command(as_json=as_json)


cli.add_command(feedback)
cli.add_command(manifest)
cli.add_command(slack)


def _settings() -> Any:
    from bot.settings import load_settings

    return load_settings()


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command and leaves the process with its exit code."""
    # Importing makes a hundred thousand objects that stay: searching them for garbage while they are made costs
    # a tenth of a short command. Commands that run for long turn it on again.
    gc.disable()
    code = _run(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.stderr.flush()
    # Taking the imported packages apart object by object takes longer than answering did. All files are closed.
    os._exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = cli.main(args=arguments, prog_name="citebot", standalone_mode=False)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("citebot: interrupted", err=True)
        code = 130
    except BrokenPipeError:
        code = 0
    except Exception as error:
        from bot.errors import KNOWN_PROBLEMS, explain

        if not isinstance(error, KNOWN_PROBLEMS):
            raise
        click.echo(f"citebot: {explain(error)}", err=True)
        code = 1
    return code or 0
