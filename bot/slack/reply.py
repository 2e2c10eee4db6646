"""The messages that answer one question: posted once, changed in place, found again when it is unclear what arrived.

Before a message is made, the inbox notes that one is on its way; its `ts` is noted right after. Whoever takes over
from a process that died, or did not hear back from Slack, therefore knows to look before posting again.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from bot.slack.asked import Asked
from bot.slack.clock import Clock
from bot.slack.inbox import Inbox
from bot.slack.message import Message
from bot.slack.web import Refused, Unreached, Unsure, Web

log = logging.getLogger(__name__)

EVENT_TYPE = "citebot_answer"
"""The metadata that says which question a message answers."""
LATE = 2.0
"""Seconds after which a message that Slack has taken can be read back."""
TRIES = 3
PAGE = 15
"""Messages asked for at once: all that some apps get (docs: rate limits, change of 2025-05-29)."""
QUIET = {"unfurl_links": False, "unfurl_media": False}
UNCHANGEABLE = ("message_not_found", "cant_update_message", "edit_window_closed")


class Reply:
    def __init__(
        self,
        web: Web,
        inbox: Inbox,
        clock: Clock,
        asked: Asked,
        *,
        bot_id: str,
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`before` is awaited ahead of every new message."""
        self._web = web
        self._inbox = inbox
        self._clock = clock
        self._bot_id = bot_id
        self._asked = asked
        self._before = before
        self.messages = list(asked.messages)
        self.stream = asked.stream
        self.posting = asked.posting
        self.posted = False
        """A message was made, which makes Slack clear the thread's status."""

    async def settle(self) -> None:
        """Brings in what may have got lost, and ends a stream that may be open: after it, messages can be changed.

        Raises:
            SlackProblem: it is not possible to find out.
        """
        if self.posting:
            for ts in await self._lost():
                self.messages.append(ts)
                self.stream = ts
        if self.stream:
            try:
                where = {"channel": self._asked.channel, "ts": self.stream}
                await self._web.call("chat.stopStream", **where, metadata=self.metadata)
            except Refused as refused:
                log.debug("stream not stopped: %s", refused)
        if self.posting or self.stream:
            await self.save(stream="", posting=False)

    async def show(self, messages: Sequence[Message]) -> None:
        """Makes the reply consist of exactly these messages.

        Raises:
            SlackProblem: part of it may be missing; the inbox knows how far it came.
        """
        await self.settle()
        for place, message in enumerate(messages):
            if place >= len(self.messages) or not await self._changed(self.messages[place], message):
                await self.post(message, place)
        for ts in self.messages[len(messages) :]:
            await self._delete(ts)
        await self.save(messages=self.messages[: len(messages)])

    async def remove(self) -> None:
        await self.settle()
        for ts in self.messages:
            await self._delete(ts)
        await self.save(messages=[])

    async def post(self, message: Message, place: int | None = None) -> None:
        """One more message, or a new one in the place of one that is gone.

        Raises:
            SlackProblem: it is not there, or (Unsure) nobody knows.
        """
        content = {"text": message.text, "blocks": list(message.blocks), **QUIET}
        await self.make("chat.postMessage", place, metadata=self.metadata, **content)

    async def make(self, method: str, place: int | None = None, **content: Any) -> None:
        """Makes a message; that it is on its way is noted before, its `ts` after.

        Raises:
            SlackProblem: as for `post`.
        """
        if self._before is not None:
            await self._before()
        await self.save(posting=True)
        where = {"channel": self._asked.channel, "thread_ts": self._asked.thread_ts}
        try:
            ts = await self._arrived(method, {**where, **content})
        except (Refused, Unreached):
            await self.save(posting=False)
            raise
        self.posted = True
        if place is not None and place < len(self.messages):
            self.messages[place] = ts
        else:
            self.messages.append(ts)
        streaming = {"stream": ts} if method == "chat.startStream" else {}
        await self.save(messages=self.messages, posting=False, **streaming)

    async def _arrived(self, method: str, arguments: dict[str, Any]) -> str:
        """Makes the call; where it is unclear whether it did anything, looks before it tries again."""
        tries = TRIES
        while True:
            try:
                return str((await self._web.call(method, **arguments))["ts"])
            except Unsure:
                tries -= 1
                if method != "chat.postMessage" or not tries:
                    raise
                if lost := await self._lost():
                    return lost[0]

    async def save(self, **progress: Any) -> None:
        self.messages = progress.get("messages", self.messages)
        self.stream = progress.get("stream", self.stream)
        self.posting = progress.get("posting", self.posting)
        await self._inbox.save(self._asked.id, **progress)

    @property
    def metadata(self) -> dict[str, Any]:
        return {"event_type": EVENT_TYPE, "event_payload": {"question_ts": self._asked.ts}}

    async def _changed(self, ts: str, message: Message) -> bool:
        """Puts a message in the place of an older one; False if that one is gone, or may not be changed."""
        content = {"text": message.text, "blocks": list(message.blocks), "metadata": self.metadata}
        try:
            await self._web.call("chat.update", channel=self._asked.channel, ts=ts, **content)
        except Refused as refused:
            if refused.error not in UNCHANGEABLE:
                raise
            await self._delete(ts)
            return False
        return True

    async def _delete(self, ts: str) -> None:
        try:
            await self._web.call("chat.delete", channel=self._asked.channel, ts=ts)
        except Refused as refused:
            log.debug("message not deleted: %s", refused)

    async def _lost(self) -> list[str]:
        """Messages of this reply that are in the thread and not noted. A stream has no metadata until its end."""
        await self._clock.sleep(LATE)
        known = {*self.messages, *await self._inbox.replies_in(self._asked)}
        try:
            found = [each for each in await self._thread() if each.get("bot_id") == self._bot_id]
        except Refused as refused:  # the thread is gone, or a scope is missing: what cannot be found is not there
            log.warning("The thread cannot be searched: %s", refused)
            return []
        new = [each for each in found if each["ts"] not in known and each["ts"] > self._asked.ts]
        return [each["ts"] for each in new if _about(each) in (self._asked.ts, None)]

    async def _thread(self) -> list[dict[str, Any]]:
        found, cursor = list[dict[str, Any]](), ""
        where = {"channel": self._asked.channel, "ts": self._asked.thread_ts, "oldest": self._asked.ts}
        while True:
            page = await self._web.call(
                "conversations.replies", **where, limit=PAGE, include_all_metadata=True, cursor=cursor
            )
            found += page["messages"]
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return found


def _about(message: dict[str, Any]) -> str | None:
    """The question that a message says it answers; None if it says nothing."""
    metadata = message.get("metadata") or {}
    return (metadata.get("event_payload") or {}).get("question_ts") if metadata else None
