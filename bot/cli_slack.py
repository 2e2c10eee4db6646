"""The commands around the Slack bot, as `bot.cli` offers them."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")


@click.command()
@click.option("--http", is_flag=True, help="Receive Slack's requests over HTTP, for several processes side by side.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --http: the address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=3000, show_default=True, help="With --http.")
@click.option(
    "--mode",
    type=click.Choice(["auto", "embedded", "openai"]),
    default="auto",
    show_default=True,
    help="Who writes the answers; auto takes a chat model if one is set.",
)
def slack(host: str, port: int, mode: str, *, http: bool) -> int:
    """Answer questions in Slack, until SIGTERM or Ctrl-C: Socket Mode, or the Events API with --http.

    `citebot manifest` prints what to create the Slack app from; `citebot doctor` checks the tokens.
    """
    from bot.commands import serve_slack

    return serve_slack(_settings(), mode, http=(host, port) if http else None)


@click.group()
def feedback() -> None:
    """Review what people said about answers, and make question sets of it."""


@feedback.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what was reviewed.")
@_JSON
def feedback_list(*, everything: bool, as_json: bool) -> int:
    """Show feedback that waits for a review."""
    from bot.feedback_commands import list_command

    return list_command(_settings(), everything=everything, as_json=as_json)


@feedback.command("review")
@click.argument("number", type=int, metavar="ID")
@click.option("--reject", is_flag=True, help="The feedback is of no use.")
@click.option("--answer", "answers", multiple=True, metavar="TEXT", help="A right answer; repeat for other wordings.")
@click.option("--not-in-documents", "missing", is_flag=True, help="The documents do not hold the answer.")
def feedback_review(number: int, answers: tuple[str, ...], *, reject: bool, missing: bool) -> int:
    """Accept feedback ID, saying what is right, or reject it.

    Without --answer, a good vote accepts the answer that was given, and a bad one what the person expected.
    """
    from bot.feedback_commands import review_command

    if reject + missing + bool(answers) > 1:
        raise click.UsageError("Give one of --reject, --answer and --not-in-documents.")
    return review_command(_settings(), number, "rejected" if reject else "accepted", answers, answerable=not missing)


@feedback.command("export")
@click.argument("path", required=False, type=click.Path(dir_okay=False, path_type=Path), metavar="[CASES.jsonl]")
def feedback_export(path: Path | None) -> int:
    """Write accepted feedback as cases for `citebot eval`, to a file or to stdout."""
    from bot.feedback_commands import export_command

    return export_command(_settings(), path)


@click.command()
@click.option(
    "--http", "url", metavar="URL", help="Where Slack reaches `citebot slack --http`; without it, Socket Mode."
)
def manifest(url: str | None) -> int:
    """Print the manifest to create the Slack app from (api.slack.com/apps, "From a manifest")."""
    import json

    from bot.slack.manifest import app_manifest

    if url is not None and (urlsplit(url).scheme != "https" or not urlsplit(url).netloc):
        raise click.UsageError("--http needs the public address of the bot, as https://bot.example.com.")
    click.echo(json.dumps(app_manifest(url), indent=2))
    return 0


def _settings() -> Any:
    from bot.settings import load_settings

    return load_settings()
