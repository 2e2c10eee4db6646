"""Posting, changing and reading messages with the SDK's client."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import Workspace
from slack_workspace.options import SCOPES

from slack_workspace_tests.conftest import client_of

GENERAL = "C0GENERAL"


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_post_is_seen_and_echoed(slack: Workspace, client: AsyncWebClient) -> None:
    reply = await client.chat_postMessage(
        channel=GENERAL,
        text="hello",
        metadata={"event_type": "answer", "event_payload": {"id": "7"}},
        unfurl_links=False,
    )
    message = reply["message"]
    assert (message["text"], message["bot_id"], message["app_id"], message["ts"]) == (
        "hello",
        "B0ASKBOT",
        "A0ASKBOT",
        reply["ts"],
    )
    assert message["metadata"]["event_payload"] == {"id": "7"}
    assert slack.control.rendered(GENERAL).transcript() == "askbot: hello\n"
    assert slack.control.message(GENERAL, reply["ts"]).unfurl_links is False


async def test_timestamps_grow_though_the_clock_stands(client: AsyncWebClient) -> None:
    stamps = [(await client.chat_postMessage(channel=GENERAL, text=str(n)))["ts"] for n in range(3)]
    assert stamps == sorted(set(stamps))
    assert all(len(stamp.partition(".")[2]) == 6 for stamp in stamps)


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0NOWHERE", "channel_not_found"),
        ("G0SECRET", "channel_not_found"),
        ("C0RANDOM", "not_in_channel"),
        ("C0ARCHIVE", "is_archived"),
    ],
)
async def test_the_app_posts_only_where_it_may(client: AsyncWebClient, channel: str, error: str) -> None:
    assert await error_of(client.chat_postMessage(channel=channel, text="x")) == error


async def test_a_channel_may_be_named_and_a_person_means_their_dm(slack: Workspace, client: AsyncWebClient) -> None:
    assert (await client.chat_postMessage(channel="#general", text="x"))["channel"] == GENERAL
    dm = (await client.chat_postMessage(channel="U0ANNA", text="x"))["channel"]
    assert dm == slack.control.direct_message("U0ANNA")


async def test_with_the_public_scope_the_app_posts_uninvited() -> None:
    async with Workspace(scopes=frozenset({"chat:write", "chat:write.public"})) as slack:
        assert (await client_of(slack).chat_postMessage(channel="C0RANDOM", text="x"))["ok"]


async def test_texts_that_slack_would_not_take_are_refused(client: AsyncWebClient) -> None:
    post = client.chat_postMessage
    assert await error_of(client.api_call("chat.postMessage", json={"channel": GENERAL, "text": ""})) == "no_text"
    assert await error_of(post(channel=GENERAL, text="x" * 4_001)) == "msg_too_long"
    assert await error_of(post(channel=GENERAL, markdown_text="x" * 12_001)) == "msg_too_long"
    assert await error_of(post(channel=GENERAL, markdown_text="x", text="y")) == "markdown_text_conflict"
    assert await error_of(post(channel=GENERAL, text="x", attachments=[{}] * 101)) == "too_many_attachments"
    big = {"event_type": "answer", "event_payload": {"text": "x" * 9_000}}
    assert await error_of(post(channel=GENERAL, text="x", metadata=big)) == "metadata_too_large"
    empty = {"event_type": "answer", "event_payload": None}
    assert await error_of(post(channel=GENERAL, text="x", metadata=empty)) == "invalid_metadata_format"


async def test_a_lenient_workspace_cuts_a_long_text_as_documented() -> None:
    async with Workspace(strict_text=False) as slack:
        reply = await client_of(slack).chat_postMessage(channel=GENERAL, text="x" * 50_000)
        assert reply["warning"] == "message_truncated"
        assert len(reply["message"]["text"]) == 40_000


async def test_a_reply_needs_a_thread(slack: Workspace, client: AsyncWebClient) -> None:
    assert (
        await error_of(client.chat_postMessage(channel=GENERAL, text="x", thread_ts="1.2")) == "cannot_reply_to_message"
    )
    root = await slack.control.say("U0ANNA", GENERAL, "root")
    await client.chat_postMessage(channel=GENERAL, text="reply", thread_ts=root.ts)
    assert slack.control.rendered(GENERAL, root.ts).transcript() == "anna: root\naskbot: reply\n"
    assert [message.text for message in slack.control.rendered(GENERAL).messages] == ["root"]


async def test_a_lenient_workspace_posts_an_orphan_at_the_top_level() -> None:
    async with Workspace(orphan_replies="post_top_level") as slack:
        await client_of(slack).chat_postMessage(channel=GENERAL, text="x", thread_ts="1.2")
        assert [message.text for message in slack.control.rendered(GENERAL).messages] == ["x"]


async def test_replying_to_a_reply_lands_in_the_thread_and_is_noted(slack: Workspace, client: AsyncWebClient) -> None:
    root = await slack.control.say("U0ANNA", GENERAL, "root")
    reply = await slack.control.say("U0BEN", GENERAL, "reply", root.ts)
    await client.chat_postMessage(channel=GENERAL, text="x", thread_ts=reply.ts)
    assert len(slack.control.rendered(GENERAL, root.ts).messages) == 3
    assert any("thread_ts_of_a_reply" in problem for problem in slack.problems())


async def test_a_name_of_its_own_needs_the_scope(client: AsyncWebClient) -> None:
    assert await error_of(client.chat_postMessage(channel=GENERAL, text="x", username="Zed")) == "missing_scope"


async def test_an_update_replaces_the_text_and_without_blocks_drops_them(
    slack: Workspace, client: AsyncWebClient
) -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "*block*"}}
    ts = (await client.chat_postMessage(channel=GENERAL, text="first", blocks=[block]))["ts"]
    await client.chat_update(channel=GENERAL, ts=ts, text="second", blocks=[block])
    assert not slack.control.rendered(GENERAL).messages[0].edited
    await client.chat_update(channel=GENERAL, ts=ts, text="third")
    shown = slack.control.rendered(GENERAL).messages[0]
    assert (shown.shown, shown.blocks, shown.edited) == ("third", (), True)


async def test_an_update_keeps_metadata_that_it_does_not_mention(slack: Workspace, client: AsyncWebClient) -> None:
    metadata = {"event_type": "answer", "event_payload": {"id": "7"}}
    ts = (await client.chat_postMessage(channel=GENERAL, text="first", metadata=metadata))["ts"]
    await client.chat_update(channel=GENERAL, ts=ts, text="second")
    assert slack.control.message(GENERAL, ts).metadata == metadata


async def test_only_own_messages_can_be_changed_or_deleted(slack: Workspace, client: AsyncWebClient) -> None:
    said = await slack.control.say("U0ANNA", GENERAL, "mine")
    assert await error_of(client.chat_update(channel=GENERAL, ts=said.ts, text="x")) == "cant_update_message"
    assert await error_of(client.chat_delete(channel=GENERAL, ts=said.ts)) == "cant_delete_message"
    assert await error_of(client.chat_update(channel=GENERAL, ts="1.2", text="x")) == "message_not_found"
    own = (await client.chat_postMessage(channel=GENERAL, text="x"))["ts"]
    assert await error_of(client.chat_update(channel=GENERAL, ts=own, text="x" * 4_001)) == "msg_too_long"
    await client.chat_delete(channel=GENERAL, ts=own)
    assert [message.text for message in slack.control.rendered(GENERAL).messages] == ["mine"]


async def test_an_ephemeral_message_is_seen_by_one_person(slack: Workspace, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel=GENERAL, user="U0BEN", text="psst")
    assert slack.control.rendered(GENERAL).transcript() == "(only U0BEN sees) askbot: psst\n"
    assert [message.text for message in slack.control.whispers("U0BEN")] == ["psst"]
    elsewhere = client.chat_postEphemeral(channel=GENERAL, user="U0ERIN", text="psst")
    assert await error_of(elsewhere) == "user_not_in_channel"


async def test_reactions_come_and_go_once(slack: Workspace, client: AsyncWebClient) -> None:
    said = await slack.control.say("U0ANNA", GENERAL, "hello")
    item = {"channel": GENERAL, "timestamp": said.ts, "name": "eyes"}
    await client.reactions_add(**item)
    assert await error_of(client.reactions_add(**item)) == "already_reacted"
    assert slack.control.rendered(GENERAL).messages[0].reactions == {"eyes": ("U0ASKBOT",)}
    await client.reactions_remove(**item)
    assert await error_of(client.reactions_remove(**item)) == "no_reaction"
    assert await error_of(client.reactions_add(channel=GENERAL, timestamp="1.2", name="eyes")) == "message_not_found"
    assert await error_of(client.reactions_add(channel=GENERAL, timestamp=said.ts, name="Eyes!")) == "invalid_name"


async def test_a_permalink_leads_to_the_message(slack: Workspace, client: AsyncWebClient) -> None:
    root = await slack.control.say("U0ANNA", GENERAL, "root")
    reply = await slack.control.say("U0ANNA", GENERAL, "reply", root.ts)
    link = (await client.chat_getPermalink(channel=GENERAL, message_ts=reply.ts))["permalink"]
    assert link == (
        f"https://home.slack.com/archives/{GENERAL}/p{reply.ts.replace('.', '')}?thread_ts={root.ts}&cid={GENERAL}"
    )


async def test_replies_start_with_the_root_and_come_in_pages(slack: Workspace, client: AsyncWebClient) -> None:
    root = await slack.control.say("U0ANNA", GENERAL, "root")
    for number in range(4):
        await slack.control.say("U0BEN", GENERAL, f"reply {number}", root.ts)
    texts: list[str] = []
    pages = 0
    async for page in await client.conversations_replies(channel=GENERAL, ts=root.ts, limit=2):
        texts += [message["text"] for message in page["messages"]]
        pages += 1
    assert texts == ["root", "reply 0", "reply 1", "reply 2", "reply 3"]
    assert pages == 3
    first = (await client.conversations_replies(channel=GENERAL, ts=root.ts))["messages"][0]
    assert (first["reply_count"], first["reply_users"]) == (4, ["U0BEN"])
    assert await error_of(client.conversations_replies(channel=GENERAL, ts="1.2")) == "thread_not_found"
    assert await error_of(client.conversations_replies(channel=GENERAL, ts=root.ts, cursor="?")) == "invalid_cursor"
    assert await error_of(client.conversations_replies(channel="C0RANDOM", ts=root.ts)) == "not_in_channel"
    assert await error_of(client.conversations_replies(channel="G0SECRET", ts=root.ts)) == "channel_not_found"


async def test_history_is_newest_first_and_without_replies(slack: Workspace, client: AsyncWebClient) -> None:
    first = await slack.control.say("U0ANNA", GENERAL, "first")
    await slack.control.say("U0BEN", GENERAL, "reply", first.ts)
    await slack.control.say("U0ANNA", GENERAL, "second")
    history = await client.conversations_history(channel=GENERAL)
    assert [message["text"] for message in history["messages"]] == ["second", "first"]
    after = await client.conversations_history(channel=GENERAL, oldest=first.ts)
    assert [message["text"] for message in after["messages"]] == ["second"]


async def test_outside_the_marketplace_replies_are_fifteen_once_a_minute() -> None:
    async with Workspace(non_marketplace=True) as slack:
        client = client_of(slack)
        root = await slack.control.say("U0ANNA", GENERAL, "root")
        for number in range(20):
            await slack.control.say("U0ANNA", GENERAL, str(number), root.ts)
        assert len((await client.conversations_replies(channel=GENERAL, ts=root.ts))["messages"]) == 15
        with pytest.raises(SlackApiError) as caught:
            await client.conversations_replies(channel=GENERAL, ts=root.ts)
        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["Retry-After"] == "60"
        await slack.clock.advance(60)
        assert (await client.conversations_replies(channel=GENERAL, ts=root.ts))["ok"]


async def test_conversations_and_people_are_described() -> None:
    async with Workspace(scopes=SCOPES | {"channels:read", "team:read"}) as slack:
        await describe(client_of(slack))


async def describe(client: AsyncWebClient) -> None:
    shared = (await client.conversations_info(channel="C0SHARED", include_num_members=True))["channel"]
    assert (shared["is_ext_shared"], shared["connected_team_ids"], shared["num_members"]) == (True, ["T0EXTERN"], 3)
    assert (await client.conversations_members(channel="C0SHARED"))["members"] == ["U0ANNA", "U0ASKBOT", "U0ERIN"]
    assert (await client.users_info(user="U0GUS"))["user"]["is_ultra_restricted"] is True
    stranger = (await client.users_info(user="U0ERIN"))["user"]
    assert stranger["is_stranger"] is True
    assert "tz" not in stranger
    assert (await client.bots_info(bot="B0ASKBOT"))["bot"]["user_id"] == "U0ASKBOT"
    assert (await client.team_info())["team"]["domain"] == "home"
    assert await error_of(client.users_info(user="U0NOBODY")) == "user_not_found"
    assert await error_of(client.bots_info(bot="B0NOBODY")) == "bot_not_found"


async def test_a_dm_is_opened_once(slack: Workspace, client: AsyncWebClient) -> None:
    opened = await client.conversations_open(users="U0BEN")
    assert opened["channel"]["id"] == slack.control.direct_message("U0BEN")
    assert (await client.conversations_open(users=["U0BEN"]))["already_open"] is True
    assert await error_of(client.conversations_open(users="U0NOBODY")) == "user_not_found"


async def test_rendered_messages_tell_whom_they_notify_and_what_they_link(
    slack: Workspace, client: AsyncWebClient
) -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "<!channel> see <https://a.example/x|this>"}}
    safe = {"type": "section", "text": {"type": "plain_text", "text": "<!here> is only words"}}
    image = {"type": "image", "image_url": "https://b.example/p.png", "alt_text": "p"}
    await client.chat_postMessage(channel=GENERAL, text="&lt;!here&gt; <@U0BEN>", blocks=[block, safe, image])
    shown = slack.control.rendered(GENERAL).messages[0]
    assert shown.pings == ["<@U0BEN>", "<!channel>"]
    assert shown.links == ["https://a.example/x", "https://b.example/p.png"]
    assert shown.images == ["https://b.example/p.png"]
    assert shown.unfurls is True
