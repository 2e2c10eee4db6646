"""Calls of Slack's Web API: paced, in order for each channel, and honest about what is known when one fails."""

import asyncio
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from weakref import WeakValueDictionary

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.clock import Clock
from bot.slack.pace import Pace

log = logging.getLogger(__name__)

TIMEOUT = 30.0
"""Seconds for one call."""
POSTS = ("chat.postMessage", "chat.startStream")
"""Calls that make a new message: they keep their order within a channel, and are never repeated blindly."""
ONCE = (*POSTS, "chat.appendStream", "chat.postEphemeral", "views.open", "views.push")
"""Calls that must not be repeated when it is not known whether they took effect."""
TRIES = 4
UNCLEAR = ("internal_error", "fatal_error", "service_unavailable", "request_timeout", "unknown_error")
"""Errors after which a call may have taken effect all the same (docs: common errors)."""


class SlackProblem(Exception):
    """A call failed. `error` is Slack's own name for it, or what happened on the wire; it is never shown to people."""

    def __init__(self, method: str, error: str) -> None:
        super().__init__(f"{method}: {error}")
        self.method = method
        self.error = error


class Refused(SlackProblem):
    """Slack said no: the call had no effect, and would be refused again."""


class Unreached(SlackProblem):
    """Slack was not there: the call had no effect, and may be made later."""


class Unsure(SlackProblem):
    """Nobody knows whether the call took effect."""


class Web:
    """One workspace's Web API. The client must not retry by itself: it would repeat posts that had arrived."""

    def __init__(self, client: AsyncWebClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self.pace = Pace(clock)
        self._posting: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Calls a method when its turn has come; limits are waited for, other troubles tried again where that is safe.

        Raises:
            Refused, Unreached, Unsure: see there.
        """
        channel = str(arguments.get("channel", "")) if method in POSTS else ""
        if not channel:
            return await self._patiently(method, "", arguments)
        lock = self._posting.setdefault(channel, asyncio.Lock())
        async with lock:
            return await self._patiently(method, channel, arguments)

    async def call_now(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """One try of a call whose right was taken from `pace`, or that cannot wait, such as opening a view.

        Raises:
            Refused, Unreached, Unsure: see there; `ratelimited` is a refusal here.
        """
        return await self._once(method, arguments)

    async def _patiently(self, method: str, channel: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
        pause = 1.0
        tries = TRIES
        while True:
            await self.pace.turn(method, channel if method == "chat.postMessage" else "")
            try:
                return await self._once(method, arguments)
            except Refused as problem:
                if problem.error != "ratelimited":
                    raise
            except (Unreached, Unsure) as problem:
                tries -= 1
                if not tries or (isinstance(problem, Unsure) and method in ONCE):
                    raise
                log.info("%s failed (%s): trying again in %g s", method, problem.error, pause)
                await self._clock.sleep(pause)
                pause *= 2

    async def _once(self, method: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
        call = getattr(self._client, method.replace(".", "_"))
        try:
            answer = await call(**arguments)
        except SlackApiError as error:
            raise self._understood(method, error) from None
        except aiohttp.ClientConnectorError as error:
            raise Unreached(method, type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unsure(method, type(error).__name__) from None
        data: Mapping[str, Any] = answer.data
        return data

    def _understood(self, method: str, error: SlackApiError) -> SlackProblem:
        response: Any = error.response
        status = getattr(response, "status_code", getattr(response, "status", 0))
        data = getattr(response, "data", None)
        name = str(data.get("error", "")) if isinstance(data, dict) else ""
        if status == HTTPStatus.TOO_MANY_REQUESTS or name in ("ratelimited", "rate_limited"):
            headers = getattr(response, "headers", None) or {}
            self.pace.back_off(method, _seconds(headers.get("Retry-After")))
            return Refused(method, "ratelimited")
        if name and name not in UNCLEAR:
            return Refused(method, name)
        return Unsure(method, name or f"HTTP {status}")


def _seconds(retry_after: str | None) -> float:
    try:
        return float(retry_after or 30.0)
    except ValueError:
        return 30.0
