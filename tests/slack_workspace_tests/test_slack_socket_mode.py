"""Socket Mode: the bare protocol with a plain WebSocket, then the SDK's client and Bolt."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import Options, Workspace
from slack_workspace.wire import Json

from slack_workspace_tests.conftest import app_of, client_of, socket_mode

GENERAL = "C0GENERAL"
IMPATIENT = 0.02
"""Real seconds; enough where the application is meant to leave something unanswered."""


class Wire:
    """A Socket Mode client that does nothing by itself."""

    def __init__(self, slack: Workspace, session: aiohttp.ClientSession) -> None:
        self._slack = slack
        self._session = session
        self._sockets: list[aiohttp.ClientWebSocketResponse] = []

    async def url(self) -> str:
        return str((await client_of(self._slack).apps_connections_open(app_token=self._slack.app_token))["url"])

    async def connect(self) -> aiohttp.ClientWebSocketResponse:
        socket = await self._session.ws_connect(await self.url(), autoping=False)
        self._sockets.append(socket)  # one that nobody holds is closed
        return socket


@pytest.fixture
async def wire(slack: Workspace) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as session:
        yield Wire(slack, session)


async def received(socket: aiohttp.ClientWebSocketResponse, type_: str) -> Json:
    """The next frame of a type; Slack's own pings in between are passed over."""
    while True:
        message = await socket.receive(timeout=5)
        assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.PING), message
        if message.type is aiohttp.WSMsgType.TEXT:
            frame: Json = message.json()
            if frame["type"] == type_:
                return frame


async def test_only_an_app_token_opens_a_connection(slack: Workspace) -> None:
    for token, error in (
        ("", "not_authed"),
        ("xapp-wrong", "invalid_auth"),
        (slack.bot_token, "not_allowed_token_type"),
    ):
        with pytest.raises(SlackApiError) as caught:
            await AsyncWebClient(base_url=slack.api_url).apps_connections_open(app_token=token)
        assert caught.value.response["error"] == error


async def test_hello_tells_the_number_of_connections(wire: Wire) -> None:
    for count in (1, 2):
        hello = await received(await wire.connect(), "hello")
        assert hello["num_connections"] == count
        assert hello["connection_info"] == {"app_id": "A0ASKBOT"}
        assert hello["debug_info"]["approximate_connection_time"] == 18_060


async def test_a_ticket_is_good_once_and_for_thirty_seconds(slack: Workspace, wire: Wire) -> None:
    async def refused(url: str) -> int:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await session.ws_connect(url)
        return caught.value.status

    used = await wire.url()
    async with aiohttp.ClientSession() as session, session.ws_connect(used):
        assert await refused(used) == 408
    old = await wire.url()
    await slack.clock.advance(31)
    assert await refused(old) == 408
    assert await refused(old.replace("ticket-", "ticket-9")) == 408


async def test_the_eleventh_connection_is_turned_away(slack: Workspace, wire: Wire) -> None:
    for _ in range(10):
        await received(await wire.connect(), "hello")
    eleventh = await wire.connect()
    assert (await received(eleventh, "disconnect"))["reason"] == "too_many_websockets"
    assert (await eleventh.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
    assert slack.control.connections == 10


async def test_an_event_comes_in_an_envelope_and_is_acknowledged(slack: Workspace, wire: Wire) -> None:
    socket = await wire.connect()
    await slack.control.say("U0ANNA", GENERAL, "hello")
    envelope = await received(socket, "events_api")
    assert envelope["payload"]["event"]["text"] == "hello"
    assert (envelope["retry_attempt"], envelope["retry_reason"]) == (0, "")
    assert envelope["accepts_response_payload"] is False
    await socket.send_json({"envelope_id": envelope["envelope_id"]})
    await slack.control.quiet()
    (ack,) = slack.journal.entries("ack")
    assert (ack.data["attempt"], ack.data["latency"]) == (0, 0.0)
    assert slack.problems() == []


async def test_each_envelope_goes_to_one_of_the_sockets(slack: Workspace, wire: Wire) -> None:
    for _ in range(3):
        await received(await wire.connect(), "hello")
    for number in range(30):
        await slack.control.say("U0ANNA", GENERAL, str(number))
    sent = [entry.data["socket"] for entry in slack.journal.entries("sent")]
    assert len(sent) == 30
    assert set(sent) == {"socket-1", "socket-2", "socket-3"}


async def test_an_unacknowledged_event_is_sent_again_three_times(slack: Workspace, wire: Wire) -> None:
    slack.clock.patience = IMPATIENT
    socket = await wire.connect()
    await slack.control.say("U0ANNA", GENERAL, "hello")
    first = await received(socket, "events_api")
    envelopes, times = [first], [slack.clock.now()]
    for seconds in (3, 60, 300):
        await slack.clock.advance(seconds)
        envelopes.append(await received(socket, "events_api"))
        times.append(slack.clock.now())
    assert [envelope["retry_attempt"] for envelope in envelopes] == [0, 1, 2, 3]
    assert [envelope["retry_reason"] for envelope in envelopes] == ["", "timeout", "timeout", "timeout"]
    assert len({envelope["payload"]["event_id"] for envelope in envelopes}) == 1
    assert len({envelope["envelope_id"] for envelope in envelopes}) == 4
    await slack.clock.advance(1_000)
    assert len(slack.journal.entries("sent")) == 4
    assert [entry.name for entry in slack.journal.entries("lost")] == ["message"]
    assert any("was missed" in problem for problem in slack.problems())


async def test_a_late_or_second_ack_is_an_anomaly(slack: Workspace, wire: Wire) -> None:
    slack.clock.patience = IMPATIENT
    socket = await wire.connect()
    await slack.control.say("U0ANNA", GENERAL, "hello")
    first = await received(socket, "events_api")
    await slack.clock.advance(3)
    second = await received(socket, "events_api")
    for envelope in (first, second, second, {"envelope_id": "unknown"}):
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
    await socket.send_str("hello?")
    await slack.journal.wait_for(lambda entry: entry.name == "not_an_ack")
    assert [entry.name for entry in slack.journal.entries("anomaly")] == [
        "late_ack",
        "second_ack",
        "ack_of_unknown_envelope",
        "not_an_ack",
    ]


async def test_an_ack_may_come_on_another_socket(slack: Workspace, wire: Wire) -> None:
    one, other = await wire.connect(), await wire.connect()
    await slack.control.say("U0ANNA", GENERAL, "hello")
    socket = one if slack.journal.entries("sent")[0].data["socket"] == "socket-1" else other
    envelope = await received(socket, "events_api")
    await (other if socket is one else one).send_json({"envelope_id": envelope["envelope_id"]})
    await slack.control.quiet()
    assert slack.problems() == []


async def test_the_first_attempt_may_come_again_after_it_was_acknowledged() -> None:
    async with Workspace(replay_first_attempt=True, patience=0.05) as slack, aiohttp.ClientSession() as session:
        socket = await Wire(slack, session).connect()
        await slack.control.say("U0ANNA", GENERAL, "hello")
        first = await received(socket, "events_api")
        await socket.send_json({"envelope_id": first["envelope_id"]})
        await slack.control.quiet()
        await slack.clock.advance(900)
        assert await received(socket, "events_api") == first
        await socket.send_json({"envelope_id": first["envelope_id"]})
        await slack.control.quiet()
        assert slack.problems() == []


async def test_without_a_socket_an_event_waits_for_the_next_attempt(slack: Workspace, wire: Wire) -> None:
    slack.clock.patience = IMPATIENT
    await slack.control.say("U0ANNA", GENERAL, "hello")
    socket = await wire.connect()
    await received(socket, "hello")
    await slack.clock.advance(3)
    envelope = await received(socket, "events_api")
    assert (envelope["retry_attempt"], envelope["retry_reason"]) == (1, "timeout")


async def test_pings_are_answered_unless_frozen_and_slack_pings_too(slack: Workspace, wire: Wire) -> None:
    socket = await wire.connect()
    await received(socket, "hello")
    await socket.ping(b"sdk-ping-pong:1.5")
    pong = await socket.receive(timeout=5)
    assert (pong.type, pong.data) == (aiohttp.WSMsgType.PONG, b"sdk-ping-pong:1.5")
    await slack.clock.advance(30)
    assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.PING
    slack.control.freeze_pings()
    await socket.ping(b"sdk-ping-pong:2.5")
    await slack.control.say("U0ANNA", GENERAL, "the next thing to come is this")
    assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT


async def test_a_refresh_warns_and_ten_seconds_later_closes(slack: Workspace, wire: Wire) -> None:
    socket = await wire.connect()
    await received(socket, "hello")
    slack.control.refresh()
    assert (await received(socket, "disconnect"))["reason"] == "warning"
    await slack.clock.advance(10)
    assert (await received(socket, "disconnect"))["reason"] == "refresh_requested"
    assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


async def test_connections_are_refreshed_at_their_age() -> None:
    async with Workspace(connection_seconds=3_600) as slack, aiohttp.ClientSession() as session:
        socket = await Wire(slack, session).connect()
        assert (await received(socket, "hello"))["debug_info"]["approximate_connection_time"] == 3_600
        await slack.clock.advance(3_600)
        assert (await received(socket, "disconnect"))["reason"] == "warning"


async def test_a_disabled_link_opens_no_connection(slack: Workspace, wire: Wire) -> None:
    socket = await wire.connect()
    await received(socket, "hello")
    await slack.control.disconnect("link_disabled")
    assert (await received(socket, "disconnect"))["reason"] == "link_disabled"
    with pytest.raises(SlackApiError, match="forbidden_team"):
        await wire.url()
    slack.control.enable_socket_mode()
    assert await wire.url()


async def test_a_bad_subscription_is_switched_off_in_the_end() -> None:
    options = Options(disable_minimum=8, patience=0.01)
    async with Workspace(options) as slack:
        for number in range(2):
            await slack.control.say("U0ANNA", GENERAL, str(number))
        await slack.clock.advance(3 + 60 + 300 + 3)
        assert not slack.control.subscription_enabled
        await slack.control.say("U0ANNA", GENERAL, "nobody hears this")
        assert len(slack.control.deliveries("message")) == 2
        slack.control.enable_subscription()
        await slack.control.say("U0ANNA", GENERAL, "but this")
        assert len(slack.control.deliveries("message")) == 3


async def test_above_the_hourly_limit_one_notice_comes_instead_of_events() -> None:
    async with Workspace(events_per_hour=3) as slack:
        for number in range(6):
            await slack.control.say("U0ANNA", GENERAL, str(number))
        assert [delivery.name for delivery in slack.control.deliveries()] == ["message"] * 3 + ["app_rate_limited"]
        limited = slack.control.deliveries("app_rate_limited")[0].payload
        assert limited["minute_rate_limited"] % 60 == 0
        assert limited["api_app_id"] == "A0ASKBOT"
        await slack.clock.advance(3_600)
        await slack.control.say("U0ANNA", GENERAL, "again")
        assert len(slack.control.deliveries("message")) == 4


@contextlib.asynccontextmanager
async def sdk_client(slack: Workspace, ping_interval: float = 0.3) -> AsyncIterator[SocketModeClient]:
    """The SDK's own client, acknowledging everything."""
    client = SocketModeClient(slack.app_token, web_client=client_of(slack), ping_interval=ping_interval)

    async def acknowledge(to: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        await to.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    client.socket_mode_request_listeners.append(acknowledge)
    await client.connect()  # type: ignore[no-untyped-call] # the SDK ships no types here
    await slack.control.connected()
    try:
        yield client
    finally:
        await client.close()  # type: ignore[no-untyped-call] # likewise
        tasks = [client.message_processor, client.message_receiver, client.current_session_monitor]
        await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)


async def reconnected(slack: Workspace, opened: int) -> None:
    """Wait until the SDK has a new, live socket."""

    def new() -> bool:
        count = sum(entry.name == "open" for entry in slack.journal.entries("socket"))
        return count >= opened and slack.control.connections == 1

    await slack.journal.until(new, within=10)


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "too_many_websockets"])
async def test_the_sdk_reconnects_when_told_to(slack: Workspace, reason: Any) -> None:
    async with sdk_client(slack):
        await slack.control.disconnect(reason)
        await reconnected(slack, 2)
        await slack.control.say("U0ANNA", GENERAL, "hello")
        await slack.control.quiet()
    assert slack.problems() == []


async def test_the_sdk_recovers_from_a_cut_connection(slack: Workspace) -> None:
    async with sdk_client(slack):
        slack.control.drop_tcp()
        await slack.control.say("U0ANNA", GENERAL, "said in the gap")
        await reconnected(slack, 2)
        await slack.clock.advance(3)
        await slack.control.quiet()
    (delivery,) = slack.control.deliveries("message")
    assert [attempt.number for attempt in delivery.attempts] == [0, 1]
    assert delivery.acked


async def test_the_sdk_never_recovers_by_itself_from_a_refused_upgrade(slack: Workspace) -> None:
    """Finding 7 of the reference, which a watchdog must cure: it goes on with the used ticket."""
    async with sdk_client(slack, ping_interval=0.02) as client:
        slack.control.refuse_upgrades(1)
        await slack.control.disconnect("refresh_requested")

        def refusals() -> int:
            return sum(entry.name == "bad_ticket" for entry in slack.journal.entries("socket"))

        await slack.journal.until(lambda: refusals() >= 3)
        assert slack.control.connections == 0
        client.wss_uri = None
        await slack.control.connected()


async def test_bolt_survives_a_refresh_while_it_answers(slack: Workspace) -> None:
    app, going_on = app_of(slack), asyncio.Event()

    @app.event("message")
    async def answer(event: Json, say: Any) -> None:
        if "bot_id" not in event:
            await going_on.wait()
            await say(text="done", thread_ts=event["ts"])

    async with socket_mode(slack, app):
        question = await slack.control.ask("U0ANNA", GENERAL, "slow question")
        await slack.control.quiet()
        await slack.control.disconnect("refresh_requested")
        await reconnected(slack, 2)
        going_on.set()
        await slack.control.answered(question)
        await slack.control.quiet()
    assert slack.problems() == []
