"""How calls are read, authenticated and answered."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import NotPossible, Options, Workspace, seed
from slack_workspace.wire import Json

from slack_workspace_tests.conftest import client_of


async def post(slack: Workspace, method: str, **request: object) -> tuple[int, Json]:
    """A call as no SDK makes it."""
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    arguments: Json = {"headers": headers, **request}
    async with aiohttp.ClientSession() as session, session.post(f"{slack.api_url}{method}", **arguments) as reply:
        return reply.status, await reply.json()


async def test_auth_test_tells_who_the_token_is(client: AsyncWebClient) -> None:
    reply = await client.auth_test()
    assert reply.data == {
        "ok": True,
        "url": "https://home.slack.com/",
        "team": "Home",
        "user": "askbot",
        "team_id": "T0HOME",
        "user_id": "U0ASKBOT",
        "bot_id": "B0ASKBOT",
        "is_enterprise_install": False,
    }


async def test_every_reply_names_the_scopes_of_the_token(client: AsyncWebClient) -> None:
    reply = await client.auth_test()
    assert "chat:write" in reply.headers["x-oauth-scopes"].split(",")
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-unknown", "invalid_auth"), (seed.APP_TOKEN, "not_allowed_token_type")],
)
async def test_a_bad_token_is_named_for_what_it_is(slack: Workspace, token: str, error: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        await AsyncWebClient(token=token, base_url=slack.api_url).chat_postMessage(channel="C0GENERAL", text="x")
    assert caught.value.response["error"] == error


async def test_a_revoked_token_is_refused(client: AsyncWebClient) -> None:
    assert (await client.auth_revoke(test=True))["revoked"] is False
    assert (await client.auth_revoke())["revoked"] is True
    with pytest.raises(SlackApiError, match="token_revoked"):
        await client.auth_test()


async def test_a_missing_scope_is_told_with_what_is_needed() -> None:
    async with Workspace(scopes=frozenset({"users:read"})) as slack:
        with pytest.raises(SlackApiError) as caught:
            await client_of(slack).chat_postMessage(channel="C0GENERAL", text="x")
    assert caught.value.response.data == {
        "ok": False,
        "error": "missing_scope",
        "needed": "chat:write",
        "provided": "users:read",
    }


async def test_an_unknown_method_is_an_error_of_status_200(slack: Workspace) -> None:
    status, body = await post(slack, "chat.shout")
    assert (status, body) == (200, {"ok": False, "error": "unknown_method", "req_method": "chat.shout"})


@pytest.mark.parametrize(
    "request_",
    [
        {"json": {"channel": "C0GENERAL", "blocks": [{"type": "divider"}]}},
        {"data": {"channel": "C0GENERAL", "blocks": '[{"type": "divider"}]'}},
        {"params": {"channel": "C0GENERAL", "blocks": '[{"type": "divider"}]'}},
        {
            "data": aiohttp.FormData(
                {"channel": "C0GENERAL", "blocks": '[{"type": "divider"}]'}, default_to_multipart=True
            )
        },
    ],
    ids=["json", "form", "query", "multipart"],
)
async def test_arguments_may_come_in_any_way(slack: Workspace, request_: Json) -> None:
    _, body = await post(slack, "chat.postMessage", **request_)
    assert body["ok"] is True
    assert body["message"]["blocks"][0]["type"] == "divider"


async def test_a_token_may_come_as_an_argument(slack: Workspace) -> None:
    _, body = await post(slack, "auth.test", headers={}, data={"token": slack.bot_token})
    assert body["user_id"] == "U0ASKBOT"


async def test_team_id_on_every_call_changes_nothing(client: AsyncWebClient) -> None:
    assert (await client.chat_postMessage(channel="C0GENERAL", text="x", team_id="T0HOME"))["ok"]


async def test_bodies_that_are_not_what_they_say_are_refused(slack: Workspace) -> None:
    async def error(**request: object) -> str:
        return str((await post(slack, "chat.postMessage", **request))[1]["error"])

    as_json = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json; charset=utf-8"}
    assert await error(data="{", headers=as_json) == "invalid_json"
    assert await error(data="[]", headers=as_json) == "json_not_object"
    assert await error(data="hello", headers={**as_json, "Content-Type": "image/png"}) == "invalid_post_type"
    assert await error(data={"channel": "C0GENERAL", "blocks": "["}) == "invalid_blocks_format"
    assert await error(data={"channel": "C0GENERAL", "text": "x", "metadata": "{"}) == "invalid_metadata_format"


async def test_a_charset_that_should_or_should_not_be_there_is_a_warning(slack: Workspace) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json"}
    _, body = await post(slack, "auth.test", data="{}", headers=headers)
    assert body["warning"] == "missing_charset"
    assert body["response_metadata"]["warnings"] == ["missing_charset"]


async def test_a_missing_argument_is_pointed_out(slack: Workspace) -> None:
    _, body = await post(slack, "chat.update", json={"channel": "C0GENERAL"})
    assert body["error"] == "invalid_arguments"
    assert body["response_metadata"]["messages"] == ["[ERROR] missing required field: ts"]


async def test_the_journal_has_every_call_with_its_reply(slack: Workspace, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="C0GENERAL", text="x")
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="C0NOWHERE", text="x")
    good, bad = slack.journal.calls("chat.postMessage")
    assert (good.ok, good.args["text"], good.token) == (True, "x", slack.bot_token)
    assert (bad.ok, bad.error, bad.status) == (False, "channel_not_found", 200)


async def test_two_workspaces_are_two_worlds(slack: Workspace) -> None:
    async with Workspace() as other:
        await client_of(other).chat_postMessage(channel="C0GENERAL", text="only here")
        assert len(other.control.rendered("C0GENERAL").messages) == 1
    assert not slack.control.rendered("C0GENERAL").messages


async def test_in_real_time_virtual_seconds_pass_by_themselves() -> None:
    async with Workspace(real_time=True) as slack:
        began = slack.clock.now()
        await asyncio.wait_for(slack.clock.sleep(0.05), 5)
        assert slack.clock.now() >= began + 0.05


async def test_an_app_gets_what_its_manifest_declares_and_no_more() -> None:
    manifest: Json = {
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "agent_view": {"agent_description": "Answers."},
            "shortcuts": [{"name": "Answer this", "type": "message", "callback_id": "answer_this"}],
            "slash_commands": [{"command": "/answer", "description": "Ask"}],
        },
        "oauth_config": {"scopes": {"bot": ["chat:write", "im:history"]}},
        "settings": {"event_subscriptions": {"bot_events": ["message.im", "app_mention"]}},
    }
    async with Workspace(Options.of_manifest(manifest)) as slack:
        assert slack.options.commands == {"/answer"}
        assert slack.options.message_shortcuts == {"answer_this"}
        said = await slack.control.say("U0ANNA", "U0ANNA", "heard")
        await slack.control.say("U0ANNA", "C0GENERAL", "<@U0ASKBOT> not heard: app_mentions:read is missing")
        assert [delivery.payload["event"]["text"] for delivery in slack.control.deliveries()] == ["heard"]
        with pytest.raises(SlackApiError, match="missing_scope"):
            await client_of(slack).users_info(user="U0ANNA")
        with pytest.raises(NotPossible, match="Interactivity is off"):
            await slack.control.message_shortcut("U0ANNA", said, "answer_this")
