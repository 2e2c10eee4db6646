"""What people do becomes events of the right shape."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import NotPossible, Workspace
from slack_workspace.options import BOT_EVENTS
from slack_workspace.wire import Json

from slack_workspace_tests.conftest import client_of

GENERAL = "C0GENERAL"


def events(slack: Workspace, name: str | None = None) -> list[Json]:
    return [delivery.payload["event"] for delivery in slack.control.deliveries(name)]


async def test_a_message_in_a_channel_becomes_an_event_callback(slack: Workspace) -> None:
    said = await slack.control.say("U0ANNA", GENERAL, "see <https://a.example|this> <@U0BEN>")
    (delivery,) = slack.control.deliveries()
    callback = dict(delivery.payload)
    event = callback.pop("event")
    assert event == {
        "type": "message",
        "user": "U0ANNA",
        "ts": said.ts,
        "text": "see <https://a.example|this> <@U0BEN>",
        "team": "T0HOME",
        "client_msg_id": f"client-{said.ts}",
        "blocks": [
            {
                "type": "rich_text",
                "block_id": event["blocks"][0]["block_id"],
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [
                            {"type": "text", "text": "see "},
                            {"type": "link", "url": "https://a.example", "text": "this"},
                            {"type": "text", "text": " "},
                            {"type": "user", "user_id": "U0BEN"},
                        ],
                    }
                ],
            }
        ],
        "channel": GENERAL,
        "event_ts": said.ts,
        "channel_type": "channel",
    }
    assert callback == {
        "token": "verification-token",
        "team_id": "T0HOME",
        "context_team_id": "T0HOME",
        "context_enterprise_id": None,
        "api_app_id": "A0ASKBOT",
        "type": "event_callback",
        "event_id": delivery.id,
        "event_time": int(float(said.ts)),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": "T0HOME",
                "user_id": "U0ASKBOT",
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{delivery.id}",
    }


async def test_a_mention_comes_twice_with_two_ids_in_either_order(slack: Workspace) -> None:
    orders = set()
    for number in range(12):
        await slack.control.say("U0ANNA", GENERAL, f"<@U0ASKBOT> {number}")
        pair = slack.control.deliveries()[-2:]
        orders.add(tuple(delivery.name for delivery in pair))
        assert pair[0].id != pair[1].id
        assert pair[0].payload["event"]["ts"] == pair[1].payload["event"]["ts"]
    assert orders == {("message", "app_mention"), ("app_mention", "message")}
    assert "channel_type" not in events(slack, "app_mention")[0]


async def test_a_dm_comes_once_even_with_a_mention(slack: Workspace) -> None:
    await slack.control.say("U0ANNA", "U0ANNA", "<@U0ASKBOT> hello")
    (event,) = events(slack)
    assert (event["type"], event["channel_type"], "thread_ts" in event) == ("message", "im", False)


@pytest.mark.parametrize(("channel", "kind"), [("G0PRIVATE", "group"), ("G0MPIM", "mpim")])
async def test_the_kind_of_conversation_is_told(slack: Workspace, channel: str, kind: str) -> None:
    await slack.control.say("U0ANNA", channel, "hello")
    assert events(slack)[0]["channel_type"] == kind


async def test_the_app_hears_nothing_where_it_is_not(slack: Workspace) -> None:
    await slack.control.say("U0ANNA", "C0RANDOM", "<@U0ASKBOT> hello")
    assert events(slack) == []


async def test_an_app_hears_only_what_it_subscribed_to_and_may_read() -> None:
    async with Workspace(bot_events=BOT_EVENTS - {"message.channels"}) as slack:
        await slack.control.say("U0ANNA", GENERAL, "<@U0ASKBOT> hello")
        assert [event["type"] for event in events(slack)] == ["app_mention"]
    async with Workspace(scopes=frozenset({"app_mentions:read"})) as slack:
        await slack.control.say("U0ANNA", GENERAL, "<@U0ASKBOT> hello")
        await slack.control.say("U0ANNA", "U0ANNA", "hello")
        assert [event["type"] for event in events(slack)] == ["app_mention"]


async def test_a_reply_names_its_thread_and_whose_it_is(slack: Workspace) -> None:
    root = await slack.control.say("U0ANNA", GENERAL, "root")
    await slack.control.say("U0BEN", GENERAL, "reply", root.ts)
    event = events(slack)[1]
    assert (event["thread_ts"], event["parent_user_id"]) == (root.ts, "U0ANNA")
    assert "thread_ts" not in events(slack)[0]


async def test_an_edit_and_a_deletion_are_told(slack: Workspace) -> None:
    said = await slack.control.say("U0ANNA", GENERAL, "helo")
    await slack.control.edit("U0ANNA", GENERAL, said.ts, "hello")
    await slack.control.delete("U0ANNA", GENERAL, said.ts)
    changed, deleted = events(slack)[1:]
    assert (changed["subtype"], changed["message"]["text"], changed["previous_message"]["text"]) == (
        "message_changed",
        "hello",
        "helo",
    )
    assert changed["message"]["edited"]["user"] == "U0ANNA"
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", said.ts)
    assert len({said.ts, changed["ts"], deleted["ts"]}) == 3
    assert slack.control.rendered(GENERAL).messages == ()


async def test_a_deleted_root_with_replies_leaves_a_tombstone(slack: Workspace, client: AsyncWebClient) -> None:
    root = await slack.control.say("U0ANNA", GENERAL, "root")
    await slack.control.say("U0BEN", GENERAL, "reply", root.ts)
    await slack.control.delete("U0ANNA", GENERAL, root.ts)
    event = events(slack)[-1]
    assert (event["subtype"], event["message"]["subtype"]) == ("message_changed", "tombstone")
    assert event["previous_message"]["text"] == "root"
    assert (await client.chat_postMessage(channel=GENERAL, thread_ts=root.ts, text="still here"))["ok"]


async def test_the_app_hears_its_own_posts_and_those_of_other_bots(slack: Workspace, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=GENERAL, text="mine"))["ts"]
    await client.chat_update(channel=GENERAL, ts=ts, text="mine too")
    await slack.control.say("U0ROBOT", GENERAL, "beep")
    own, changed, robot = events(slack)
    assert (own["bot_id"], own["user"], own["app_id"]) == ("B0ASKBOT", "U0ASKBOT", "A0ASKBOT")
    assert changed["message"]["bot_id"] == "B0ASKBOT"
    assert (robot["bot_id"], robot["user"]) == ("B0ROBOT", "U0ROBOT")


async def test_a_bots_mention_of_the_app_is_an_app_mention_but_its_own_is_none(
    slack: Workspace, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel=GENERAL, text="I am <@U0ASKBOT>")
    assert events(slack, "app_mention") == []
    await slack.control.say("U0ROBOT", GENERAL, "<@U0ASKBOT> beep")
    assert len(events(slack, "app_mention")) == 1


async def test_slack_connect_events_tell_whose_user_it_is(slack: Workspace) -> None:
    await slack.control.say("U0ERIN", "C0SHARED", "<@U0ASKBOT> hello from outside")
    for delivery in slack.control.deliveries():
        event = delivery.payload["event"]
        assert (event["user"], event["user_team"], event["source_team"]) == ("U0ERIN", "T0EXTERN", "T0EXTERN")
        assert delivery.payload["is_ext_shared_channel"] is True
        assert [each["team_id"] for each in delivery.payload["authorizations"]] == ["T0HOME"]


async def test_the_agent_view_tells_what_the_person_looks_at(slack: Workspace) -> None:
    entity = {"type": "slack#/types/channel_id", "value": GENERAL, "team_id": "T0HOME"}
    await slack.control.change_context("U0ANNA", [entity])
    (delivery,) = slack.control.deliveries("app_context_changed")
    assert delivery.payload["event"]["context"] == {"entities": [entity]}
    assert "user" not in delivery.payload["event"]
    assert delivery.payload["authorizations"][0]["user_id"] == "U0ANNA"
    await slack.control.say("U0ANNA", "U0ANNA", "what is this?")
    assert events(slack, "message")[0]["app_context"] == {"entities": [entity]}
    await slack.control.open_home("U0ANNA", "messages")
    assert events(slack, "app_home_opened")[0]["context"] == {"entities": [entity]}


async def test_opening_the_app_is_told_with_the_tab(slack: Workspace) -> None:
    await slack.control.open_home("U0ANNA")
    (event,) = events(slack)
    assert (event["tab"], event["channel"], "view" in event) == ("home", slack.control.direct_message("U0ANNA"), False)
    view = {"type": "home", "blocks": [{"type": "divider"}]}
    await client_of(slack).views_publish(user_id="U0ANNA", view=view)
    await slack.control.open_home("U0ANNA")
    assert events(slack)[1]["view"]["type"] == "home"


async def test_reactions_are_told_to_an_app_that_may_read_them(slack: Workspace) -> None:
    said = await slack.control.say("U0ANNA", GENERAL, "hello")
    await slack.control.react("U0BEN", GENERAL, said.ts, "eyes")
    assert events(slack, "reaction_added") == []
    reading = Workspace(
        bot_events=BOT_EVENTS | {"reaction_added", "reaction_removed"}, scopes=frozenset({"reactions:read"})
    )
    async with reading as other:
        said = await other.control.say("U0ANNA", GENERAL, "hello")
        await other.control.react("U0BEN", GENERAL, said.ts, "eyes")
        await other.control.unreact("U0BEN", GENERAL, said.ts, "eyes")
        added, removed = events(other)
        assert (added["user"], added["item"]["ts"], added["item_user"]) == ("U0BEN", said.ts, "U0ANNA")
        assert removed["type"] == "reaction_removed"


async def test_a_shared_file_is_told(slack: Workspace) -> None:
    await slack.control.say("U0ANNA", GENERAL, "look", files={"notes.txt": b"hello"})
    event = events(slack)[0]
    assert event["subtype"] == "file_share"
    assert event["files"][0]["name"] == "notes.txt"
    assert slack.control.rendered(GENERAL).messages[0].files == ("notes.txt",)


async def test_uninstalling_is_told_and_ends_the_tokens(slack: Workspace, client: AsyncWebClient) -> None:
    await slack.control.uninstall()
    assert [event["type"] for event in events(slack)] == ["tokens_revoked", "app_uninstalled"]
    assert events(slack)[0]["tokens"]["bot"] == ["U0ASKBOT"]
    with pytest.raises(Exception, match="token_revoked"):
        await client.auth_test()


async def test_nobody_can_do_what_slack_does_not_offer(slack: Workspace) -> None:
    control = slack.control
    said = await control.say("U0ANNA", GENERAL, "hello")
    for impossible in (
        control.say("U0NOBODY", GENERAL, "x"),
        control.say("U0ERIN", GENERAL, "x"),
        control.say("U0ANNA", "C0ARCHIVE", "x"),
        control.say("U0ANNA", GENERAL, "x", "1.2"),
        control.edit("U0BEN", GENERAL, said.ts, "x"),
        control.delete("U0BEN", GENERAL, said.ts),
        control.command("U0ANNA", GENERAL, "/unknown"),
        control.message_shortcut("U0ANNA", said, "unknown"),
        control.click("U0ANNA", said, "unknown"),
        control.submit_view("U0ANNA"),
        control.press_stop("U0ANNA", GENERAL, said.ts),
    ):
        with pytest.raises(NotPossible):
            await impossible


async def test_a_read_only_messages_tab_takes_no_words() -> None:
    async with Workspace(messages_tab_read_only=True) as slack:
        with pytest.raises(NotPossible, match="read-only"):
            await slack.control.say("U0ANNA", "U0ANNA", "hello")
