"""The Events API over HTTP: signed requests, several processes, health."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from slack_bot import ANNA, GENERAL, SAID, WHO, asked, serving, settled
from slack_workspace import Workspace

from bot.answering import Answering
from bot.errors import SetupProblem
from bot.slack.app import Bot
from bot.slack.http import LARGEST, Receiver, served


@asynccontextmanager
async def over_http(slack: Workspace, answering: Answering, folder: Path) -> AsyncIterator[tuple[Bot, str]]:
    async with AsyncExitStack() as ends:

        @asynccontextmanager
        async def way_in(bot: Bot) -> AsyncIterator[int]:
            receiver = Receiver(bot.app, slack.signing_secret, lambda: True)
            async with served(receiver, "127.0.0.1", 0) as port:
                yield port

        bot, port = await ends.enter_async_context(serving(slack, answering, folder, way_in))
        yield bot, f"http://127.0.0.1:{port}"


async def test_signed_requests_are_answered_and_forged_ones_refused(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with over_http(slack, answering, tmp_path) as (bot, url):
        webhook = await slack.control.use_http(f"{url}/slack/events")
        assert await webhook.verify()
        assert await webhook.ssl_check() == 200
        for forgery in ("stale", "bad_signature", "wrong_secret", "unsigned"):
            webhook.forge(forgery)
        first = await asked(slack)  # a mention is two requests
        second = await asked(slack)
        await settled(slack, bot)
        statuses = [entry.data["status"] for entry in slack.journal.entries("received", "http_answer")]
        assert statuses.count(401) == 4
        for question in (first, second):  # Slack tried again, and signed properly
            (answer,) = slack.control.rendered(GENERAL, question.ts).answers
            assert SAID in answer.shown
    assert slack.problems(app_stopped=True) == []


async def test_a_command_with_the_word_payload_is_answered(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with over_http(slack, answering, tmp_path) as (bot, url):
        await slack.control.use_http(f"{url}/slack/events")
        answers = await slack.control.command(ANNA, GENERAL, "/ask", f"What is a payload? {WHO}", question=True)
        await slack.control.until(lambda: answers)
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


async def test_two_processes_behind_one_address_give_one_answer(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with (
        over_http(slack, answering, tmp_path) as (one, first),
        over_http(slack, answering, tmp_path) as (other, second),
    ):
        await slack.control.use_http(f"{first}/slack/events")
        question = await asked(slack)
        await slack.control.use_http(f"{second}/slack/events")
        for delivery in slack.control.deliveries():
            await slack.control.redeliver(delivery)
        await slack.control.answered(question)
        await settled(slack, one, other)
    assert slack.problems(app_stopped=True) == []


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, "{ this is not JSON"),
        ({"X-Slack-Request-Timestamp": "now", "X-Slack-Signature": "v0=1"}, "{}"),
        ({"X-Slack-Request-Timestamp": "1800000000", "X-Slack-Signature": "v0=\xfc"}, "{}"),
        ({"Content-Type": "application/json"}, ""),
    ],
)
async def test_what_is_not_from_slack_is_refused_politely(
    slack: Workspace, answering: Answering, tmp_path: Path, headers: dict[str, str], body: str
) -> None:
    async with (
        over_http(slack, answering, tmp_path) as (_, url),
        aiohttp.ClientSession() as session,
        session.post(f"{url}/slack/events", data=body.encode(), headers=headers) as reply,
    ):
        assert reply.status == 401


async def test_a_body_without_an_end_is_not_read_to_its_end(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 10 * LARGEST:
            sent += 1 << 20
            yield b"x" * (1 << 20)

    async with (
        over_http(slack, answering, tmp_path) as (_, url),
        aiohttp.ClientSession() as client,
        client.post(f"{url}/slack/events", data=endless()) as response,
    ):
        assert response.status == 413
    assert sent < 10 * LARGEST


async def test_health_is_told_without_a_signature(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with over_http(slack, answering, tmp_path) as (_, url), aiohttp.ClientSession() as session:
        for path in ("/health/live", "/health/ready"):
            async with session.get(url + path) as reply:
                assert reply.status == 200


async def test_a_port_that_is_taken_is_one_sentence(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with over_http(slack, answering, tmp_path) as (bot, url):
        port = int(url.rpartition(":")[2])
        with pytest.raises(SetupProblem, match=f"Port {port} cannot be used"):
            async with served(Receiver(bot.app, "secret", lambda: True), "127.0.0.1", port):
                pass
