"""The append-only record of everything that crossed the wire, with virtual and real time."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from slack_workspace.clock import Clock
from slack_workspace.wire import Json

T = TypeVar("T")

Kind = Literal[
    "call",  # the application called a Web API method; data: args, token
    "reply",  # what it was told; data: call, status, body
    "socket",  # a Socket Mode connection came, went or was refused
    "sent",  # a frame or an HTTP request to the application
    "received",  # a frame or an HTTP answer from the application
    "ack",  # an envelope or a request was acknowledged in time; data: latency, real_latency, attempt
    "missed",  # one attempt was not acknowledged
    "lost",  # all attempts were used up
    "message",  # a message was posted, changed or deleted
    "person",  # somebody did something
    "state",  # anything else people can see changed: status, view, stream, session
    "fault",  # an injected fault struck
    "anomaly",  # the application did something that a good one never does
    "user_error",  # a person was shown an error by Slack
]


@dataclass(frozen=True)
class Entry:
    number: int
    at: float
    """Virtual seconds since 1970."""
    real: float
    """Real seconds of a monotonic clock."""
    kind: Kind
    name: str
    data: Json


@dataclass(frozen=True)
class CallRecord:
    """One Web API call with its reply; ``status`` and ``body`` are None while it is unanswered."""

    method: str
    at: float
    args: Json
    token: str
    status: int | None
    body: Any

    @property
    def ok(self) -> bool:
        return isinstance(self.body, dict) and bool(self.body.get("ok"))

    @property
    def error(self) -> str | None:
        return self.body.get("error") if isinstance(self.body, dict) else None


class Journal:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[Entry] = []
        self._readers: set[asyncio.Future[None]] = set()

    def write(self, kind: Kind, name: str, **data: Any) -> Entry:
        kept = json.loads(json.dumps(data, default=repr))  # a copy, as it is now, and cheaper than deepcopy
        entry = Entry(len(self._entries), self._clock.now(), time.monotonic(), kind, name, kept)
        self._entries.append(entry)
        for reader in self._readers:
            if not reader.done():
                reader.set_result(None)
        return entry

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def entries(self, kind: Kind | None = None, name: str | None = None) -> tuple[Entry, ...]:
        return tuple(
            entry for entry in self._entries if kind in (None, entry.kind) and (name is None or entry.name == name)
        )

    def calls(self, method: str | None = None) -> tuple[CallRecord, ...]:
        """The Web API calls in order of arrival, with what each was told."""
        replies = {entry.data["call"]: entry for entry in self._entries if entry.kind == "reply"}
        records = []
        for entry in self.entries("call", method):
            reply = replies.get(entry.number)
            status, body = (reply.data["status"], reply.data["body"]) if reply else (None, None)
            records.append(CallRecord(entry.name, entry.at, entry.data["args"], entry.data["token"], status, body))
        return tuple(records)

    async def wait_for(self, wanted: Callable[[Entry], object], *, within: float = 5.0, since: int = 0) -> Entry:
        """The first entry that is wanted, from entry number ``since`` on; waits ``within`` real seconds for it."""

        def find() -> Entry | None:
            return next((entry for entry in self._entries[since:] if wanted(entry)), None)

        return await self.until(find, within=within)

    async def until(self, condition: Callable[[], T | None], *, within: float = 5.0) -> T:
        """Wait until the condition is true, asked again whenever the journal grows; ``within`` is in real seconds."""
        end = time.monotonic() + within
        while not (value := condition()):
            reader: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._readers.add(reader)
            try:
                await asyncio.wait_for(reader, end - time.monotonic())
            except TimeoutError:
                raise TimeoutError(f"Not so after {within:g} s. The journal ends:\n{self.tail()}") from None
            finally:
                self._readers.discard(reader)
        return value

    def tail(self, count: int = 15) -> str:
        lines = [f"{entry.number:5d} {entry.kind:10s} {entry.name} {entry.data}" for entry in self._entries[-count:]]
        return "\n".join(line[:240] for line in lines)
