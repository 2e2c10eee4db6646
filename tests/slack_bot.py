"""The Slack bot in a test: the real one, on a fake workspace's wire and clock, with the seed article behind it."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import sqlalchemy as sa
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_workspace import Message, Workspace

from bot.answering import Answering
from bot.citing import Draft, Quote
from bot.evidence import Findings
from bot.feedback import Feedback
from bot.journal import Journal, connect
from bot.slack.app import Access, Bot, Parts, running
from bot.slack.clock import Clock
from bot.slack.socket import connected
from bot.types import Mode, Standalone, Turn, Usage, Withheld
from index.chunking import sentences

T = TypeVar("T")

ROOT = Path(__file__).parents[1]
GENERAL, SHARED = "C0GENERAL", "C0SHARED"
ANNA, BEN, ERIN = "U0ANNA", "U0BEN", "U0ERIN"
ASKBOT = "<@U0ASKBOT>"
WHO = "Who met Putin in Moscow last week?"
SAID = "White Home particular envoy Steve Witkoff met final week with Putin in Moscow"
UNKNOWN = "Who is Russia's foreign minister?"
BREATH = 0.01
"""Real seconds that the bot gets between two steps of virtual time."""


def access(slack: Workspace, **changes: str) -> Access:
    return Access(
        **{
            "api_url": slack.api_url,
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "signing_secret": slack.signing_secret,
            **changes,
        }
    )


@asynccontextmanager
async def serving(
    slack: Workspace,
    answering: Answering,
    folder: Path,
    way_in: Callable[[Bot], AbstractAsyncContextManager[T]],
    engine: sa.Engine | None = None,
    *,
    clock: Clock | None = None,
    **changes: str,
) -> AsyncIterator[tuple[Bot, T]]:
    """The bot at work with its database in `folder`, and what its way in gives."""
    journal = Journal(engine or connect("", folder))
    parts = Parts(answering, journal, Feedback(journal.engine))
    async with AsyncExitStack() as ends:
        ends.callback(journal.close)
        bot = await ends.enter_async_context(running(access(slack, **changes), parts, clock or slack.clock))
        opened = await ends.enter_async_context(way_in(bot))
        try:
            yield bot, opened
        finally:
            passing = asyncio.create_task(time_passes(slack))
            await ends.aclose()
            passing.cancel()
            await asyncio.gather(passing, return_exceptions=True)


@asynccontextmanager
async def at_work(
    slack: Workspace, answering: Answering, folder: Path, clock: Clock | None = None, **changes: str
) -> AsyncIterator[Bot]:
    """The bot connected to the workspace by Socket Mode."""
    before = slack.control.connections

    def way_in(bot: Bot) -> AbstractAsyncContextManager[object]:
        return connected(bot, access(slack), ping_seconds=1.0)

    async with serving(slack, answering, folder, way_in, None, clock=clock, **changes) as (bot, _):
        await slack.control.connected(before + 1)
        yield bot


class Wire:
    """One process's connection to the Web API: everything is passed on, until it is cut."""

    def __init__(self) -> None:
        self._ends: list[asyncio.StreamWriter] = []

    async def laid(self, api_url: str) -> str:
        """The address by which `api_url` is reached over this wire."""
        there = urlsplit(api_url)
        self._there = (there.hostname, there.port)
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{there.path}"

    def cut(self) -> None:
        self._server.close()
        for end in self._ends:
            end.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._there)
        self._ends += [writer, far_writer]
        await asyncio.gather(_passed_on(reader, far_writer), _passed_on(far_reader, writer))


async def _passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


class Mortal:
    """A bot that can be killed, with all that `kill -9` means to everybody else.

    From one moment on nothing of it reaches the database or the network. What its code still does while it is cleaned
    up, nobody notices.
    """

    def __init__(self, slack: Workspace, answering: Answering, folder: Path) -> None:
        self._slack = slack
        self._answering = answering
        self._folder = folder
        self._lives: list[AsyncExitStack] = []
        self._wire = Wire()

    async def start(self) -> None:
        before = self._opened()
        self._engine = connect("", self._folder)
        self._lives.append(AsyncExitStack())
        self._wire = Wire()
        self._lives[-1].callback(self._wire.cut)
        address = await self._wire.laid(self._slack.api_url)

        def way_in(bot: Bot) -> AbstractAsyncContextManager[SocketModeClient]:
            return connected(bot, access(self._slack, api_url=address), ping_seconds=1.0)

        serves = serving(self._slack, self._answering, self._folder, way_in, self._engine, api_url=address)
        self.bot, self._socket = await self._lives[-1].enter_async_context(serves)
        await self._slack.control.until(lambda: self._opened() > before)

    async def kill(self) -> None:
        """Kills it, and starts another in its place, while all of its claims still hold."""
        sa.event.listen(self._engine, "begin", _is_dead)
        self._socket.closed, self._socket.auto_reconnect_enabled = True, False
        self._wire.cut()
        await self._socket.aiohttp_client_session.close()
        self._socket.message_processor.cancel()
        await self.start()

    async def close(self) -> None:
        """Stops it as one should, and cleans up after those that were killed."""
        for ends in reversed(self._lives):
            await ends.aclose()

    def _opened(self) -> int:
        return len(self._slack.journal.entries("socket", "open"))


def _is_dead(_connection: sa.Connection) -> None:
    raise sa.exc.OperationalError("", None, RuntimeError("this process is dead"))


async def time_passes(slack: Workspace) -> None:
    """So that nobody waits for ever at the end."""
    while True:
        await slack.clock.advance(1.0)
        await asyncio.sleep(BREATH)


async def settled(slack: Workspace, *bots: Bot, connections: int = 0, limit: float = 1200.0) -> None:
    """Lets virtual time pass until all is delivered and acknowledged, and every question has come to its end."""

    async def done() -> bool:
        acked = all(delivery.acked for delivery in slack.control.deliveries())
        still_open = [await bot.inbox.waiting(slack.clock.now() + limit) for bot in bots]
        idle = all(bot.desk.idle and bot.errands.idle for bot in bots)
        return acked and slack.control.unanswered == 0 and not any(still_open) and idle

    end = slack.clock.now() + limit
    while not await done():
        if slack.clock.now() > end:
            raise TimeoutError(f"Not settled after {limit:g} virtual seconds:\n{slack.journal.tail()}")
        await slack.control.connected(connections)
        await slack.clock.advance(1.0)
        await asyncio.sleep(BREATH)


@dataclass
class Dictated:
    """An answerer that quotes the sentences of the first passage, each when the test says so."""

    mode: Mode = "openai"
    model: str = "dictated"
    prompts: dict[str, str] = field(default_factory=dict)
    allowed: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    histories: list[list[str]] = field(default_factory=list)
    """What each follow-up was understood by."""
    most: int = 100
    repeat: int = 1

    def allow(self, count: int = 1) -> None:
        for _ in range(count):
            self.allowed.release()

    async def condense(self, question: str, history: Sequence[Turn]) -> tuple[Standalone, Usage]:
        self.histories.append([turn.text for turn in history])
        return Standalone(question), Usage()

    async def drafts(
        self, question: str, findings: Findings, failed: Sequence[Withheld] = ()
    ) -> AsyncIterator[Draft | Usage]:
        text = findings.evidence[0].found.passage.text
        spans = (sentences(text) * self.repeat)[: self.most]
        for start, end in spans:
            await self.allowed.acquire()
            words = text[start:end].strip()
            yield Draft(" ".join(words.split()), (Quote(1, words),))
        await self.allowed.acquire()
        yield Usage()


async def asked(slack: Workspace, text: str = WHO, *, user: str = ANNA, channel: str = GENERAL) -> Message:
    """Somebody mentions the bot with a question."""
    return await slack.control.ask(user, channel, f"{ASKBOT} {text}")


@asynccontextmanager
async def citebot(folder: Path, environment: Mapping[str, str], *arguments: str) -> AsyncIterator[Process]:
    """`citebot slack` with a home under `folder`; killed at the end if it still runs."""
    given = {**os.environ, "CITEBOT_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "bot", "slack", *arguments]
    process = await asyncio.create_subprocess_exec(*command, env=given, stderr=PIPE, stdout=PIPE, cwd=folder)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
