"""Makes Slack show what is wanted: the answer to a question, a newer answer, or nothing any more.

It is written for being interrupted: by an edit, a deletion, the Stop button, a lost claim, or the death of the process.
Whatever an earlier attempt has left in the thread is taken up and put right.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bot.answering import Answering, Event
from bot.errors import ModelUnavailable
from bot.journal import Journal
from bot.slack import render
from bot.slack.asked import Asked
from bot.slack.attempt import Attempt, Interrupted, Outcome
from bot.slack.clock import Clock
from bot.slack.desk import Job
from bot.slack.inbox import ClaimLost, Inbox
from bot.slack.message import Message
from bot.slack.private import whisper
from bot.slack.reply import Reply
from bot.slack.status import Status, clear_all
from bot.slack.web import Refused, SlackProblem, Web
from bot.slack.writer import StreamWriter
from bot.types import Answer, Question

log = logging.getLogger(__name__)

ATTEMPTS = 8
LONGEST_PAUSE = 120.0
DELETED = ("cannot_reply_to_message", "message_not_found", "thread_not_found")
"""What Slack says where the question has gone, of which an event tells too."""
TRY_AGAIN = "Please ask again in a few minutes."
INVITE = "I am not a member of this channel: invite me, and try again."
HINT = Message("Ask me a question, and I will look for the answer in the documents.")


@dataclass(frozen=True, slots=True)
class Worker:
    """`human`: there is a channel where a person can be asked."""

    web: Web
    inbox: Inbox
    journal: Journal
    answering: Answering
    clock: Clock
    bot_id: str
    human: bool

    async def work(self, job: Job) -> None:
        """Brings one question to its end, or gives it back to be taken up again."""
        asked = job.asked
        try:
            if asked.attempts > ATTEMPTS and not asked.gone:
                await self._given_up(asked)
            elif asked.kind == "command":
                await self._whispered(job)
            elif asked.gone:
                await self._removed(asked)
            else:
                await self._answered(job)
        except ClaimLost:
            log.info("Question %d was taken over by another process.", asked.id)
        except Interrupted:
            if job.why != "lost":
                await self.inbox.give_back(asked.id)
        except SlackProblem as problem:
            await self._failed(asked, problem)

    async def _answered(self, job: Job) -> None:
        asked = job.asked
        status = Status(self.web, self.clock, asked, resumed=asked.attempts > 1)
        reply = Reply(self.web, self.inbox, self.clock, asked, bot_id=self.bot_id, before=status.over)
        writer = StreamWriter(self.web, reply, self.clock, asked)
        attempt = Attempt(job, status, reply, writer, streams=not self.answering.mark)
        try:
            await attempt.begin()
            outcome = None if asked.stopped else await self._outcome(job, attempt)
            answer_id = await self._recorded(outcome)
            said = await attempt.show(outcome, answer_id, human=self.human)
        finally:
            await attempt.close()
        await self.inbox.finish(asked, said)

    async def _given_up(self, asked: Asked) -> None:
        """Nobody came to an end with this question, or lived to tell: it is not thought about again and again."""
        reference = secrets.token_hex(4)
        log.error("Question %d was tried %d times in vain; reference %s", asked.id, ATTEMPTS, reference)
        if asked.kind == "command":
            await whisper(self.web, asked, (render.failure(reference),))
        else:
            reply = Reply(self.web, self.inbox, self.clock, asked, bot_id=self.bot_id)
            await reply.show([render.failure(reference)])
            await clear_all(self.web, asked)
        await self.inbox.finish(asked, "")

    async def _removed(self, asked: Asked) -> None:
        await Reply(self.web, self.inbox, self.clock, asked, bot_id=self.bot_id).remove()
        await clear_all(self.web, asked)
        await self.inbox.finish(asked, "")

    async def _whispered(self, job: Job) -> None:
        """A private answer: nobody can see how far it came, so it may come twice after a crash, rather than never."""
        outcome = await self._outcome(job)
        answer_id = await self._recorded(outcome)
        if outcome is None:
            raise Interrupted
        if isinstance(outcome, Answer):
            messages = render.answer_messages(outcome, answer_id, human=self.human, share=True)
            await whisper(self.web, job.asked, messages)
        else:
            await whisper(self.web, job.asked, (outcome,))
        await self.inbox.finish(job.asked, "")

    async def _outcome(self, job: Job, attempt: Attempt | None = None) -> Outcome:
        asked = job.asked
        if not asked.text:
            return HINT
        question = Question(asked.text, id=str(asked.id), history=await self.inbox.history(asked))
        answer: Answer | None = None
        try:
            async for event in _until_interrupted(self.answering.stream(question), job):
                if isinstance(event, Answer):
                    answer = event
                elif attempt is not None:
                    attempt.hear(event)
        except Exception as error:
            reference = secrets.token_hex(4)
            log.exception("Question %d could not be answered; reference %s", asked.id, reference)
            return render.failure(reference, TRY_AGAIN if isinstance(error, ModelUnavailable) else "")
        finally:
            job.thought()
        return answer

    async def _recorded(self, outcome: Outcome) -> str:
        return await asyncio.to_thread(self.journal.record, outcome, "slack") if isinstance(outcome, Answer) else ""

    async def _failed(self, asked: Asked, problem: SlackProblem) -> None:
        """Slack would not take it: again later, if that can help."""
        if isinstance(problem, Refused) or asked.attempts >= ATTEMPTS:
            log.log(
                logging.INFO if problem.error in DELETED else logging.ERROR,
                "The answer to question %d cannot be shown: %s",
                asked.id,
                problem,
            )
            if asked.reply_url and problem.error in ("not_in_channel", "channel_not_found"):
                await whisper(self.web, asked, (Message(INVITE),))
            await self.inbox.finish(asked, "")
        else:
            pause = min(2.0**asked.attempts, LONGEST_PAUSE)
            log.warning("Question %d is tried again in %g s: %s", asked.id, pause, problem)
            await self.inbox.give_back(asked.id, self.clock.now() + pause)


async def _until_interrupted(events: AsyncIterator[Event], job: Job) -> AsyncIterator[Event]:
    interrupted = asyncio.ensure_future(job.interrupted.wait())
    while not interrupted.done():
        following = asyncio.ensure_future(anext(events, None))
        await asyncio.wait((following, interrupted), return_when=asyncio.FIRST_COMPLETED)
        if not following.done():
            following.cancel()
        (event,) = await asyncio.gather(following, return_exceptions=True)
        if event is None or isinstance(event, BaseException):
            interrupted.cancel()
            if isinstance(event, Exception):
                raise event
            break
        yield event
    await asyncio.gather(interrupted, return_exceptions=True)
