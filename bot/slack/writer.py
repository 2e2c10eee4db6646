"""An answer streamed sentence by sentence, within what one streamed message may hold and how long it may live.

Streams are for the eye. Whenever anything goes wrong with one, the writer gives up, and the whole answer is put in the
place of what was streamed: nothing is lost, nothing is there twice.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Literal

from bot.slack.asked import Asked
from bot.slack.clock import Clock
from bot.slack.message import Message
from bot.slack.reply import Reply
from bot.slack.web import Refused, SlackProblem, Web

log = logging.getLogger(__name__)

BYTES = 9_000
"""UTF-8 bytes in one streamed message (about 10,600 were measured to be the end: openclaw#143882)."""
SECONDS = 240.0
"""How long a message streams: after 300 s Slack has dropped it (slackapi/python-slack-sdk#1859)."""

APPEND = "chat.appendStream"

State = Literal["idle", "streaming", "given up"]


class StreamWriter:
    """Streams the text of one reply. One task makes all calls: none overlap, and text that waits is sent together."""

    def __init__(self, web: Web, reply: Reply, clock: Clock, asked: Asked) -> None:
        self._web = web
        self._reply = reply
        self._clock = clock
        self._asked = asked
        self._state: State = "idle"
        self._written = 0
        self._since = 0.0
        self._texts: list[str] = []
        self._news = asyncio.Event()
        self._ending = False
        self._task: asyncio.Task[None] | None = None
        self.stopped = False
        """A person pressed Stop."""

    def add(self, text: str) -> None:
        """One more sentence, to be shown soon."""
        self._texts.append(text)
        self._news.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="stream")

    async def finish(self, closing: Sequence[Message], **session: str) -> bool:
        """Ends the stream with its closing blocks. False: what is there is not the whole answer.

        Raises:
            ClaimLost: the reply is another process's now.
        """
        first, *more = closing
        if not await self._drained():
            return False
        ends: dict[str, Any] = {**session}
        if first.blocks:
            ends["blocks"] = list(first.blocks)
        if not await self._safely(self._close(**ends)):
            return False
        for message in more:
            await self._reply.post(message)
        return True

    async def abandon(self, **session: str) -> None:
        """Ends the stream as it is, for an answer that nobody wants any more. Nothing is left to do after `finish`."""
        await self._drained()
        if self._state == "streaming":
            await self._safely(self._close(**session))

    async def _drained(self) -> bool:
        """Waits until all is written; whether it is."""
        self._ending = True
        self._news.set()
        if self._task is not None:
            await self._task
        return self._state == "streaming"

    async def _run(self) -> None:
        while self._state != "given up":
            rested = await self._rested()
            if self._texts:
                if self._state == "streaming":  # what comes while this waits is sent together
                    await self._web.pace.turn(APPEND)
                await self._safely(self._write(self._portion()))
            elif self._ending:
                return
            elif rested and self._state == "streaming":
                await self._safely(self._close())

    async def _rested(self) -> bool:
        """Waits for news. True: none came for as long as a stream may live."""
        if self._texts or self._ending:
            return False
        self._news.clear()
        left = max(1.0, self._since + SECONDS - self._clock.now()) if self._state == "streaming" else SECONDS
        waits = [asyncio.ensure_future(self._news.wait()), asyncio.ensure_future(self._clock.sleep(left))]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        rested = not waits[0].done()
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        return rested

    def _portion(self) -> str:
        """As many waiting sentences as fit in one message."""
        portion = self._texts.pop(0)
        while self._texts and len((portion + self._texts[0]).encode()) <= BYTES - self._written:
            portion += self._texts.pop(0)
        return portion

    async def _write(self, text: str) -> None:
        size = len(text.encode())
        full = self._written + size > BYTES or self._clock.now() - self._since > SECONDS
        if self._state == "streaming" and full:
            await self._close()
        chunks = [{"type": "markdown_text", "text": text}]
        if self._state == "streaming":
            await self._append(text, chunks)
        elif size > BYTES or not self._web.pace.take_now("chat.startStream"):
            self._state = "given up"
        else:
            user, team = self._asked.user, self._asked.user_team
            self._since = self._clock.now()
            await self._reply.make("chat.startStream", recipient_user_id=user, recipient_team_id=team, chunks=chunks)
            self._state, self._written = "streaming", size

    async def _append(self, text: str, chunks: list[dict[str, str]]) -> None:
        try:
            await self._web.call_now(APPEND, channel=self._asked.channel, ts=self._reply.stream, chunks=chunks)
        except Refused as refused:
            if refused.error != "ratelimited":
                raise
            self._texts.insert(0, text)
        else:
            self._written += len(text.encode())

    async def _close(self, **ends: Any) -> None:
        where = {"channel": self._asked.channel, "ts": self._reply.stream}
        await self._web.call("chat.stopStream", **where, metadata=self._reply.metadata, **ends)
        self._state = "idle"
        await self._reply.save(stream="")

    async def _safely(self, step: Any) -> bool:
        """A step of streaming; if it fails, the stream is given up."""
        try:
            await step
        except SlackProblem as problem:
            self.stopped = self.stopped or problem.error == "stopped_by_user"
            log.info("The stream is given up: %s", problem)
            self._state = "given up"
            return False
        return self._state != "given up"
