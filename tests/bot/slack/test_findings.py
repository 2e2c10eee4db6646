"""What Bolt and the SDK do by themselves, and what the bot does about it; the rest of the ten is in other modules."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from slack_bot import ANNA, BEN, GENERAL, SAID, UNKNOWN, Dictated, asked, at_work, settled
from slack_workspace import Error, Workspace

from bot.answering import Answering
from bot.citing import Draft
from bot.evidence import Findings
from bot.types import Usage, Withheld


async def test_events_that_nobody_listens_to_are_acknowledged(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        await slack.control.change_context(ANNA, [])
        message = await slack.control.say(BEN, GENERAL, "hello")
        await slack.control.edit(BEN, GENERAL, message.ts, "hello all")
        await slack.control.delete(BEN, GENERAL, message.ts)
        await slack.control.uninstall()
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


async def test_no_event_waits_for_a_call_of_slack(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        for _ in range(3):
            await asked(slack)
        await settled(slack, bot)
    asked_who = slack.journal.entries("call", "auth.test")
    assert len(asked_who) == 1
    assert asked_who[0].number < slack.journal.entries("sent", "app_mention")[0].number


async def test_a_socket_whose_ticket_is_used_up_comes_back(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        slack.control.refuse_upgrades(1)
        await slack.control.disconnect("refresh_requested")
        await slack.control.connected(within=20)
        question = await asked(slack)
        assert SAID in (await slack.control.answered(question)).answers[0].shown
        await settled(slack, bot)


async def test_the_same_event_again_is_the_same_question(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        await slack.control.answered(await asked(slack))
        for delivery in slack.control.deliveries():
            await slack.control.redeliver(delivery, as_retry=True)
            await slack.control.redeliver(delivery, as_retry=False)
        await settled(slack, bot)
    async with at_work(slack, answering, tmp_path) as bot:  # the next process has heard of it, too
        for delivery in slack.control.deliveries("app_mention"):
            await slack.control.redeliver(delivery)
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


async def test_no_status_and_no_session_is_no_trouble(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    slack.control.fail("assistant.threads.setStatus", Error("invalid_thread_ts"), times=9)
    slack.control.fail("agents.sessions.setStatus", Error("not_authorized"), times=9)
    async with at_work(slack, answering, tmp_path) as bot:
        assert SAID in (await slack.control.answered(await asked(slack))).answers[0].shown
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


class Failing(Dictated):
    async def drafts(
        self, question: str, findings: Findings, failed: Sequence[Withheld] = ()
    ) -> AsyncIterator[Draft | Usage]:
        if question:
            raise RuntimeError("a secret detail")
        yield Usage()


async def test_an_error_of_ours_is_plain_and_has_a_reference(
    slack: Workspace, answering: Answering, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_work(slack, replace(answering, answerer=Failing()), tmp_path) as bot:
        thread = await slack.control.answered(await asked(slack))
        await settled(slack, bot)
    shown = thread.answers[0].shown
    assert "Something went wrong" in shown
    assert "secret" not in shown
    assert shown.split("Reference: ")[1].split()[0] in caplog.text
    assert slack.problems(app_stopped=True) == []


async def test_an_answer_that_slack_does_not_take_is_a_visible_failure(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    slack.control.fail("chat.postMessage", Error("invalid_blocks"))
    async with at_work(slack, answering, tmp_path) as bot:
        thread = await slack.control.answered(await asked(slack, UNKNOWN))
        await settled(slack, bot)
    assert "Something went wrong" in thread.answers[0].shown
    assert slack.problems(app_stopped=True) == []
