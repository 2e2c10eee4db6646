"""What is done after a click was acknowledged, and messages that answer no question."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any

from bot.slack.message import Message
from bot.slack.reply import QUIET
from bot.slack.web import SlackProblem, Web

log = logging.getLogger(__name__)

GRACE = 5.0
"""Seconds that a click has to take effect when the bot stops."""
NOTE = {"event_type": "citebot_note", "event_payload": {"answers": "nothing"}}


class Errands:
    def __init__(self, web: Web) -> None:
        self._web = web
        self._running: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, object]) -> None:
        """Does something in the background; what goes wrong with it is logged."""
        task = asyncio.create_task(_logged(work), name="errand")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    @property
    def idle(self) -> bool:
        return not self._running

    async def close(self) -> None:
        """Waits a little for what was begun."""
        if running := set(self._running):
            _, late = await asyncio.wait(running, timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def post(self, channel: str, messages: Sequence[Message]) -> None:
        """Posts messages that answer no question: the first in the channel, the others in its thread.

        Raises:
            SlackProblem: not all of them are there.
        """
        thread: dict[str, str] = {}
        for message in messages:
            content = {"text": message.text, "blocks": list(message.blocks), "metadata": NOTE, **QUIET}
            posted = await self._web.call("chat.postMessage", channel=channel, **thread, **content)
            thread = thread or {"thread_ts": posted["ts"]}


async def _logged(work: Coroutine[Any, Any, object]) -> None:
    try:
        await work
    except SlackProblem as problem:
        log.warning("A click had no effect: %s", problem)
    except Exception:
        log.exception("A click had no effect.")
