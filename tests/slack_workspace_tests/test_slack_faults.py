"""Injected faults and the rate limiter, as the SDK meets them."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import HTML_502, AfterEffect, Close, Error, Garbage, RateLimit, Slow, Status, Workspace

from slack_workspace_tests.conftest import client_of

GENERAL = "C0GENERAL"
POST = "chat.postMessage"


def texts(slack: Workspace) -> list[str]:
    return [message.text for message in slack.control.rendered(GENERAL).messages]


async def test_a_fault_strikes_the_call_it_is_ordered_for(slack: Workspace, client: AsyncWebClient) -> None:
    slack.control.fail(POST, Error("internal_error"), nth=2, times=2)
    outcomes = []
    for number in range(4):
        try:
            await client.chat_postMessage(channel=GENERAL, text=str(number))
            outcomes.append("ok")
        except SlackApiError as error:
            outcomes.append(error.response["error"])
    assert outcomes == ["ok", "internal_error", "internal_error", "ok"]
    assert texts(slack) == ["0", "3"]
    assert [entry.name for entry in slack.journal.entries("fault")] == [POST, POST]


async def test_any_method_can_be_struck_and_healed(slack: Workspace, client: AsyncWebClient) -> None:
    slack.control.fail("*", Status(503), times=100)
    with pytest.raises(SlackApiError):
        await client.auth_test()
    slack.control.heal()
    assert (await client.auth_test())["ok"]


async def test_a_rate_limit_comes_with_the_seconds_to_wait(slack: Workspace, client: AsyncWebClient) -> None:
    slack.control.fail(POST, RateLimit(7))
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=GENERAL, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert caught.value.response["error"] == "ratelimited"


async def test_a_bad_gateway_is_a_page_of_html(slack: Workspace, client: AsyncWebClient) -> None:
    slack.control.fail(POST, HTML_502)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=GENERAL, text="x")
    assert caught.value.response.status_code == 502
    assert texts(slack) == []


async def test_garbage_is_no_json(slack: Workspace, client: AsyncWebClient) -> None:
    slack.control.fail(POST, Garbage())
    with pytest.raises(SlackApiError, match="failed to read the response body"):
        await client.chat_postMessage(channel=GENERAL, text="x")
    assert texts(slack) == []


async def test_a_slow_call_is_answered_after_virtual_seconds(slack: Workspace, client: AsyncWebClient) -> None:
    slack.control.fail(POST, Slow(20))
    posting = asyncio.create_task(client.chat_postMessage(channel=GENERAL, text="x"))
    await slack.control.until(lambda: slack.journal.entries("fault"))
    await slack.clock.advance(19)
    assert (posting.done(), texts(slack)) == (False, [])
    await slack.clock.advance(1)
    assert (await posting)["ok"]
    assert texts(slack) == ["x"]


async def test_a_connection_cut_before_the_effect_leaves_nothing(slack: Workspace, client: AsyncWebClient) -> None:
    slack.control.fail(POST, Close())
    with pytest.raises(Exception, match="Server disconnected"):
        await client.chat_postMessage(channel=GENERAL, text="x")
    assert texts(slack) == []


@pytest.mark.parametrize("how", ["drop", "500"])
async def test_a_call_may_take_effect_and_fail(slack: Workspace, client: AsyncWebClient, how: str) -> None:
    slack.control.fail(POST, AfterEffect("drop" if how == "drop" else "500"))
    with pytest.raises((SlackApiError, aiohttp.ClientError)):
        await client.chat_postMessage(channel=GENERAL, text="x")
    assert texts(slack) == ["x"]


async def test_a_call_may_take_effect_and_never_be_answered(slack: Workspace) -> None:
    slack.control.fail(POST, AfterEffect("timeout"))
    client = client_of(slack)
    posting = asyncio.create_task(client.chat_postMessage(channel=GENERAL, text="x"))
    await slack.control.until(lambda: texts(slack) == ["x"])
    posting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await posting


async def test_the_sdks_default_retry_posts_twice_after_a_cut_connection(slack: Workspace) -> None:
    """Finding 10 of the reference."""
    slack.control.fail(POST, AfterEffect("drop"))
    retrying = AsyncWebClient(
        token=slack.bot_token, base_url=slack.api_url, retry_handlers=[AsyncConnectionErrorRetryHandler()]
    )
    await retrying.chat_postMessage(channel=GENERAL, text="x")
    assert texts(slack) == ["x", "x"]


async def test_with_strict_rates_a_channel_takes_a_burst_and_then_one_a_second() -> None:
    async with Workspace(strict_rates=True) as slack:
        client = client_of(slack)

        async def outcome(channel: str) -> int:
            try:
                return int((await client.chat_postMessage(channel=channel, text="x")).status_code)
            except SlackApiError as error:
                return int(error.response.status_code)

        assert [await outcome(GENERAL) for _ in range(4)] == [200, 200, 200, 429]
        assert await outcome("C0SHARED") == 200
        await slack.clock.advance(1)
        assert [await outcome(GENERAL) for _ in range(2)] == [200, 429]


async def test_with_strict_rates_a_tier_holds_over_a_minute() -> None:
    async with Workspace(strict_rates=True) as slack:
        client = client_of(slack)
        said = await slack.control.say("U0ANNA", "U0ANNA", "hello")
        for _ in range(22):
            await client.chat_startStream(channel=said.channel, thread_ts=said.ts)
        with pytest.raises(SlackApiError) as caught:
            await client.chat_startStream(channel=said.channel, thread_ts=said.ts)
        assert caught.value.response.headers["Retry-After"] == "60"
        await slack.clock.advance(60)
        assert (await client.chat_startStream(channel=said.channel, thread_ts=said.ts))["ok"]


async def test_without_strict_rates_nothing_is_limited(slack: Workspace, client: AsyncWebClient) -> None:
    for number in range(30):
        await client.chat_postMessage(channel=GENERAL, text=str(number))
    assert len(texts(slack)) == 30
