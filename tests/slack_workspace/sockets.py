"""Socket Mode: single-use tickets, WebSockets, envelopes and their acknowledgements, pings, disconnects."""

import json
import random
from dataclasses import dataclass, field

from aiohttp import WSMessage, WSMsgType, web

from slack_workspace import limits
from slack_workspace.clock import Clock, wake
from slack_workspace.deliveries import Attempt, Deliveries
from slack_workspace.journal import Journal
from slack_workspace.options import Options
from slack_workspace.tasks import Tasks
from slack_workspace.wire import Json, SlackError

HOST = "applink-fake-1"


@dataclass
class Socket:
    id: str
    app: str
    ws: web.WebSocketResponse
    request: web.Request
    live: bool = True
    pongs: int = 0
    carried: list[Attempt] = field(default_factory=list)
    """What was sent on it."""


class Sockets:
    timeout_reason = "timeout"

    def __init__(self, clock: Clock, journal: Journal, options: Options, tasks: Tasks, deliveries: Deliveries) -> None:
        self._clock = clock
        self._journal = journal
        self._options = options
        self._tasks = tasks
        self._deliveries = deliveries
        self._random = random.Random(options.seed)  # noqa: S311 - a repeatable choice, not a secret
        self._tickets: dict[str, tuple[str, float]] = {}
        self._envelopes: dict[str, Attempt] = {}
        self._opened = 0
        self.base_url = ""
        """``ws://host:port``; set once the server listens."""
        self.all: list[Socket] = []
        self.refusals = 0
        """How many upgrades to refuse from now on."""
        self.frozen = False
        """No ping is answered or sent."""
        self.disabled = False
        """Socket Mode was switched off in the app's settings."""

    def live(self) -> list[Socket]:
        return [socket for socket in self.all if socket.live]

    def new_url(self, app: str) -> str:
        """The address that ``apps.connections.open`` answers; good for one connection within 30 seconds."""
        if self.disabled:
            raise SlackError("forbidden_team")
        ticket = f"ticket-{len(self._tickets) + 1}"
        self._tickets[ticket] = (app, self._clock.now() + limits.TICKET_SECONDS)
        return f"{self.base_url}/link/?ticket={ticket}&app_id={app}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection from the upgrade to its end."""
        app, until = self._tickets.pop(request.query.get("ticket", ""), ("", 0.0))
        if self.refusals > 0 or not app or self._clock.now() > until:
            reason = "refused" if self.refusals > 0 else "bad_ticket"
            self.refusals = max(0, self.refusals - 1)
            self._journal.write("socket", reason)
            return web.Response(status=408)
        ws = web.WebSocketResponse(autoping=False, timeout=1.0)
        await ws.prepare(request)
        self._opened += 1
        socket = Socket(f"socket-{self._opened}", app, ws, request)
        await self._greet(socket)
        try:
            async for message in ws:
                await self._received(socket, message)
        finally:
            socket.live = False
            for attempt in socket.carried:
                wake(attempt.settled)  # no answer is on this wire any more
            self._journal.write("socket", "closed", socket=socket.id, code=ws.close_code)
        return ws

    async def _greet(self, socket: Socket) -> None:
        others = sum(other.app == socket.app for other in self.live())
        if others >= limits.SOCKETS_PER_APP:
            self._journal.write("socket", "too_many", socket=socket.id)
            await self.disconnect(socket, "too_many_websockets")
            return
        self.all.append(socket)
        seconds = self._options.connection_seconds or limits.CONNECTION_SECONDS
        hello = {
            "type": "hello",
            "num_connections": others + 1,
            "connection_info": {"app_id": socket.app},
            "debug_info": {"host": HOST, "build_number": 1, "approximate_connection_time": int(seconds)},
        }
        await self._send(socket, hello)
        self._journal.write("socket", "open", socket=socket.id, connections=others + 1)
        self._clock.call_later(limits.PING_SECONDS, lambda: self._ping(socket))
        if self._options.connection_seconds is not None:
            self._clock.call_later(self._options.connection_seconds, lambda: self.refresh(socket))

    async def _received(self, socket: Socket, message: WSMessage) -> None:
        if message.type is WSMsgType.PING:
            if not self.frozen:
                await socket.ws.pong(bytes(message.data))
        elif message.type is WSMsgType.PONG:
            socket.pongs += 1
        elif message.type is WSMsgType.TEXT:
            self._acknowledged(socket, message.data)

    def _acknowledged(self, socket: Socket, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            frame = None
        if not isinstance(frame, dict) or "envelope_id" not in frame:
            self._journal.write("anomaly", "not_an_ack", socket=socket.id, text=text)
            return
        self._journal.write("received", "ack_frame", socket=socket.id, frame=frame)
        attempt = self._envelopes.get(str(frame["envelope_id"]))
        if attempt is None:
            self._journal.write("anomaly", "ack_of_unknown_envelope", socket=socket.id, frame=frame)
            return
        payload = frame.get("payload")
        self._deliveries.answered(attempt, payload if isinstance(payload, dict) else {}, via=socket.id)

    async def send(self, attempt: Attempt) -> None:
        """One envelope to one of the live sockets. An event without a socket waits for its next attempt."""
        delivery = attempt.delivery
        live = self.live()
        if not live:
            self._journal.write("socket", "none_alive", delivery=delivery.id)
            wake(attempt.settled)  # nothing is on the wire that virtual time would have to wait for
            if delivery.type != "events_api":
                self._deliveries.missed(attempt, "no_connection")
            return
        socket = self._random.choice(live)
        envelope: Json = {
            "envelope_id": attempt.envelope_id,
            "payload": delivery.payload,
            "type": delivery.type,
            "accepts_response_payload": delivery.accepts_response,
        }
        if delivery.type == "events_api":
            envelope |= {"retry_attempt": attempt.number, "retry_reason": attempt.reason or ""}
        self._envelopes[attempt.envelope_id] = attempt
        socket.carried.append(attempt)
        self._journal.write("sent", delivery.name, socket=socket.id, envelope=envelope)
        await self._send(socket, envelope)

    async def disconnect(self, socket: Socket, reason: str) -> None:
        """Tell a client to reconnect; after anything but a warning the connection is closed too."""
        self._journal.write("socket", "disconnect", socket=socket.id, reason=reason)
        await self._send(socket, {"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}})
        if reason != "warning":
            socket.live = False
            self._tasks.spawn(socket.ws.close(), held=False)

    def refresh(self, socket: Socket) -> None:
        """What Slack does to every connection after some hours: a warning, and ten seconds later the end."""
        if socket.live:
            self._tasks.spawn(self.disconnect(socket, "warning"))
            self._clock.call_later(limits.WARNING_SECONDS, lambda: self._end(socket))

    def drop(self, socket: Socket) -> None:
        """Cut the TCP connection without a word."""
        socket.live = False
        self._journal.write("socket", "dropped", socket=socket.id)
        if socket.request.transport is not None:
            socket.request.transport.abort()

    async def close(self) -> None:
        for socket in self.live():
            socket.live = False
            await socket.ws.close(code=1001)

    def _end(self, socket: Socket) -> None:
        if socket.live:
            self._tasks.spawn(self.disconnect(socket, "refresh_requested"))

    def _ping(self, socket: Socket) -> None:
        if socket.live:
            if not self.frozen:
                self._tasks.spawn(self._send_ping(socket))
            self._clock.call_later(limits.PING_SECONDS, lambda: self._ping(socket))

    async def _send_ping(self, socket: Socket) -> None:
        try:
            await socket.ws.ping(f"Ping from {HOST}".encode())
        except ConnectionError:
            socket.live = False

    async def _send(self, socket: Socket, frame: Json) -> None:
        try:
            await socket.ws.send_json(frame)
        except ConnectionError:
            socket.live = False
