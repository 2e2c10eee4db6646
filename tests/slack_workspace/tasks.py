"""The fake's own background work. None of it outlives the workspace."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from slack_workspace.clock import Clock


class Tasks:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._running: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any], *, held: bool = True) -> asyncio.Task[Any]:
        """Start work that virtual time waits for, unless it is not ``held``."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        if held:
            self._clock.hold(task)
        return task

    def owns(self, task: asyncio.Task[Any]) -> bool:
        return task in self._running

    async def close(self) -> None:
        """Cancel what still runs; an error in any of it is raised."""
        running = list(self._running)
        for task in running:
            task.cancel()
        for outcome in await asyncio.gather(*running, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
