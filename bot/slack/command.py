"""`citebot slack`: settings in, a bot at work until the process is told to stop."""

import asyncio
import gc
import logging
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing
from typing import Any

from bot import compose
from bot.errors import BotProblem, SetupProblem
from bot.feedback import Feedback
from bot.settings import Settings
from bot.slack.access import check_app_token, check_bot_token
from bot.slack.app import Access, Parts, running
from bot.slack.clock import SystemClock
from bot.slack.http import Receiver, served
from bot.slack.socket import connected
from index.library import Library

log = logging.getLogger(__name__)


NEEDED = ("chat:write",)
"""Scopes without which there is no answer; `citebot doctor` names all that is missing."""


class Discreet(logging.Formatter):
    """Tells where something went wrong and what kind of error it was, but not the words of foreign errors.

    Those may quote what people asked: a chat server that refuses a request often repeats it.
    """

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        told: list[str] = []
        error: BaseException | None = ei[1]
        while error is not None:
            kind = f"{type(error).__name__}: {error}" if isinstance(error, BotProblem) else type(error).__name__
            told.insert(0, "".join(traceback.format_tb(error.__traceback__)) + kind)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(told)


def slack_command(settings: Settings, ready: Callable[[], Library], mode: str, *, http: tuple[str, int] | None) -> int:
    """Serves the workspace by Socket Mode, or over HTTP at an address and port, until SIGTERM or Ctrl-C.

    `ready` opens the index; it is called once the tokens have proved good.

    Raises:
        SetupProblem: a token is missing or not accepted.
        DatabaseUnavailable: see `bot.journal.connect`.
    """
    access = _access(settings, http=http is not None)
    check_bot_token(access.bot_token, access.api_url, NEEDED)
    if http is None:
        check_app_token(access.app_token, access.api_url)  # the SDK would try a wrong one for ever
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    gc.enable()
    with closing(ready()) as opened, closing(compose.journal(settings)) as journal:
        answering = compose.answering(settings, opened, mode)
        compose.announce_mode(answering)
        compose.warm(answering)
        asyncio.run(_serve(access, Parts(answering, journal, Feedback(journal.engine)), http))
    return 0


async def _serve(access: Access, parts: Parts, http: tuple[str, int] | None) -> None:
    over = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, over.set)
    async with running(access, parts, SystemClock()) as bot:
        way_in: AbstractAsyncContextManager[Any]
        if http is None:
            way_in = connected(bot, access)
        else:
            way_in = served(Receiver(bot.app, access.signing_secret, lambda: not over.is_set()), *http)
        async with way_in as port:
            where = "Socket Mode" if http is None else f"HTTP on port {port}"
            compose.tell(f"answering in Slack by {where}; Ctrl-C stops it.")
            await over.wait()
        compose.tell("stopping: running answers are finished first.")


def _access(settings: Settings, *, http: bool) -> Access:
    def needed(name: str, secret: Any) -> str:
        if secret is None:
            raise SetupProblem(f"{name} is not set: docs/slack.md says where Slack shows it.")
        return str(secret.get_secret_value())

    return Access(
        api_url=settings.slack_api_url,
        bot_token=needed("SLACK_BOT_TOKEN", settings.slack_bot_token),
        app_token="" if http else needed("SLACK_APP_TOKEN", settings.slack_app_token),
        signing_secret=needed("SLACK_SIGNING_SECRET", settings.slack_signing_secret) if http else "",
        human_channel=settings.slack_human_channel,
    )
