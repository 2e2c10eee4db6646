"""The line "<app> is thinking", and the session whose Stop button ends an answer. Both are extras: no answer waits
for them or fails with them, and both are taken away in the end."""

import asyncio
import logging
from collections.abc import Awaitable

from bot.slack.asked import Asked
from bot.slack.clock import Clock
from bot.slack.web import Refused, SlackProblem, Web

log = logging.getLogger(__name__)

THINKING = "is reading the documents …"
REFRESH = 90.0
"""Seconds; Slack takes a status away after 120 (docs: assistant.threads.setStatus)."""
STATUS, SESSION = "assistant.threads.setStatus", "agents.sessions.setStatus"
UNSUPPORTED = ("not_authorized", "unknown_method", "missing_scope", "not_allowed_token_type")


class Status:
    """What one thread shows while a question is answered."""

    def __init__(self, web: Web, clock: Clock, asked: Asked, *, resumed: bool) -> None:
        self._web = web
        self._clock = clock
        self._thread = {"channel_id": asked.channel, "thread_ts": asked.thread_ts}
        self._session = resumed  # who died before us may have left it
        self._line = resumed
        self._shown = asyncio.Event()
        self._task = asyncio.create_task(self._show(), name="status")

    async def ready(self) -> None:
        """Waits until the status is there, so that the first message, which clears it, comes after it."""
        await self._shown.wait()

    @property
    def session(self) -> dict[str, str]:
        """Arguments by which chat.stopStream ends the session too."""
        return {"session_status": "active"} if self._session else {}

    def ended(self) -> None:
        """The session was ended by a call with `session`."""
        self._session = False

    async def clear(self, *, posted: bool) -> None:
        """Takes everything away. `posted`: a message was made since, and that has cleared the line."""
        await self.ready()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._session:
            await self._kindly(self._web.call(SESSION, **self._thread, status="active"))
        if self._line and not posted:
            await self._kindly(self._web.call(STATUS, **self._thread, status=""))

    async def _show(self) -> None:
        try:
            if self._web.pace.take_now(SESSION, 2):
                self._session = True
                began = await self._kindly(self._web.call_now(SESSION, **self._thread, status="processing"))
                self._session = began or self._session and not began
            await self._line_shown()
        finally:
            self._shown.set()
        while True:
            await self._clock.sleep(REFRESH)
            await self._line_shown()

    async def _line_shown(self) -> None:
        if self._web.pace.take_now(STATUS):
            self._line = True
            await self._kindly(self._web.call_now(STATUS, **self._thread, status=THINKING))

    @staticmethod
    async def _kindly(call: Awaitable[object]) -> bool:
        try:
            await call
        except SlackProblem as problem:
            log.info("No status: %s", problem)
            return isinstance(problem, Refused) is False
        return True
