"""Who answers what when: claims open questions fairly, a bounded number at a time, and keeps the claims alive."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.errors import DatabaseUnavailable
from bot.slack.asked import Asked, Waiting, Wish
from bot.slack.clock import Clock
from bot.slack.fairness import Turns
from bot.slack.inbox import LEASE, Inbox

log = logging.getLogger(__name__)

BEAT = LEASE / 3
IN_FLIGHT = 64
"""Questions worked on at the same time, most of which wait for Slack."""
PATIENCE = 3.0
"""Seconds that a person waits without being told."""
RETELL = 90.0
"""Seconds after which a person who waits is told again; Slack takes a status away after 120."""
LATER = 30.0
"""Seconds until a question is tried again after an error of our own."""

LAST = 5.0
"""Seconds for answers that were interrupted to leave no stream and no status behind."""

Interruption = Literal["changed", "stopped", "lost", "closing"]


@dataclass(eq=False)
class Job:
    """A claimed question. `interrupted` is set when its answer is no longer wanted, for the reason `why`."""

    asked: Asked
    thought: Callable[[], None]
    """To be called when the answer is known: another question may be thought about, while this one is shown."""
    interrupted: asyncio.Event = field(default_factory=asyncio.Event)
    why: Interruption | None = None
    thinking: bool = True

    def interrupt(self, why: Interruption) -> None:
        if self.why != "lost":
            self.why = why
        self.interrupted.set()


class Desk:
    """`thinking` is how many questions are answered at the same time. `tell` lets a person know who must wait."""

    def __init__(
        self,
        inbox: Inbox,
        clock: Clock,
        work: Callable[[Job], Awaitable[None]],
        tell: Callable[[Waiting, int], Coroutine[Any, Any, None]],
        *,
        thinking: int,
    ) -> None:
        self._inbox = inbox
        self._clock = clock
        self._work = work
        self._tell = tell
        self._limit = thinking
        self._turns = Turns()
        self._jobs: dict[int, tuple[Job, asyncio.Task[None]]] = {}
        self._to_tell: dict[int, float] = {}
        """Who waits, and when they are to be told."""
        self._asides: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []
        self._closing = False

    def start(self) -> None:
        self._loops = [asyncio.create_task(self._serve(), name="desk"), asyncio.create_task(self._beats(), name="beat")]

    def wake(self) -> None:
        """Something new is in the inbox."""
        self._news.set()

    @property
    def idle(self) -> bool:
        return not self._jobs and not self._asides and not self._news.is_set()

    @property
    def ahead(self) -> int:
        """How many questions a new one would wait for, as far as this process knows."""
        return len(self._to_tell) + max(0, self._thinking - self._limit + 1)

    async def close(self, grace: float) -> None:
        """Takes nothing new, lets running answers finish for `grace` seconds, and hands back the others.

        What still waits for Slack after that is cut off: its claim runs out, and another process takes it up.
        """
        self._closing = True
        self._news.set()
        running = [task for _, task in self._jobs.values()]
        await self._within(grace, running)
        for job, _ in self._jobs.values():
            job.interrupt("closing")
        await self._within(LAST, running)
        cut_off = (*running, *self._loops, *self._asides)
        for task in cut_off:
            task.cancel()
        await asyncio.gather(*cut_off, return_exceptions=True)

    async def _within(self, seconds: float, tasks: Sequence[asyncio.Task[Any]]) -> None:
        """Waits until the tasks are done, but no longer than this."""
        if tasks:
            finished: asyncio.Future[Any] = asyncio.ensure_future(asyncio.wait(tasks))
            over: asyncio.Future[Any] = asyncio.ensure_future(self._clock.sleep(seconds))
            await asyncio.wait((finished, over), return_when=asyncio.FIRST_COMPLETED)
            finished.cancel()
            over.cancel()
            await asyncio.gather(finished, over, return_exceptions=True)

    @property
    def _thinking(self) -> int:
        return sum(job.thinking for job, _ in self._jobs.values())

    async def _serve(self) -> None:
        while not self._closing:
            await self._news.wait()
            self._news.clear()
            try:
                if self._jobs:
                    await self._watch(self._inbox.wishes())
                await self._take()
            except Exception:
                log.exception("Questions cannot be taken up just now: trying again.")
                await self._clock.sleep(1.0)
                self._news.set()

    async def _beats(self) -> None:
        """Signs of life; and a look for what other processes have left behind."""
        while True:
            self._news.set()
            await self._clock.sleep(BEAT)
            try:
                await self._watch(self._inbox.beat(self._clock.now()))
            except Exception:
                log.exception("Claims cannot be prolonged just now: trying again.")

    async def _watch(self, asking: Awaitable[dict[int, Wish]]) -> None:
        """Interrupts what is no longer wanted, or no longer ours."""
        jobs = [job for job, _ in self._jobs.values()]
        wishes = await asking
        for job in jobs:
            wish = wishes.get(job.asked.id)
            if wish is None:
                job.interrupt("lost")
            elif wish.revision != job.asked.revision:
                job.interrupt("changed")
            elif wish.stopped and not job.asked.stopped:
                job.interrupt("stopped")

    async def _take(self) -> None:
        found = await self._inbox.waiting(self._clock.now())
        waiting = [each for each in found if each.id not in self._jobs]
        while waiting and not self._closing and self._thinking < self._limit and len(self._jobs) < IN_FLIGHT:
            chosen = self._turns.next(waiting)
            waiting.remove(chosen)
            asked = await self._inbox.claim(chosen.id, self._clock.now())
            if asked is not None:
                self._begin(asked)
        self._tell_waiting(waiting)

    def _begin(self, asked: Asked) -> None:
        def thought() -> None:
            job.thinking = False
            self._news.set()

        job = Job(asked, thought)
        self._jobs[asked.id] = (job, asyncio.create_task(self._run(job), name=f"question {asked.id}"))

    async def _run(self, job: Job) -> None:
        try:
            await self._work(job)
        except Exception:
            log.exception("Question %d failed and is tried again later.", job.asked.id)
            await self._hand_back(job)
        finally:
            del self._jobs[job.asked.id]
            self._news.set()

    async def _hand_back(self, job: Job) -> None:
        try:
            await self._inbox.give_back(job.asked.id, self._clock.now() + LATER)
        except DatabaseUnavailable:
            log.exception("Question %d is tried again when its claim runs out.", job.asked.id)

    def _tell_waiting(self, waiting: list[Waiting]) -> None:
        now = self._clock.now()
        self._to_tell = {each.id: self._to_tell.get(each.id, now + PATIENCE) for each in waiting}
        for place, each in enumerate(waiting):
            if self._to_tell[each.id] <= now:
                self._to_tell[each.id] = now + RETELL
                task = asyncio.create_task(self._tell(each, place + self._thinking), name="queued")
                self._asides.add(task)
                task.add_done_callback(self._asides.discard)
