"""Virtual time: retries, expiry and rate windows run on it, and a test moves it.

Network I/O stays real. So that moving the time does not outrun an answer that is already on the wire, ``advance``
stops before every step until everything passed to ``hold`` is done, though never longer than ``patience`` real seconds.
"""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from typing import Any, NoReturn

TICK = 0.02
"""Real seconds between two steps of a clock that follows real time."""


def wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Timer:
    """Something that happens at a virtual time, unless cancelled before."""

    def __init__(self, when: float, action: Callable[[], object]) -> None:
        self.when = when
        self.action = action
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """Seconds since 1970 that only pass when told to.

    The application under test may be given ``now`` and ``sleep`` as its own clock.
    """

    def __init__(self, start: float = 1_800_000_000.0, patience: float = 1.0) -> None:
        self._now = start
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._on_the_wire: set[asyncio.Future[Any]] = set()
        self._moving = asyncio.Lock()
        self.patience = patience

    def now(self) -> float:
        return self._now

    def call_later(self, seconds: float, action: Callable[[], object]) -> Timer:
        timer = Timer(self._now + seconds, action)
        heapq.heappush(self._timers, (timer.when, next(self._order), timer))
        return timer

    def hold(self, answer: asyncio.Future[Any]) -> None:
        """Let no virtual time pass until ``answer`` is done, within ``patience``."""
        self._on_the_wire.add(answer)
        answer.add_done_callback(self._on_the_wire.discard)

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_later(seconds, lambda: wake(woken))
        try:
            await woken
        finally:
            timer.cancel()

    async def advance(self, seconds: float) -> None:
        """Move the time forward, and do on the way what falls due, each at its own moment."""
        async with self._moving:
            target = self._now + seconds
            await self._settle()
            while self._timers and self._timers[0][0] <= target:
                self._now = max(self._now, self._timers[0][0])
                self._fire()
                await self._settle()
            self._now = target
            await self._settle()

    async def advance_until(
        self, condition: Callable[[], object], *, step: float = 1.0, limit: float = 3600.0, breath: float = 0.01
    ) -> None:
        """Move the time in steps until the condition holds; ``limit`` is in virtual seconds.

        After each step the application gets ``breath`` real seconds to make the calls it woke up for.
        """
        end = self._now + limit
        while not condition():
            if self._now >= end:
                raise TimeoutError(f"Not so after {limit:g} virtual seconds.")
            await self.advance(min(step, end - self._now))
            await asyncio.sleep(breath)

    async def follow_real_time(self) -> NoReturn:
        """Let virtual seconds pass like real ones, for load runs and for applications in another process."""
        began, offset = time.monotonic(), self._now
        while True:
            await asyncio.sleep(TICK)
            target = offset + time.monotonic() - began
            while self._timers and self._timers[0][0] <= target:
                self._now = max(self._now, self._timers[0][0])
                self._fire()
            self._now = max(self._now, target)

    def _fire(self) -> None:
        """Do everything that is due now."""
        while self._timers and self._timers[0][0] <= self._now:
            _, _, timer = heapq.heappop(self._timers)
            if not timer.cancelled:
                timer.action()

    async def _settle(self) -> None:
        await asyncio.sleep(0)
        while self._on_the_wire:
            _, unanswered = await asyncio.wait(self._on_the_wire, timeout=self.patience)
            self._on_the_wire -= unanswered
            await asyncio.sleep(0)
