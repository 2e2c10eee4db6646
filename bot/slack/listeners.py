"""What is done with each event before Slack is told "got it": it is understood and stored, nothing more."""

import logging
import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.desk import Desk
from bot.slack.hearing import Change, Ears, Heard
from bot.slack.inbox import Inbox

log = logging.getLogger(__name__)

Body = Mapping[str, Any]


class Listeners:
    """Bolt runs them before it acknowledges: if storing fails, Slack does not hear "got it", and delivers again."""

    def __init__(self, ears: Ears, inbox: Inbox, desk: Desk) -> None:
        self._ears = ears
        self._inbox = inbox
        self._desk = desk

    def register(self, app: AsyncApp) -> None:
        app.event("app_mention")(self.message)
        app.event("message")(self.message)
        app.event("agent_session_stopped")(self.stopped)

    async def message(self, event: Body, body: Body) -> None:
        """A mention is delivered twice, as a mention and as a message: both are the same question."""
        shared = bool(body.get("is_ext_shared_channel"))
        if event.get("subtype") in ("message_changed", "message_deleted"):
            change = self._ears.changed(event, shared=shared)
            news = change is not None and await self._changed(change)
        else:
            heard = self._ears.heard(event, shared=shared)
            news = heard is not None and await self._heard(heard)
        if news:
            self._desk.wake()

    async def stopped(self, event: Body) -> None:
        until = str(event.get("event_ts") or "9")
        if await self._inbox.stop(self._ears.team, str(event["channel"]), str(event["thread_ts"]), until):
            self._desk.wake()

    async def _heard(self, heard: Heard) -> bool:
        asked = heard.question
        if not heard.certain and not await self._inbox.in_thread(asked.team, asked.channel, asked.thread_ts):
            return False
        return await self._inbox.store(asked)

    async def _changed(self, change: Change) -> bool:
        asked, certain = change.heard.question, change.heard.certain
        if change.kind == "deleted":
            return await self._inbox.delete(asked, remember=certain)
        return await self._inbox.edit(asked, change.edited_ts) or (
            certain and await self._inbox.store(asked, change.edited_ts)
        )


async def ignore() -> None:
    """Whatever else comes is acknowledged: Slack repeats what is not, and cuts off apps that fail too often."""


EVERYTHING = re.compile(".*")
