"""The line "<app> is thinking", and the session whose Stop button ends an answer.

Both are extras: no answer fails with them, and both are taken away in the end.
"""

import asyncio
import logging
from collections.abc import Awaitable

from bot.render import counted
from bot.slack.asked import Asked, Waiting
from bot.slack.clock import Clock
from bot.slack.inbox import Inbox
from bot.slack.web import SlackProblem, Unsure, Web

log = logging.getLogger(__name__)

THINKING = "is reading the documents …"
REFRESH = 90.0
"""Seconds; Slack takes a status away after 120 (docs: assistant.threads.setStatus)."""
STATUS, SESSION = "assistant.threads.setStatus", "agents.sessions.setStatus"


class Status:
    """What one thread shows while a question is answered. `resumed`: who died before us may have left something."""

    def __init__(self, web: Web, clock: Clock, asked: Asked, *, resumed: bool) -> None:
        self._web = web
        self._clock = clock
        self._thread = {"channel_id": asked.channel, "thread_ts": asked.thread_ts}
        self._session = self._line = resumed
        self._reserved = False
        self._shown = asyncio.Event()
        self._calling = asyncio.Lock()
        self._task = asyncio.create_task(self._show(), name="status")

    @property
    def session(self) -> dict[str, str]:
        """Arguments by which chat.stopStream ends the session too."""
        return {"session_status": "active"} if self._session else {}

    def session_ended(self) -> None:
        """It was, by a call with `session`."""
        self._session = False
        self._return_reserved()

    async def over(self) -> None:
        """Comes before the first message: that clears the line, which must not appear again after it."""
        await self._shown.wait()
        async with self._calling:
            self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def clear(self, *, posted: bool) -> None:
        """Takes everything away. `posted`: a message was made since, and that has cleared the line."""
        await self.over()
        self._return_reserved()
        if self._session:
            await _kindly(self._web.call(SESSION, **self._thread, status="active"))
        if self._line and not posted:
            await _kindly(self._web.call(STATUS, **self._thread, status=""))

    def _return_reserved(self) -> None:
        if self._reserved:
            self._web.pace.give_back(SESSION)
        self._reserved = False

    async def _show(self) -> None:
        try:
            if self._web.pace.take_now(SESSION, 2):
                self._reserved = True  # one of the two is for the call that ends it
                began = await _kindly(self._web.call_now(SESSION, **self._thread, status="processing"))
                self._session = self._session or began
            await self._set_line()
        finally:
            self._shown.set()
        while True:
            await self._clock.sleep(REFRESH)
            await self._set_line()

    async def _set_line(self) -> None:
        if self._web.pace.take_now(STATUS):
            self._line = True
            async with self._calling:
                await _kindly(self._web.call_now(STATUS, **self._thread, status=THINKING))


async def say_queued(web: Web, inbox: Inbox, waiting: Waiting, ahead: int) -> None:
    """Tells who waits that the question was heard, if that costs no waiting."""
    if not web.pace.take_now(STATUS):
        return
    thread = {"channel_id": waiting.channel, "thread_ts": waiting.thread_ts}
    await _kindly(web.call_now(STATUS, **thread, status=f"has {counted(ahead, 'question')} to answer before yours …"))
    if not await inbox.unclaimed(waiting.id):  # it may be answered by now, and nothing else would clear the line
        await _kindly(web.call(STATUS, **thread, status=""))


async def clear_all(web: Web, asked: Asked) -> None:
    """Takes away what an attempt that died may have left in a thread."""
    thread = {"channel_id": asked.channel, "thread_ts": asked.thread_ts}
    await _kindly(web.call(SESSION, **thread, status="active"))
    await _kindly(web.call(STATUS, **thread, status=""))


async def _kindly(call: Awaitable[object]) -> bool:
    """Makes a call that may fail; False if it certainly had no effect."""
    try:
        await call
    except SlackProblem as problem:
        log.info("No status: %s", problem)
        return isinstance(problem, Unsure)
    return True
