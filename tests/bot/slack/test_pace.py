"""No faster than Slack allows, and nobody waits for one who asks a lot."""

import asyncio
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from slack_bot import ANNA, BEN, GENERAL, asked, at_work, settled
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import RateLimit, Workspace
from slack_workspace.clock import Clock

from bot.answering import Answering
from bot.slack.asked import Waiting
from bot.slack.fairness import Turns
from bot.slack.pace import LONGEST, TIERS, Pace
from bot.slack.web import Web


async def times_of(method: str, calls: int, channel: str = "") -> list[float]:
    """When calls that are all wanted at once are made, on a clock that runs by itself."""
    clock = Clock()
    pace, made = Pace(clock), list[float]()

    async def call() -> None:
        await pace.turn(method, channel)
        made.append(clock.now())

    waiting = asyncio.gather(*(call() for _ in range(calls)))
    while len(made) < calls:
        await clock.advance(0.1)
    await waiting
    return made


async def test_no_minute_has_more_calls_than_the_tier_allows() -> None:
    for method, limit in TIERS.items():
        made = await times_of(method, limit * 2)
        assert max(sum(start <= each < start + 60 for each in made) for start in made) <= limit


async def test_a_channel_gets_a_message_a_second_after_a_burst() -> None:
    made = await times_of("chat.postMessage", 13, "C1")
    assert made[-1] - made[0] >= 10


async def test_one_refusal_holds_everybody_back_for_as_long_as_slack_says_within_a_cap() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.back_off("chat.update", 30)
    assert not pace.take_now("chat.update")
    assert pace.take_now("chat.delete")
    waiting = asyncio.gather(*(pace.turn("chat.update") for _ in range(3)))
    await clock.advance(29)
    assert not waiting.done()
    await clock.advance(2)
    await waiting
    pace.back_off("chat.update", 1e9)
    believed = asyncio.create_task(pace.turn("chat.update"))
    await clock.advance(LONGEST + 1)
    await believed


async def test_limits_are_waited_for_and_a_channel_keeps_its_order() -> None:
    async with Workspace(patience=2, strict_rates=True) as slack:
        slack.control.fail("chat.postMessage", RateLimit(20), nth=2)
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        web = Web(client, slack.clock)
        posts = [web.call("chat.postMessage", channel=GENERAL, text=f"message {number}") for number in range(6)]
        posting = asyncio.gather(*posts)
        await slack.clock.advance_until(posting.done)
        texts = [message.text for message in slack.control.rendered(GENERAL).messages]
        assert texts == [f"message {number}" for number in range(6)]
        assert [call.status for call in slack.journal.calls("chat.postMessage")].count(429) == 1


async def test_every_question_is_answered_under_slacks_limits(answering: Answering, tmp_path: Path) -> None:
    async with Workspace(patience=2, strict_rates=True) as slack, at_work(slack, answering, tmp_path) as bot:
        for _ in range(30):
            await asked(slack)
        await settled(slack, bot)
        assert slack.problems() == []
        assert [call.method for call in slack.journal.calls() if call.status == 429] == []


async def test_who_has_to_wait_is_told(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        for number in range(6):
            await asked(slack, f"Who met Putin in Moscow in week {number}?", user=BEN if number % 2 else ANNA)
        await settled(slack, bot)
    said = [call.args.get("status", "") for call in slack.journal.calls("assistant.threads.setStatus")]
    assert any("to answer before yours" in status for status in said)
    assert slack.problems(app_stopped=True) == []


@given(
    flood=st.integers(1, 60),
    others=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=8),
)
def test_nobody_waits_for_one_who_asks_a_lot(flood: int, others: list[tuple[int, int]]) -> None:
    waiting = [Waiting(number, "flooder", "flooded", "") for number in range(flood)]
    waiting += [
        Waiting(1000 + number, f"user{user}", f"channel{channel}", "") for number, (user, channel) in enumerate(others)
    ]
    turns, served = Turns(), list[Waiting]()
    while waiting:
        chosen = turns.next(waiting)
        waiting.remove(chosen)
        served.append(chosen)
    last = max(place for place, each in enumerate(served) if each.user != "flooder")
    assert sum(each.user == "flooder" for each in served[:last]) <= len(others)
