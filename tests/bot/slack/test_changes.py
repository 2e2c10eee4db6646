"""People change their minds: they edit, delete and stop."""

from dataclasses import replace
from pathlib import Path

import pytest
from slack_bot import ANNA, ASKBOT, GENERAL, SAID, UNKNOWN, Dictated, asked, at_work, settled
from slack_workspace import Workspace

from bot.answering import Answering

TOPIC = "What did the leaders talk about in the ceasefire proposal?"


@pytest.fixture
def dictated() -> Dictated:
    return Dictated(most=3)


@pytest.fixture
def slowly(answering: Answering, dictated: Dictated) -> Answering:
    return replace(answering, answerer=dictated, evidence_threshold=0.0)


async def test_an_edited_question_changes_the_same_reply(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        question = await asked(slack, UNKNOWN)
        before = (await slack.control.answered(question)).answers
        await slack.control.edit(ANNA, GENERAL, question.ts, f"{ASKBOT} Who met Putin in Moscow last week?")
        await settled(slack, bot)
        after = slack.control.rendered(GENERAL, question.ts).answers
        assert SAID in after[0].shown
        assert [each.ts for each in after] == [each.ts for each in before]
    assert slack.problems(app_stopped=True) == []


async def test_a_question_edited_while_it_is_answered_gets_the_new_answer(
    slack: Workspace, slowly: Answering, dictated: Dictated, tmp_path: Path
) -> None:
    async with at_work(slack, slowly, tmp_path) as bot:
        question = await asked(slack, TOPIC)
        dictated.allow()
        await slack.control.until(lambda: slack.control.rendered(GENERAL, question.ts).answers)
        await slack.control.edit(ANNA, GENERAL, question.ts, f"{ASKBOT} {TOPIC} Please.")
        dictated.allow(8)
        await settled(slack, bot)
        assert len(slack.control.rendered(GENERAL, question.ts).answers) == 1
    assert slack.problems(app_stopped=True) == []


async def test_a_mention_that_is_edited_in_is_answered(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        question = await slack.control.ask(ANNA, GENERAL, "Who met Putin in Moscow last week?")
        await slack.control.edit(ANNA, GENERAL, question.ts, f"{ASKBOT} {question.text}")
        assert SAID in (await slack.control.answered(question)).answers[0].shown
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


async def test_the_reply_to_a_deleted_question_goes(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        question = await asked(slack)
        await slack.control.answered(question)
        await slack.control.delete(ANNA, GENERAL, question.ts)
        await settled(slack, bot)
        assert slack.control.rendered(GENERAL, question.ts).messages == ()
    assert slack.problems(app_stopped=True) == []


async def test_a_question_deleted_while_it_is_answered_leaves_nothing(
    slack: Workspace, slowly: Answering, dictated: Dictated, tmp_path: Path
) -> None:
    async with at_work(slack, slowly, tmp_path) as bot:
        question = await asked(slack, TOPIC)
        dictated.allow()
        await slack.control.until(lambda: slack.control.rendered(GENERAL, question.ts).answers)
        await slack.control.delete(ANNA, GENERAL, question.ts)
        await settled(slack, bot)
        assert slack.control.rendered(GENERAL, question.ts).messages == ()
    assert slack.problems(app_stopped=True) == []


@pytest.mark.parametrize("heard", [0, 1])
async def test_stop_ends_the_answer(
    slack: Workspace, slowly: Answering, dictated: Dictated, tmp_path: Path, heard: int
) -> None:
    async with at_work(slack, slowly, tmp_path) as bot:
        question = await asked(slack, TOPIC)
        await slack.control.until(lambda: slack.control.rendered(GENERAL, question.ts).stop_button)
        dictated.allow(heard)
        await slack.control.until(lambda: len(slack.control.rendered(GENERAL, question.ts).answers) == heard)
        await slack.control.press_stop(ANNA, GENERAL, question.ts)
        await settled(slack, bot)
        thread = slack.control.rendered(GENERAL, question.ts)
        assert thread.answers[0].text.count("[") == heard
        assert ("Stopped" in thread.answers[0].shown) is (heard == 0)
        assert (thread.status, thread.session) == (None, "active")
    assert slack.problems(app_stopped=True) == []
