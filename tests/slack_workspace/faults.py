"""Faults that a test orders: what goes wrong with which call of which method."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Status:
    """An HTTP error before anything happened."""

    code: int
    body: str = "upstream connect error"
    content_type: str = "text/plain"


@dataclass(frozen=True)
class Error:
    """A platform error, as in ``{"ok": false, "error": "internal_error"}``."""

    error: str


@dataclass(frozen=True)
class RateLimit:
    """HTTP 429 with Retry-After."""

    retry_after: int = 30


@dataclass(frozen=True)
class Garbage:
    """HTTP 200 with a JSON content type and a body that is none."""

    body: str = '{"ok": tru'


@dataclass(frozen=True)
class Slow:
    """The call is handled, and answered, only after some virtual seconds."""

    seconds: float


@dataclass(frozen=True)
class Close:
    """The connection is cut before anything happened."""


@dataclass(frozen=True)
class AfterEffect:
    """The call takes effect, and then the application does not learn of it.

    ``drop`` cuts the connection, ``timeout`` never answers, ``500`` answers HTTP 500.
    """

    how: Literal["drop", "timeout", "500"]


Fault = Status | Error | RateLimit | Garbage | Slow | Close | AfterEffect
HTML_502 = Status(502, "<html><head><title>502 Bad Gateway</title></head><body></body></html>", "text/html")


@dataclass
class Order:
    method: str
    fault: Fault
    nth: int
    times: int
    seen: int = field(default=0)


class Faults:
    def __init__(self) -> None:
        self._orders: list[Order] = []

    def order(self, method: str, fault: Fault, nth: int = 1, times: int = 1) -> None:
        """Strike at the ``nth`` call of ``method`` from now (``*`` is any method), and at ``times - 1`` more."""
        self._orders.append(Order(method, fault, nth, times))

    def clear(self) -> None:
        self._orders.clear()

    def strike(self, method: str) -> Fault | None:
        """The fault for this call, if one is due. Every order counts every call it is about."""
        struck: Fault | None = None
        for order in self._orders:
            if order.method in (method, "*"):
                order.seen += 1
                if order.nth <= order.seen < order.nth + order.times:
                    struck = struck or order.fault
        return struck
