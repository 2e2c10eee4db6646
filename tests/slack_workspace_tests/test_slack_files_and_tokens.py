"""Uploads, private files, and the life of tokens."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import Workspace
from slack_workspace.options import SCOPES
from slack_workspace.seed import ROBOT_TOKEN

from slack_workspace_tests.conftest import client_of

GENERAL = "C0GENERAL"
of_the_sdk = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
"""slack_sdk 3.47 still uses what aiohttp 3.14 has deprecated."""


@pytest.fixture
async def uploading() -> AsyncIterator[Workspace]:
    async with Workspace(scopes=SCOPES | {"files:write"}) as workspace:
        yield workspace


async def fetched(url: str, token: str) -> tuple[str, bytes]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as reply:
        return reply.content_type, await reply.read()


async def test_the_sdk_uploads_a_file_in_three_steps(uploading: Workspace) -> None:
    client = client_of(uploading)
    root = await uploading.control.say("U0ANNA", GENERAL, "send me the log")
    reply = await client.files_upload_v2(
        channel=GENERAL, thread_ts=root.ts, content="line 1", filename="app.log", initial_comment="here", title="Log"
    )
    assert (reply["file"]["title"], reply["file"]["size"], reply["file"]["channels"]) == ("Log", 6, [GENERAL])
    shown = uploading.control.rendered(GENERAL, root.ts).messages[1]
    assert (shown.text, shown.files) == ("here", ("app.log",))
    assert (await client.files_info(file=reply["file"]["id"]))["file"]["name"] == "app.log"


async def test_a_private_file_needs_the_token(slack: Workspace) -> None:
    await slack.control.say("U0ANNA", GENERAL, "look", files={"notes.txt": b"secret"})
    (event,) = (delivery.payload["event"] for delivery in slack.control.deliveries())
    url = event["files"][0]["url_private"]
    assert await fetched(url, slack.bot_token) == ("text/plain", b"secret")
    for token in ("", "xoxb-unknown"):
        kind, page = await fetched(url, token)
        assert kind == "text/html"
        assert b"Sign in" in page


async def test_uploads_that_slack_refuses(uploading: Workspace) -> None:
    client = client_of(uploading)

    async def error(**arguments: object) -> str:
        with pytest.raises(SlackApiError) as caught:
            await client.api_call("files.getUploadURLExternal", params={"filename": "a", "length": 9, **arguments})
        return str(caught.value.response["error"])

    assert await error(length=-1) == "missing_argument"
    assert await error(snippet_type="python", length=1_000_001) == "snippet_too_large"
    assert await error(alt_txt="x" * 1_001) == "alt_txt_too_large"
    begun = await client.files_getUploadURLExternal(filename="a", length=9)
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_completeUploadExternal(files=[{"id": begun["file_id"], "title": "a"}])
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_info(file="F0NONE")


@of_the_sdk
async def test_a_code_is_exchanged_once(slack: Workspace) -> None:
    client = AsyncWebClient(base_url=slack.api_url)

    async def exchange(**changes: str) -> AsyncWebClient:
        given = {"client_id": slack.client_id, "client_secret": slack.client_secret, "code": code, **changes}
        reply = await client.oauth_v2_access(**given)
        return client_of(slack, reply["access_token"])

    code = slack.control.oauth_code()
    for changes, error in (
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"client_secret": "x"}, "bad_client_secret"),
        ({"code": "x"}, "invalid_code"),
    ):
        with pytest.raises(SlackApiError, match=error):
            await exchange(**changes)
    installed = await exchange()
    assert (await installed.auth_test())["user_id"] == "U0ASKBOT"
    with pytest.raises(SlackApiError, match="invalid_code"):
        await exchange()


@of_the_sdk
async def test_a_rotated_token_expires_and_its_refresh_token_is_good_once() -> None:
    async with Workspace(token_rotation=True) as slack:
        client = AsyncWebClient(base_url=slack.api_url)
        first = slack.control.install()
        secrets = {"client_id": slack.client_id, "client_secret": slack.client_secret}
        await slack.clock.advance(first["expires_in"])
        with pytest.raises(SlackApiError, match="token_expired"):
            await client_of(slack, first["access_token"]).auth_test()
        refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        second = await client.oauth_v2_access(**secrets, **refresh)
        assert (await client_of(slack, second["access_token"]).auth_test())["ok"]
        with pytest.raises(SlackApiError, match="invalid_refresh_token"):
            await client.oauth_v2_access(**secrets, **refresh)


async def test_a_token_can_be_revoked_from_outside(slack: Workspace, client: AsyncWebClient) -> None:
    slack.control.revoke(slack.bot_token)
    with pytest.raises(SlackApiError, match="token_revoked"):
        await client.auth_test()


async def test_the_token_of_another_app_cannot_touch_our_messages(slack: Workspace, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=GENERAL, text="ours"))["ts"]
    robot = client_of(slack, ROBOT_TOKEN)
    with pytest.raises(SlackApiError, match="cant_update_message"):
        await robot.chat_update(channel=GENERAL, ts=ts, text="theirs")
    await robot.chat_postMessage(channel=GENERAL, text="theirs")
    assert [message.from_app for message in slack.control.rendered(GENERAL).messages] == [True, False]
