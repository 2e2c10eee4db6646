"""Everything Slack sends to the application: attempts, the three seconds for an answer, retries, statistics."""

import asyncio
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from slack_workspace import limits
from slack_workspace.clock import Clock, Timer, wake
from slack_workspace.journal import Journal
from slack_workspace.options import Options
from slack_workspace.tasks import Tasks
from slack_workspace.wire import Json

EnvelopeType = Literal["events_api", "slash_commands", "interactive"]
HOUR = 3600.0


@dataclass
class Delivery:
    """One thing the application should get: an event, a command or an interaction."""

    id: str
    """The ``event_id`` of an event: the same on every attempt."""
    type: EnvelopeType
    payload: Json
    accepts_response: bool = False
    on_answer: Callable[[Json], None] = lambda _answer: None
    on_error: Callable[[str], None] = lambda _error: None
    attempts: list["Attempt"] = field(default_factory=list)
    acked: bool = False

    @property
    def name(self) -> str:
        event = self.payload.get("event", {})
        return str(event.get("type") or self.payload.get("command") or self.payload.get("type") or self.type)

    @property
    def pending(self) -> bool:
        return any(attempt.outcome is None for attempt in self.attempts)


@dataclass(eq=False)
class Attempt:
    """One try to deliver, number 0 to 3. An ``extra`` one was ordered by a test, and has no consequences if missed."""

    delivery: Delivery
    number: int
    reason: str | None
    envelope_id: str
    at: float
    real_at: float
    on_wire: asyncio.Future[None]
    """Done once it was sent, or could not be."""
    settled: asyncio.Future[None]
    """Done once it was answered or given up."""
    extra: bool = False
    deadline: Timer | None = None
    sending: asyncio.Task[None] | None = None
    outcome: str | None = None
    """"acked", or why not; None while it is open."""


class Transport(Protocol):
    timeout_reason: str
    """What a missed deadline is called as the reason of the next attempt."""

    async def send(self, attempt: Attempt) -> None:
        """Put it on the wire, and report to ``Deliveries.answered`` or ``missed`` what comes of it."""


class Deliveries:
    def __init__(self, clock: Clock, journal: Journal, options: Options, tasks: Tasks) -> None:
        self._clock = clock
        self._journal = journal
        self._options = options
        self._tasks = tasks
        self._events: deque[float] = deque()
        self._outcomes: deque[tuple[float, bool]] = deque()
        self._successes = 0
        self._leaving: set[asyncio.Future[None]] = set()
        self._open: set[Attempt] = set()
        self.transport: Transport
        self.all: list[Delivery] = []
        self.enabled = True
        """False once Slack switched the event subscription off."""

    def event(self, delivery: Delivery) -> None:
        """Deliver an event with retries, unless the application has had too many or fails too often."""
        now = self._clock.now()
        while self._events and self._events[0] <= now - HOUR:
            self._events.popleft()
        if not self.enabled:
            self._journal.write("state", "event_dropped", event=delivery.id)
            return
        self._events.append(now)
        if len(self._events) <= self._options.events_per_hour:
            self.submit(delivery)
        elif len(self._events) == self._options.events_per_hour + 1:
            minute = int(now // 60) * 60
            body = {key: delivery.payload.get(key) for key in ("token", "team_id", "api_app_id")}
            limited = {**body, "type": "app_rate_limited", "minute_rate_limited": minute}
            self.submit(Delivery(delivery.id, "events_api", limited))

    def submit(self, delivery: Delivery) -> None:
        self.all.append(delivery)
        first = self._start(delivery, 0, None)
        if self._options.replay_first_attempt and delivery.type == "events_api":
            self._clock.call_later(limits.REPLAY_SECONDS, lambda: self._start(delivery, 0, None, again=first))

    @property
    def unanswered(self) -> int:
        """How many attempts wait for an answer of the application."""
        return len(self._open)

    async def flushed(self) -> None:
        """Wait until everything that is due has been sent; not for any answer."""
        while self._leaving:
            await asyncio.wait(self._leaving)

    def redeliver(self, delivery: Delivery, *, as_retry: bool) -> None:
        """Send an event once more, now; with the marks of a retry or, as also happens, without."""
        regular = [attempt for attempt in delivery.attempts if not attempt.extra]
        number = min(len(regular), len(limits.RETRY_SECONDS)) if as_retry else 0
        self._start(delivery, number, self.transport.timeout_reason if as_retry else None, extra=True)

    def answered(self, attempt: Attempt, answer: Json, *, via: str) -> None:
        """The application answered this attempt; ``answer`` is the payload of the acknowledgement."""
        delivery = attempt.delivery
        if attempt.outcome is not None:
            kind = "second_ack" if attempt.outcome == "acked" else "late_ack"
            self._journal.write("anomaly", kind, delivery=delivery.id, type=delivery.name, via=via)
            return
        self._close(attempt, "acked")
        now, real = self._clock.now(), asyncio.get_running_loop().time()
        self._journal.write(
            "ack",
            delivery.name,
            delivery=delivery.id,
            attempt=attempt.number,
            latency=now - attempt.at,
            real_latency=real - attempt.real_at,
            payload=answer,
            via=via,
        )
        if answer and not delivery.accepts_response:
            self._journal.write("anomaly", "unexpected_ack_payload", delivery=delivery.id, type=delivery.name)
        if not delivery.acked:
            delivery.acked = True
            delivery.on_answer(answer if delivery.accepts_response else {})

    def missed(self, attempt: Attempt, reason: str, *, no_retry: bool = False) -> None:
        """This attempt failed: try again later if it is an event, else tell the person."""
        if attempt.outcome is not None:
            return
        self._close(attempt, reason)
        delivery = attempt.delivery
        self._journal.write("missed", delivery.name, delivery=delivery.id, attempt=attempt.number, reason=reason)
        timed_out = reason == self.transport.timeout_reason
        if delivery.type != "events_api":
            delivery.on_error("operation_timeout" if timed_out else "dispatch_failed")
            return
        if delivery.acked or attempt.extra:
            return
        number = attempt.number + 1
        if number > len(limits.RETRY_SECONDS) or (no_retry and not timed_out) or not self.enabled:
            self._journal.write("lost", delivery.name, delivery=delivery.id)
            return
        wait = attempt.at + limits.RETRY_SECONDS[number - 1] - self._clock.now()
        if wait <= 0:
            self._start(delivery, number, reason)
        else:
            self._clock.call_later(wait, lambda: self._start(delivery, number, reason))

    def _start(
        self,
        delivery: Delivery,
        number: int,
        reason: str | None,
        *,
        extra: bool = False,
        again: Attempt | None = None,
    ) -> Attempt:
        loop = asyncio.get_running_loop()
        attempt = Attempt(
            delivery,
            number,
            reason,
            again.envelope_id if again else str(uuid.uuid4()),
            self._clock.now(),
            loop.time(),
            on_wire=loop.create_future(),
            settled=loop.create_future(),
            extra=extra or again is not None,
        )
        delivery.attempts.append(attempt)
        self._open.add(attempt)
        attempt.deadline = self._clock.call_later(limits.ACK_SECONDS, lambda: self._expire(attempt))
        self._clock.hold(attempt.settled)
        attempt.sending = self._tasks.spawn(self._send(attempt))
        self._leaving.add(attempt.on_wire)
        attempt.on_wire.add_done_callback(self._leaving.discard)
        return attempt

    async def _send(self, attempt: Attempt) -> None:
        try:
            await self.transport.send(attempt)
        finally:
            wake(attempt.on_wire)

    def _expire(self, attempt: Attempt) -> None:
        if attempt.sending is not None:
            attempt.sending.cancel()
        self.missed(attempt, self.transport.timeout_reason)

    def _close(self, attempt: Attempt, outcome: str) -> None:
        attempt.outcome = outcome
        self._open.discard(attempt)
        if attempt.deadline is not None:
            attempt.deadline.cancel()
        wake(attempt.settled)
        if attempt.delivery.type == "events_api":
            self._count(ok=outcome == "acked")

    def _count(self, *, ok: bool) -> None:
        now = self._clock.now()
        while self._outcomes and self._outcomes[0][0] <= now - HOUR:
            self._successes -= self._outcomes.popleft()[1]
        self._outcomes.append((now, ok))
        self._successes += ok
        total = len(self._outcomes)
        enough = total >= self._options.disable_minimum
        if self.enabled and enough and self._successes < self._options.disable_below * total:
            self.enabled = False
            self._journal.write("state", "subscription_disabled", deliveries=total, successes=self._successes)
