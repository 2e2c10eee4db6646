"""No faster than Slack allows: a token bucket for each method, and one back-off for all callers that hit a limit.

Numbers are calls a minute (docs.slack.dev, rate limits and each method's page). A bucket never lets more than its
number through in any minute: a quarter of it at once, the rest as it refills.
"""

from collections import OrderedDict
from dataclasses import dataclass

from bot.slack.clock import Clock

TIERS = {
    "chat.startStream": 20,
    "chat.stopStream": 20,
    "chat.appendStream": 100,
    "chat.update": 50,
    "chat.delete": 50,
    "chat.postEphemeral": 100,
    "chat.postMessage": 300,  # "several hundred" in the whole workspace; each channel has a bucket of its own
    "conversations.replies": 50,
    "agents.sessions.setStatus": 50,
}
UNPUBLISHED = 100
"""For all other methods: tier 4, or not published."""
CHANNEL_POSTS = 50
"""Messages a minute in one channel: Slack allows one a second with short bursts."""
CHANNEL_BURST = 3
LONGEST = 120.0
"""Seconds of a Retry-After that are believed at once; a longer one is asked again."""
CHANNELS = 1_000
"""How many channels' buckets are remembered; one that was forgotten is full."""


@dataclass(slots=True)
class Bucket:
    """`capacity` tokens, refilled at `rate` a second. Tokens may be lent: below zero is what waits."""

    capacity: float
    rate: float
    tokens: float
    since: float

    def take(self, now: float) -> float:
        """Takes a token; seconds until it is there."""
        self._refill(now)
        self.tokens -= 1
        return max(0.0, -self.tokens / self.rate)

    def take_now(self, now: float, count: int) -> bool:
        """Takes tokens if all of them are there."""
        self._refill(now)
        if self.tokens < count:
            return False
        self.tokens -= count
        return True

    def _refill(self, now: float) -> None:
        self.tokens = min(self.capacity, self.tokens + (now - self.since) * self.rate)
        self.since = now


class Pace:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._methods: dict[str, Bucket] = {}
        self._channels: OrderedDict[str, Bucket] = OrderedDict()
        self._closed_until: dict[str, float] = {}

    async def turn(self, method: str, channel: str = "") -> None:
        """Waits until a call may be made; with `channel`, it is a message in that channel."""
        await self._opened(method)
        now = self._clock.now()
        waits = [self._method(method).take(now)]
        if channel:
            waits.append(self._channel(channel).take(now))
        await self._clock.sleep(max(waits))
        await self._opened(method)

    def take_now(self, method: str, count: int = 1) -> bool:
        """Takes the right to make calls, if that needs no waiting. The calls are then made without `turn`."""
        now = self._clock.now()
        return self._closed_until.get(method, 0.0) <= now and self._method(method).take_now(now, count)

    def give_back(self, method: str) -> None:
        """Returns the right to one call."""
        self._method(method).tokens += 1

    def back_off(self, method: str, retry_after: float) -> None:
        """Slack refused a call of this method: nobody makes another before that time."""
        until = self._clock.now() + min(max(retry_after, 1.0), LONGEST)
        self._closed_until[method] = max(until, self._closed_until.get(method, 0.0))

    async def _opened(self, method: str) -> None:
        while (closed := self._closed_until.get(method, 0.0) - self._clock.now()) > 0:
            await self._clock.sleep(closed)

    def _method(self, method: str) -> Bucket:
        bucket = self._methods.get(method)
        if bucket is None:
            limit = TIERS.get(method, UNPUBLISHED)
            bucket = Bucket(limit / 4, limit * 3 / 4 / 60, limit / 4, self._clock.now())
            self._methods[method] = bucket
        return bucket

    def _channel(self, channel: str) -> Bucket:
        bucket = self._channels.pop(channel, None)
        bucket = bucket or Bucket(CHANNEL_BURST, CHANNEL_POSTS / 60, CHANNEL_BURST, self._clock.now())
        self._channels[channel] = bucket
        while len(self._channels) > CHANNELS:
            self._channels.popitem(last=False)
        return bucket
