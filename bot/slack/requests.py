"""The command and the message shortcut: questions that come without a message to the bot."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack import handover, names, render
from bot.slack.asked import Question
from bot.slack.desk import Desk
from bot.slack.errands import Errands
from bot.slack.hearing import Ears
from bot.slack.inbox import Inbox
from bot.slack.message import Message
from bot.slack.private import respond

Body = Mapping[str, Any]

KNOWN = Message("I have answered this message already: see its thread.")
NOTHING = Message("There are no words in this message that I could answer.")


class Requests:
    def __init__(self, ears: Ears, inbox: Inbox, desk: Desk, errands: Errands) -> None:
        self._ears = ears
        self._inbox = inbox
        self._desk = desk
        self._errands = errands

    def register(self, app: AsyncApp) -> None:
        app.command(names.COMMAND)(self.command)
        app.shortcut(names.ANSWER_MESSAGE)(self.shortcut)
        app.action(names.FOLLOW_UPS)(self.switch_follow_ups)

    async def command(self, ack: AsyncAck, body: Body) -> None:
        """A private question; without one, how to ask, and the channel's switch."""
        text = self._ears.plain(str(body.get("text") or ""))
        if not text:
            on = await self._inbox.follow_ups(self._ears.team, body["channel_id"])
            await _told(ack, handover.follow_ups_help(on=on))
            return
        busy = self._desk.ahead
        trigger = str(body["trigger_id"])
        await self._inbox.store(
            Question(
                team=self._ears.team,
                channel=body["channel_id"],
                ts=f"command-{trigger}"[:96],
                thread_ts=trigger[-32:],
                user=body["user_id"],
                user_team=body["team_id"],
                text=text,
                kind="command",
                reply_url=body["response_url"],
            )
        )
        self._desk.wake()
        if busy:
            await _told(ack, render.queued(busy))
        else:
            await ack()

    async def shortcut(self, ack: AsyncAck, body: Body) -> None:
        """Answers any message, in its thread."""
        message = body["message"]
        question = Question(
            team=self._ears.team,
            channel=body["channel"]["id"],
            ts=message["ts"],
            thread_ts=message.get("thread_ts") or message["ts"],
            user=body["user"]["id"],
            user_team=body["user"].get("team_id") or self._ears.team,
            text=self._ears.plain(str(message.get("text") or "")),
            kind="shortcut",
            reply_url=body["response_url"],
        )
        note = None
        if not question.text:
            note = NOTHING
        elif not await self._inbox.store(question):
            note = KNOWN
        await ack()
        self._desk.wake()
        if note is not None:
            self._errands.run(respond(question.reply_url, note))

    async def switch_follow_ups(self, ack: AsyncAck, body: Body) -> None:
        on = body["actions"][0].get("value") == "on"
        channel = body["channel"]["id"]
        await self._inbox.set_follow_ups(self._ears.team, channel, on=on)
        await ack()
        self._errands.run(self._errands.post(channel, [handover.follow_ups_switched(on=on)]))


async def _told(ack: AsyncAck, message: Message) -> None:
    await ack(text=message.text, blocks=list(message.blocks), response_type="ephemeral")
