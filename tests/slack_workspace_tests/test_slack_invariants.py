"""The rules at the end of a test: broken ones are found, and a good bot keeps them whatever happens."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import AfterEffect, Message, NotPossible, RateLimit, Workspace

from slack_workspace_tests.conftest import socket_mode
from slack_workspace_tests.example_bot import PARTS, Bot

GENERAL = "C0GENERAL"
HERE = Path(__file__).parent
ANSWER = "".join(PARTS)


@contextlib.asynccontextmanager
async def running(slack: Workspace, database: str = ":memory:", ping_interval: float = 10) -> AsyncIterator[Bot]:
    bot = Bot(slack.api_url, slack.bot_token, database, slack.clock.sleep)
    async with socket_mode(slack, bot.app, ping_interval) as handler:
        bot.sockets = handler.client
        yield bot
    for task in list(bot.work):
        task.cancel()
    await asyncio.gather(*bot.work, return_exceptions=True)
    bot.close()


async def settle(slack: Workspace, *bots: Bot) -> None:
    """Let all retries and all work come to their end."""
    slack.control.heal()
    try:
        await slack.control.connected(len(bots), within=2)
    except TimeoutError:  # cut between ticket and hello, the SDK goes on with the used ticket: finding 7
        for bot in bots:
            if bot.sockets is not None:
                bot.sockets.wss_uri = None
        await slack.control.connected(len(bots))

    def settled() -> bool:
        acked = all(delivery.acked for delivery in slack.control.deliveries())
        return acked and slack.control.unanswered == 0 and not any(bot.work for bot in bots)

    await slack.clock.advance_until(settled, limit=900)


async def test_an_unanswered_question_is_a_problem(slack: Workspace) -> None:
    question = await slack.control.ask("U0ANNA", GENERAL, "anybody?")
    assert any("['anybody?'] got 0 answers" in problem for problem in slack.problems())
    await slack.control.delete("U0ANNA", GENERAL, question.ts)
    assert not any("answers" in problem for problem in slack.problems())


async def test_two_answers_are_a_problem(slack: Workspace, client: AsyncWebClient) -> None:
    question = await slack.control.ask("U0ANNA", GENERAL, "anybody?")
    for text in ("yes", "yes"):
        await client.chat_postMessage(channel=GENERAL, thread_ts=question.ts, text=text)
    assert any("got 2 answers" in problem for problem in slack.problems())


async def test_messages_that_name_the_same_question_are_one_answer(slack: Workspace, client: AsyncWebClient) -> None:
    question = await slack.control.ask("U0ANNA", GENERAL, "anybody?")

    async def post(question_ts: str) -> None:
        metadata = {"event_type": "answer", "event_payload": {"question_ts": question_ts}}
        await client.chat_postMessage(channel=GENERAL, thread_ts=question.ts, text="part", metadata=metadata)

    await post(question.ts)
    await post(question.ts)
    assert not any("answer" in problem for problem in slack.problems())
    await post("1.2")
    assert any("an answer to 1.2" in problem for problem in slack.problems())


async def test_an_answer_in_a_dm_may_be_in_the_thread_or_below(slack: Workspace, client: AsyncWebClient) -> None:
    first = await slack.control.ask("U0ANNA", "U0ANNA", "first")
    await client.chat_postMessage(channel=first.channel, text="below")
    second = await slack.control.ask("U0ANNA", "U0ANNA", "second")
    await client.chat_postMessage(channel=second.channel, thread_ts=second.ts, text="in the thread")
    assert not any("answers" in problem for problem in slack.problems())


async def test_a_command_that_asks_needs_an_answer(slack: Workspace, client: AsyncWebClient) -> None:
    await slack.control.command("U0ANNA", GENERAL, "/ask", "anybody?", question=True)
    assert any("'anybody?') got no answer" in problem for problem in slack.problems())
    await client.chat_postEphemeral(channel=GENERAL, user="U0ANNA", text="yes")
    assert not any("got no answer" in problem for problem in slack.problems())


async def test_a_task_left_behind_is_a_problem() -> None:
    async with Workspace() as slack:
        assert slack.problems(app_stopped=True) == []
        left = asyncio.create_task(asyncio.sleep(60), name="forgotten")
        assert slack.problems(app_stopped=True) == ["The task forgotten was left behind."]
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left


async def test_a_connection_that_the_server_keeps_alive_is_no_task_left_behind(slack: Workspace) -> None:
    async with aiohttp.ClientSession() as session:
        await AsyncWebClient(slack.bot_token, base_url=slack.api_url, session=session).auth_test()
    assert slack.problems(app_stopped=True) == []


async def test_the_example_bot_answers_once_and_leaves_nothing(slack: Workspace) -> None:
    async with running(slack) as bot:
        question = await slack.control.ask("U0ANNA", GENERAL, "<@U0ASKBOT> hello?")
        await settle(slack, bot)
    assert [message.text for message in slack.control.rendered(GENERAL, question.ts).answers] == [ANSWER]
    assert slack.problems(app_stopped=True) == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from("ask again copy disconnect drop edit delete stop limit wait wait".split()), st.integers(0, 7)
    ),
    min_size=2,
    max_size=9,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_a_good_bot_keeps_the_rules_whatever_happens(steps: list[tuple[str, int]]) -> None:
    asyncio.run(interleaved(steps))


async def interleaved(steps: list[tuple[str, int]]) -> None:
    async with Workspace(patience=2) as slack, running(slack, ping_interval=0.3) as bot:
        asked = [await slack.control.ask("U0ANNA", "U0ANNA", "the first question")]
        for step, number in steps:
            with contextlib.suppress(NotPossible):
                await one_step(slack, asked, step, number)
        await settle(slack, bot)
        assert slack.problems() == []


async def one_step(slack: Workspace, asked: list[Message], step: str, number: int) -> None:
    control, question = slack.control, asked[number % len(asked)]
    events = control.deliveries("message")
    if step == "ask":
        asked.append(await control.ask("U0BEN", GENERAL, f"<@U0ASKBOT> question {number}"))
    elif step in ("again", "copy"):
        await control.redeliver(events[number % len(events)], as_retry=step == "again")
    elif step == "disconnect":
        await control.disconnect("refresh_requested")
    elif step == "drop":
        control.drop_tcp()
    elif step == "edit":
        await control.edit(question.user, question.channel, question.ts, f"{question.text} (edited)")
    elif step == "delete":
        await control.delete(question.user, question.channel, question.ts)
    elif step == "stop":
        await control.press_stop(question.user, question.channel, question.root_ts)
    elif step == "limit":
        control.fail("*", RateLimit(number + 1), nth=number + 1)
    else:
        await slack.clock.advance(number)
        await asyncio.sleep(0.01)


async def test_two_bots_on_one_database_give_one_answer(slack: Workspace, tmp_path: Path) -> None:
    database = str(tmp_path / "bot.sqlite")
    async with running(slack, database) as one, running(slack, database) as other:
        for number in range(6):
            await slack.control.ask("U0ANNA", GENERAL, f"<@U0ASKBOT> question {number}")
        for delivery in slack.control.deliveries():
            await slack.control.redeliver(delivery, as_retry=False)
        await settle(slack, one, other)
    sockets = {entry.data["via"] for entry in slack.journal.entries("ack")}
    assert sockets == {"socket-1", "socket-2"}
    assert slack.problems() == []


async def test_a_killed_bot_is_repaired_by_the_next(slack: Workspace, tmp_path: Path) -> None:
    database = str(tmp_path / "bot.sqlite")
    slack.control.fail("chat.appendStream", AfterEffect("timeout"), nth=2)
    environment: dict[str, Any] = {**os.environ, **slack.environment, "PYTHONPATH": str(HERE.parent)}
    bot_file = str(HERE / "example_bot.py")
    process = await asyncio.create_subprocess_exec(sys.executable, bot_file, database, env=environment)
    try:
        await slack.control.connected(within=30)
        question = await slack.control.ask("U0ANNA", GENERAL, "<@U0ASKBOT> hello?")
        thread = await slack.control.until(lambda: halfway(slack, question), within=10)
        assert thread.messages[1].streaming
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert any("was left streaming" in problem for problem in slack.problems())
    async with running(slack, database) as bot:
        await bot.repair()
        for delivery in slack.control.deliveries("app_mention"):
            await slack.control.redeliver(delivery)
        await settle(slack, bot)
    assert [message.text for message in slack.control.rendered(GENERAL, question.ts).answers] == [ANSWER]
    assert slack.problems() == []


def halfway(slack: Workspace, question: Message) -> Any:
    thread = slack.control.rendered(GENERAL, question.ts)
    return thread if any(message.text == "One. Two. " for message in thread.messages) else None
