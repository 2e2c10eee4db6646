"""Streams, with the SDK's own helper and by hand, in both readings of when a stream dies."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.messages.chunk import MarkdownTextChunk, TaskUpdateChunk
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import Message, Workspace
from slack_workspace.options import StreamExpiry
from slack_workspace.wire import Json

from slack_workspace_tests.conftest import client_of

GENERAL = "C0GENERAL"


@pytest.fixture
async def root(slack: Workspace) -> Message:
    return await slack.control.say("U0ANNA", GENERAL, "a question")


def to_anna(root: Message) -> Json:
    return {
        "channel": root.channel,
        "thread_ts": root.ts,
        "recipient_team_id": "T0HOME",
        "recipient_user_id": "U0ANNA",
    }


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_the_sdk_helper_streams_an_answer(slack: Workspace, client: AsyncWebClient, root: Message) -> None:
    stream = await client.chat_stream(buffer_size=8, **to_anna(root))
    await stream.append(markdown_text="**One** sentence.")
    shown = slack.control.rendered(GENERAL, root.ts).messages[1]
    assert (shown.shown, shown.streaming) == ("**One** sentence.", True)
    await stream.append(markdown_text=" Two more words.")
    divider = {"type": "section", "text": {"type": "mrkdwn", "text": "Sources"}}
    await stream.stop(markdown_text=" The end.", blocks=[divider])
    shown = slack.control.rendered(GENERAL, root.ts).messages[1]
    assert shown.shown == "**One** sentence. Two more words. The end.\nSources"
    assert not shown.streaming
    assert not any("stream" in problem for problem in slack.problems())


async def test_tasks_merge_by_id_and_show_their_last_state(
    slack: Workspace, client: AsyncWebClient, root: Message
) -> None:
    stream = await client.chat_stream(**to_anna(root))
    await stream.append(chunks=[TaskUpdateChunk(id="t", title="Searching", status="in_progress")])
    sources = [{"type": "url", "url": "https://e.example", "text": "Doc"}]
    await stream.append(chunks=[TaskUpdateChunk(id="t", title="Searched", status="complete", sources=sources)])
    await stream.stop(markdown_text="Found.")
    shown = slack.control.rendered(GENERAL, root.ts).messages[1]
    assert shown.shown == "Found.\n(complete) Searched"
    assert shown.tasks[0]["sources"] == sources


async def test_a_stream_in_a_channel_is_for_somebody(client: AsyncWebClient, root: Message) -> None:
    start = client.chat_startStream
    here: Json = {"channel": GENERAL, "thread_ts": root.ts}
    assert await error_of(start(**here)) == "missing_recipient_team_id"
    assert await error_of(start(**here, recipient_team_id="T0HOME")) == "missing_recipient_user_id"
    assert await error_of(start(**here, recipient_team_id="T0NONE", recipient_user_id="U0ANNA")) == "team_not_found"
    assert await error_of(start(**here, recipient_team_id="T0HOME", recipient_user_id="U0ERIN")) == "user_not_found"
    assert (await start(**here, recipient_team_id="T0EXTERN", recipient_user_id="U0ERIN"))["ok"]


async def test_a_stream_in_a_dm_needs_a_thread_but_no_recipient(slack: Workspace, client: AsyncWebClient) -> None:
    said = await slack.control.say("U0ANNA", "U0ANNA", "hello")
    assert (await client.chat_startStream(channel=said.channel, thread_ts=said.ts))["ok"]
    without = client.api_call("chat.startStream", json={"channel": said.channel})
    assert await error_of(without) == "invalid_arguments"
    top_level = {"channel": GENERAL, "recipient_team_id": "T0HOME", "recipient_user_id": "U0ANNA"}
    assert (await client.api_call("chat.startStream", json=top_level))["ok"]


async def test_appending_fails_for_what_is_no_open_stream(
    slack: Workspace, client: AsyncWebClient, root: Message
) -> None:
    append = client.chat_appendStream
    ts = (await client.chat_startStream(**to_anna(root)))["ts"]
    assert await error_of(append(channel=GENERAL, ts="1.2", markdown_text="x")) == "message_not_found"
    assert await error_of(append(channel=GENERAL, ts=root.ts, markdown_text="x")) == "message_not_owned_by_app"
    assert await error_of(append(channel=GENERAL, ts=ts, markdown_text="")) == "no_text"
    assert await error_of(append(channel=GENERAL, ts=ts, chunks=[{"type": "song"}])) == "invalid_chunks"
    bad_task = {"type": "task_update", "id": "t", "title": "x", "status": "maybe"}
    assert await error_of(append(channel=GENERAL, ts=ts, chunks=[bad_task])) == "invalid_chunks"
    await client.chat_stopStream(channel=GENERAL, ts=ts)
    assert await error_of(append(channel=GENERAL, ts=ts, markdown_text="x")) == "message_not_in_streaming_state"
    assert await error_of(client.chat_stopStream(channel=GENERAL, ts=ts)) == "message_not_in_streaming_state"
    plain = (await client.chat_postMessage(channel=GENERAL, text="x"))["ts"]
    assert await error_of(append(channel=GENERAL, ts=plain, markdown_text="x")) == "message_not_in_streaming_state"
    assert slack.control.rendered(GENERAL, root.ts).messages[1].text == ""


async def test_a_stream_holds_eleven_thousand_bytes(slack: Workspace, client: AsyncWebClient, root: Message) -> None:
    ts = (await client.chat_startStream(**to_anna(root), markdown_text="é" * 5_000))["ts"]
    assert await error_of(client.chat_appendStream(channel=GENERAL, ts=ts, markdown_text="é" * 501)) == "msg_too_long"
    await client.chat_appendStream(channel=GENERAL, ts=ts, markdown_text="é" * 500)
    assert await error_of(client.chat_stopStream(channel=GENERAL, ts=ts, markdown_text="x")) == "msg_too_long"
    await client.chat_stopStream(channel=GENERAL, ts=ts)
    assert slack.control.rendered(GENERAL, root.ts).messages[1].text == "é" * 5_500


async def test_details_of_tasks_weigh_double(client: AsyncWebClient, root: Message) -> None:
    ts = (await client.chat_startStream(**to_anna(root)))["ts"]
    heavy = TaskUpdateChunk(id="t", title="x", status="complete", details="d" * 5_500)
    assert await error_of(client.chat_appendStream(channel=GENERAL, ts=ts, chunks=[heavy])) == "msg_too_long"
    light = TaskUpdateChunk(id="t", title="x", status="complete", details="d" * 5_499)
    assert (await client.chat_appendStream(channel=GENERAL, ts=ts, chunks=[light]))["ok"]


async def test_one_call_takes_twelve_thousand_characters(client: AsyncWebClient, root: Message) -> None:
    chunk = MarkdownTextChunk(text="x" * 12_001)
    assert await error_of(client.chat_startStream(**to_anna(root), chunks=[chunk])) == "msg_too_long"


async def test_blocks_come_fifty_by_chunks_and_fifty_at_the_end(client: AsyncWebClient, root: Message) -> None:
    ts = (await client.chat_startStream(**to_anna(root)))["ts"]
    chunk = {"type": "blocks", "blocks": [{"type": "divider"}] * 50}
    await client.chat_appendStream(channel=GENERAL, ts=ts, chunks=[chunk])
    one_more = {"type": "blocks", "blocks": [{"type": "divider"}]}
    assert await error_of(client.chat_appendStream(channel=GENERAL, ts=ts, chunks=[one_more])) == "msg_blocks_too_many"
    many = client.chat_stopStream(channel=GENERAL, ts=ts, blocks=[{"type": "divider"}] * 51)
    assert await error_of(many) == "msg_blocks_too_many"
    reply = await client.chat_stopStream(channel=GENERAL, ts=ts, blocks=[{"type": "divider"}] * 50)
    assert len(reply["message"]["blocks"]) == 100


async def test_a_streaming_message_cannot_be_updated(client: AsyncWebClient, root: Message) -> None:
    ts = (await client.chat_startStream(**to_anna(root), markdown_text="x"))["ts"]
    assert await error_of(client.chat_update(channel=GENERAL, ts=ts, text="y")) == "streaming_state_conflict"
    await client.chat_stopStream(channel=GENERAL, ts=ts)
    assert (await client.chat_update(channel=GENERAL, ts=ts, text="y"))["ok"]


@pytest.fixture(params=["since_start", "since_last_append"])
async def either(request: pytest.FixtureRequest) -> AsyncIterator[Workspace]:
    expiry: StreamExpiry = request.param
    async with Workspace(stream_expiry=expiry, patience=0.05) as workspace:
        yield workspace


async def test_a_stream_dies_after_five_minutes(either: Workspace) -> None:
    client = client_of(either)
    root = await either.control.say("U0ANNA", GENERAL, "a question")
    ts = (await client.chat_startStream(**to_anna(root), markdown_text="a"))["ts"]
    await either.clock.advance(200)
    await client.chat_appendStream(channel=GENERAL, ts=ts, markdown_text="b")
    await either.clock.advance(101)
    append = client.chat_appendStream(channel=GENERAL, ts=ts, markdown_text="c")
    if either.options.stream_expiry == "since_last_append":
        await append
        await either.clock.advance(300)
        append = client.chat_appendStream(channel=GENERAL, ts=ts, markdown_text="d")
    assert await error_of(append) == "message_not_in_streaming_state"
    assert await error_of(client.chat_stopStream(channel=GENERAL, ts=ts)) == "message_not_in_streaming_state"
    assert any("left expired" in problem for problem in either.problems())
    await client.chat_update(channel=GENERAL, ts=ts, text="repaired")
    assert not any("left expired" in problem for problem in either.problems())


async def test_a_stream_left_open_is_a_problem(slack: Workspace, client: AsyncWebClient, root: Message) -> None:
    await client.chat_startStream(**to_anna(root), markdown_text="forever")
    assert any("was left streaming: 'forever'" in problem for problem in slack.problems())


async def test_stop_ends_the_stream_and_tells_the_app(slack: Workspace, client: AsyncWebClient, root: Message) -> None:
    thread = {"channel_id": GENERAL, "thread_ts": root.ts}
    await client.agents_sessions_setStatus(**thread, status="processing")
    ts = (await client.chat_startStream(**to_anna(root), markdown_text="half"))["ts"]
    assert slack.control.rendered(GENERAL, root.ts).stop_button
    assert await slack.control.press_stop("U0ANNA", GENERAL, root.ts) == [ts]
    assert await error_of(client.chat_appendStream(channel=GENERAL, ts=ts, markdown_text="x")) == "stopped_by_user"
    (stopped,) = slack.control.deliveries("agent_session_stopped")
    event = stopped.payload["event"]
    assert {key: event[key] for key in ("channel", "thread_ts", "user", "streaming_message_ts")} == {
        "channel": GENERAL,
        "thread_ts": root.ts,
        "user": "U0ANNA",
        "streaming_message_ts": [ts],
    }
    assert slack.control.session(GENERAL, root.ts) == "processing"
    await client.chat_stopStream(channel=GENERAL, ts=ts, session_status="active")
    assert slack.control.session(GENERAL, root.ts) == "active"
    assert not slack.control.rendered(GENERAL, root.ts).stop_button
