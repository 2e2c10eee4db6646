"""Status lines, suggested prompts, titles and agent sessions."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import Message, NotPossible, Workspace
from slack_workspace.options import BOT_EVENTS
from slack_workspace.wire import Json

from slack_workspace_tests.conftest import client_of

GENERAL = "C0GENERAL"
PROMPT = {"title": "VPN", "message": "How do I get VPN access?"}


@pytest.fixture
async def root(slack: Workspace) -> Message:
    return await slack.control.say("U0ANNA", GENERAL, "a question")


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_status_is_shown_and_cleared_by_an_empty_one(
    slack: Workspace, client: AsyncWebClient, root: Message
) -> None:
    thread: Json = {"channel_id": GENERAL, "thread_ts": root.ts}
    await client.assistant_threads_setStatus(
        **thread, status="is thinking...", loading_messages=["Reading", "Thinking"]
    )
    shown = slack.control.rendered(GENERAL, root.ts)
    assert (shown.status, shown.loading_messages) == ("askbot is thinking...", ("Reading", "Thinking"))
    assert any("was left standing" in problem for problem in slack.problems())
    await client.assistant_threads_setStatus(**thread, status="")
    assert slack.control.rendered(GENERAL, root.ts).status is None


async def test_a_status_ends_after_two_minutes_unless_renewed(
    slack: Workspace, client: AsyncWebClient, root: Message
) -> None:
    async def set_status() -> None:
        await client.assistant_threads_setStatus(channel_id=GENERAL, thread_ts=root.ts, status="is thinking...")

    await set_status()
    await slack.clock.advance(90)
    await set_status()
    await slack.clock.advance(119)
    assert slack.control.rendered(GENERAL, root.ts).status is not None
    await slack.clock.advance(1)
    assert slack.control.rendered(GENERAL, root.ts).status is None


@pytest.mark.parametrize("how", ["post", "stream"])
async def test_a_message_of_the_app_clears_the_status_of_its_thread(
    slack: Workspace, client: AsyncWebClient, root: Message, how: str
) -> None:
    other = await slack.control.say("U0BEN", GENERAL, "another question")
    for thread_ts in (root.ts, other.ts):
        await client.assistant_threads_setStatus(channel_id=GENERAL, thread_ts=thread_ts, status="is thinking...")
    await slack.control.say("U0BEN", GENERAL, "people do not clear it", root.ts)
    assert slack.control.rendered(GENERAL, root.ts).status is not None
    if how == "post":
        await client.chat_postMessage(channel=GENERAL, thread_ts=root.ts, text="x")
    else:
        recipient: Json = {"recipient_team_id": "T0HOME", "recipient_user_id": "U0ANNA"}
        await client.chat_startStream(channel=GENERAL, thread_ts=root.ts, **recipient)
    assert slack.control.rendered(GENERAL, root.ts).status is None
    assert slack.control.rendered(GENERAL, other.ts).status is not None


async def test_a_status_needs_a_thread_root(slack: Workspace, client: AsyncWebClient, root: Message) -> None:
    reply = await slack.control.say("U0BEN", GENERAL, "reply", root.ts)
    for ts in ("1.2", reply.ts):
        call = client.assistant_threads_setStatus(channel_id=GENERAL, thread_ts=ts, status="x")
        assert await error_of(call) == "invalid_thread_ts"
    elsewhere = client.assistant_threads_setStatus(channel_id="C0RANDOM", thread_ts=root.ts, status="x")
    assert await error_of(elsewhere) == "channel_not_found"
    many = client.assistant_threads_setStatus(
        channel_id=GENERAL, thread_ts=root.ts, status="x", loading_messages=["x"] * 11
    )
    assert await error_of(many) == "invalid_arguments"


async def test_prompts_are_shown_unless_the_agent_view_ignores_them(slack: Workspace, client: AsyncWebClient) -> None:
    said = await slack.control.say("U0ANNA", "U0ANNA", "hello")
    prompts = client.assistant_threads_setSuggestedPrompts
    assert (await prompts(channel_id=said.channel, thread_ts=said.ts, prompts=[PROMPT]))["ok"]
    assert slack.control.prompts("U0ANNA") == []
    await prompts(channel_id=said.channel, prompts=[PROMPT])
    assert slack.control.prompts("U0ANNA") == [PROMPT]
    assert await error_of(prompts(channel_id=said.channel, prompts=[PROMPT] * 5)) == "invalid_arguments"
    assert await error_of(prompts(channel_id=said.channel, prompts=[{"title": "x"}])) == "invalid_arguments"


async def test_in_the_old_assistant_view_prompts_belong_to_a_thread() -> None:
    async with Workspace(agent_view=False) as slack:
        client = client_of(slack)
        said = await slack.control.say("U0ANNA", "U0ANNA", "hello")
        await client.assistant_threads_setSuggestedPrompts(
            channel_id=said.channel, thread_ts=said.ts, prompts=[PROMPT], title="Try"
        )
        assert slack.control.prompts("U0ANNA") == [PROMPT]
        session = client.agents_sessions_setStatus(channel_id=said.channel, thread_ts=said.ts, status="active")
        assert await error_of(session) == "not_authorized"


async def test_a_title_is_shown(slack: Workspace, client: AsyncWebClient) -> None:
    said = await slack.control.say("U0ANNA", "U0ANNA", "hello")
    await client.assistant_threads_setTitle(channel_id=said.channel, thread_ts=said.ts, title="About hello")
    assert slack.control.rendered("U0ANNA", said.ts).title == "About hello"


async def test_a_session_has_a_status_and_keeps_its_first_title(
    slack: Workspace, client: AsyncWebClient, root: Message
) -> None:
    thread: Json = {"channel_id": GENERAL, "thread_ts": root.ts}
    assert await error_of(client.agents_sessions_rename(**thread, title="x")) == "not_authorized"
    reply = await client.agents_sessions_setStatus(**thread, status="processing", title="First")
    assert (reply["status"], reply["agent_status"], reply["title"]) == ("processing", "processing", "First")
    assert "warning" not in reply.data
    await client.agents_sessions_setStatus(**thread, status="active", title="Second")
    assert slack.control.rendered(GENERAL, root.ts).title == "First"
    await client.agents_sessions_rename(**thread, title="Third")
    assert slack.control.rendered(GENERAL, root.ts).title == "Third"
    assert await error_of(client.agents_sessions_setStatus(**thread, status="busy")) == "invalid_arguments"
    long = client.agents_sessions_setStatus(**thread, status="active", title="x" * 201)
    assert await error_of(long) == "invalid_arguments"


async def test_a_session_left_processing_is_a_problem(slack: Workspace, client: AsyncWebClient, root: Message) -> None:
    await client.agents_sessions_setStatus(channel_id=GENERAL, thread_ts=root.ts, status="processing")
    await client.chat_postMessage(channel=GENERAL, thread_ts=root.ts, text="a post does not end it")
    assert any("was left processing" in problem for problem in slack.problems())


async def test_without_the_subscription_there_is_a_warning_and_no_stop_button() -> None:
    async with Workspace(bot_events=BOT_EVENTS - {"agent_session_stopped"}) as slack:
        root = await slack.control.say("U0ANNA", GENERAL, "a question")
        reply = await client_of(slack).agents_sessions_setStatus(
            channel_id=GENERAL, thread_ts=root.ts, status="processing"
        )
        assert reply["response_metadata"]["warnings"] == ["missing_agent_session_stopped_event_subscription"]
        with pytest.raises(NotPossible, match="no Stop button"):
            await slack.control.press_stop("U0ANNA", GENERAL, root.ts)
