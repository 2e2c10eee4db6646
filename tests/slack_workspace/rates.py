"""The rate limiter: one window per method, team and app (docs: rate limits, and each method's page)."""

import math
from collections import defaultdict, deque
from enum import IntEnum

from slack_workspace.clock import Clock
from slack_workspace.wire import RateLimited

WINDOW = 60.0
POST_BURST = 3
"""Messages at once in one channel, before the one per second holds."""


class Tier(IntEnum):
    """Calls a minute. ``SPECIAL`` stands for numbers that Slack does not publish; 100 is our guess."""

    ONE = 1
    TWO = 20
    THREE = 50
    FOUR = 100
    SPECIAL = 101


class Rates:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: dict[tuple[str, str, str], deque[float]] = defaultdict(deque)
        self._tokens: dict[tuple[str, str], tuple[float, float]] = {}

    def check(self, method: str, team: str, app: str, tier: int) -> None:
        """Count one call; above the tier, and a tenth more as a burst, it is refused."""
        self.window(self._calls[method, team, app], tier + tier // 10)

    def check_post(self, app: str, channel: str) -> None:
        """One message a second in a channel, with short bursts (docs: rate limits, posting messages)."""
        now = self._clock.now()
        tokens, since = self._tokens.get((app, channel), (float(POST_BURST), now))
        tokens = min(float(POST_BURST), tokens + now - since)
        if tokens < 1:
            raise RateLimited(max(1, math.ceil(1 - tokens)))
        self._tokens[app, channel] = (tokens - 1, now)

    def once_a_minute(self, method: str, app: str) -> None:
        """History and replies of apps outside the Marketplace (docs: rate limits, change of 2025-05-29)."""
        self.window(self._calls[method, "non_marketplace", app], 1)

    def window(self, calls: deque[float], most: int) -> None:
        now = self._clock.now()
        while calls and calls[0] <= now - WINDOW:
            calls.popleft()
        if len(calls) >= most:
            raise RateLimited(max(1, math.ceil(calls[0] + WINDOW - now)))
        calls.append(now)
