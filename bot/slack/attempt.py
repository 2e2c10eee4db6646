"""One attempt to show an answer in a thread: streamed where that is possible, else posted whole."""

import logging

from bot.answering import Event
from bot.slack import render
from bot.slack.desk import Job
from bot.slack.message import Message
from bot.slack.reply import Reply
from bot.slack.status import Status
from bot.slack.web import Refused
from bot.slack.writer import StreamWriter
from bot.types import Answer, Released

log = logging.getLogger(__name__)

Outcome = Answer | Message | None
"""The answer, what is said in its place, or None if it was interrupted."""


UNFIT = ("invalid_blocks", "msg_too_long", "msg_blocks_too_long", "msg_blocks_too_many", "invalid_arguments")
"""What Slack says of a message that it cannot show."""


class Interrupted(Exception):
    """The answer is no longer wanted, or no longer this process's business."""


class Attempt:
    """Streams only a first reply: a newer one takes the place of its messages. `streams` is what settings say."""

    def __init__(self, job: Job, status: Status, reply: Reply, writer: StreamWriter, *, streams: bool) -> None:
        self._job = job
        self._status = status
        self._reply = reply
        self._writer = writer
        # A stream is for one person, whose team must be known: in Slack Connect channels that is not certain.
        self._streams = streams and not job.asked.shared
        self._said: list[str] = []

    async def begin(self) -> None:
        """Takes up what an earlier attempt has left in the thread.

        Raises:
            SlackProblem: it is not possible to find out.
        """
        await self._reply.settle()
        self._streams = self._streams and not self._reply.messages

    def hear(self, event: Event) -> None:
        """Shows a released sentence at once, if this reply is streamed."""
        if isinstance(event, Released):
            self._said.append(event.claim.text)
            if self._streams:
                self._writer.add(render.claim_markdown(event))
        if self._writer.stopped:
            self._job.interrupt("stopped")

    async def show(self, outcome: Outcome, answer_id: str, *, human: bool) -> str:
        """Makes the thread show the outcome; returns what was said, for later questions.

        Raises:
            Interrupted: there is no outcome, and nobody stopped it.
            SlackProblem: it could not be shown, or not all of it.
        """
        stopped = self._job.asked.stopped or self._job.why == "stopped"
        if outcome is None and not stopped:
            raise Interrupted
        if isinstance(outcome, Message):
            await self._reply.show([outcome])
            return ""
        if outcome is not None and await self._streamed(outcome, answer_id, human=human):
            return outcome.text
        if outcome is None or self._writer.stopped:
            return await self._stopped()
        await self._whole(outcome, answer_id, human=human)
        return outcome.text or render.NOT_FOUND

    async def close(self) -> None:
        """Leaves no stream and no status behind, however the attempt ended."""
        try:
            await self._writer.abandon(**self._status.session)
        finally:
            await self._status.clear(posted=self._reply.posted)

    async def _streamed(self, answer: Answer, answer_id: str, *, human: bool) -> bool:
        if not self._streams or not self._said:
            return False
        await self._status.over()  # only now it is known whether there is a session to end
        session = self._status.session
        if not await self._writer.finish(render.closing(answer, answer_id, human=human), **session):
            return False
        if session:
            self._status.session_ended()
        return True

    async def _whole(self, answer: Answer, answer_id: str, *, human: bool) -> None:
        try:
            await self._reply.show(render.answer_messages(answer, answer_id, human=human))
        except Refused as refused:
            if refused.error not in UNFIT:
                raise
            log.exception("Slack does not take the answer; reference %s", answer_id)
            await self._reply.show([render.failure(answer_id)])

    async def _stopped(self) -> str:
        """What was streamed stays; whoever sees nothing yet is told."""
        await self._writer.abandon(**self._status.session)
        await self._reply.settle()
        if not self._reply.messages:
            await self._reply.show([render.stopped()])
        return " ".join(self._said)
