"""Where people ask, and who is meant: DMs, threads, follow-ups, other bots."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_bot import ANNA, ASKBOT, BEN, GENERAL, SAID, WHO, Dictated, asked, at_work, settled
from slack_workspace import Workspace

from bot.answering import Answering
from bot.slack.hearing import Ears

ROBOT = "U0ROBOT"


async def test_a_long_message_that_ends_with_the_mention_is_heard(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        question = await slack.control.ask(ANNA, GENERAL, f"{WHO} {'I mean it. ' * 400}{ASKBOT}")
        await slack.control.answered(question)
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


@given(st.text(st.characters(), max_size=80))
def test_what_is_heard_can_be_stored_anywhere(text: str) -> None:
    heard = Ears("T1", "U1").heard({"ts": "1.1", "channel": "D1", "user": "U2", "text": f"{text}\ud83d\x00"})
    assert heard is not None
    assert "\x00" not in heard.question.text
    heard.question.text.encode()


async def test_in_a_dm_no_mention_is_needed(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        question = await slack.control.ask(ANNA, ANNA, WHO)
        assert SAID in (await slack.control.answered(question)).answers[0].shown
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


async def test_a_follow_up_in_a_thread_needs_no_mention_and_knows_what_was_said(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    dictated = Dictated(most=1)
    dictated.allow(2)
    async with at_work(slack, answering, tmp_path) as bot:
        question = await asked(slack)
        await slack.control.answered(question)
    async with at_work(slack, replace(answering, answerer=dictated), tmp_path) as bot:  # also after a restart
        await slack.control.ask(ANNA, GENERAL, "And who met Putin before?", thread_ts=question.ts)
        await slack.control.answered(question, count=2)
        await settled(slack, bot)
    ((asked_before, said_before),) = dictated.histories
    assert asked_before == WHO
    assert SAID in said_before
    assert slack.journal.calls("conversations.replies") == ()
    assert slack.problems(app_stopped=True) == []


@pytest.mark.parametrize(
    "text",
    ["Thanks!", f"<@{BEN}> what do you think?", "I will look into it.", "@ben who is that?", "<!here> who knows?"],
)
async def test_what_is_not_meant_for_the_bot_is_left_alone(
    slack: Workspace, answering: Answering, tmp_path: Path, text: str
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        question = await asked(slack)
        await slack.control.answered(question)
        await slack.control.say(BEN, GENERAL, text, thread_ts=question.ts)
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


async def test_questions_between_people_are_left_alone(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        root = await slack.control.say(ANNA, GENERAL, WHO)
        await slack.control.say(BEN, GENERAL, WHO, thread_ts=root.ts)
        await slack.control.say(ROBOT, GENERAL, f"{ASKBOT} {WHO}")
        await settled(slack, bot)
    assert slack.journal.calls("chat.postMessage") == slack.journal.calls("chat.startStream") == ()
    assert slack.problems(app_stopped=True) == []


async def test_a_bare_mention_is_told_how_to_ask(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        thread = await slack.control.answered(await slack.control.ask(ANNA, GENERAL, ASKBOT))
        assert "Ask me a question" in thread.answers[0].shown
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<@U0ASKBOT> who?", "who?"),
        ("<@U0ASKBOT|askbot>: who &amp; why &lt;now&gt;?", "who & why <now>?"),
        ("who is <@U0BEN|ben> of <https://a.example/b|our site>?", "who is ben of our site?"),
        ("see <https://a.example/b> or <mailto:x@a.example>", "see https://a.example/b or x@a.example"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
    ],
)
def test_a_question_is_read_as_people_see_it(text: str, words: str) -> None:
    assert Ears("T0HOME", "U0ASKBOT").plain(text) == words
