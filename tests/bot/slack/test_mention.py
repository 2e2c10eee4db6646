"""One mention, one answer."""

from pathlib import Path

from slack_bot import SAID, UNKNOWN, asked, at_work, settled
from slack_workspace import Workspace

from bot.answering import Answering


async def test_a_mention_gets_one_answer_in_its_thread(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        question = await asked(slack)
        thread = await slack.control.answered(question)
        (answer,) = thread.answers
        assert SAID in answer.shown
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


async def test_what_is_not_in_the_documents_is_said(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        thread = await slack.control.answered(await asked(slack, UNKNOWN))
        assert "could not find" in thread.answers[0].shown
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []
