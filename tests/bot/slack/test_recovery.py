"""A process dies in the middle of things, and the next one puts them right."""

import signal
from collections.abc import Callable
from pathlib import Path

from slack_bot import ANNA, ASKBOT, BEN, GENERAL, SAID, UNKNOWN, WHO, asked, at_work, citebot, settled
from slack_workspace import AfterEffect, Message, Slow, Workspace
from slack_workspace.faults import Fault

from bot.answering import Answering
from bot.slack.clock import SystemClock
from bot.slack.inbox import LEASE


class Later(SystemClock):
    """The system's clock after the claims of a dead process have run out."""

    def now(self) -> float:
        return super().now() + LEASE + 1


async def stuck(slack: Workspace, method: str, fault: Fault, ask: Callable[[], object]) -> None:
    """Somebody asks, and the bot hangs in the given call."""
    slack.control.fail(method, fault)
    before = len(slack.journal.entries("fault"))
    await ask()  # type: ignore[misc] # it is a coroutine function
    await slack.control.until(lambda: len(slack.journal.entries("fault")) > before, within=30)


async def test_a_killed_process_leaves_nothing_that_the_next_does_not_mend(
    answering: Answering, tmp_path: Path
) -> None:
    asked_there: list[Message] = []

    def question(user: str, channel: str, text: str) -> Callable[[], object]:
        async def ask() -> None:
            asked_there.append(await slack.control.ask(user, channel, text))

        return ask

    async with Workspace(real_time=True) as slack:
        async with citebot(tmp_path, slack.environment) as process:
            await slack.control.connected(within=60)
            hangs = AfterEffect("timeout")  # Slack did it, and the bot never hears of it
            await stuck(slack, "chat.startStream", hangs, question(ANNA, GENERAL, f"{ASKBOT} {WHO}"))
            await stuck(slack, "chat.stopStream", hangs, question(ANNA, ANNA, WHO))
            await stuck(slack, "chat.stopStream", Slow(10_000), question(BEN, BEN, WHO))
            await stuck(slack, "chat.postMessage", hangs, question(BEN, "G0PRIVATE", f"{ASKBOT} {UNKNOWN}"))
            process.send_signal(signal.SIGKILL)
            await process.wait()
        assert sum("was left streaming" in problem for problem in slack.problems()) == 2
        async with at_work(slack, answering, tmp_path / "home", Later()) as bot:
            await settled(slack, bot)
            for each in asked_there:
                (answer,) = slack.control.rendered(each.channel, each.ts).answers
                assert (SAID if WHO in each.text else "could not find") in answer.shown
        assert slack.problems() == []


async def test_two_processes_on_one_database_give_one_answer(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as one, at_work(slack, answering, tmp_path) as other:
        for _ in range(6):
            await asked(slack)
        for delivery in slack.control.deliveries():
            await slack.control.redeliver(delivery, as_retry=False)
        await settled(slack, one, other)
    sockets = {entry.data["via"] for entry in slack.journal.entries("ack")}
    assert sockets == {"socket-1", "socket-2"}
    assert slack.problems(app_stopped=True) == []


async def test_a_message_that_arrived_unheard_is_not_posted_again(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    for how in ("drop", "500"):
        slack.control.fail("chat.postMessage", AfterEffect(how))
        async with at_work(slack, answering, tmp_path / how) as bot:
            await asked(slack, UNKNOWN)
            await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


async def test_a_stop_of_the_process_lets_running_answers_finish(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        question = await asked(slack)
        await slack.control.until(lambda: not bot.desk.idle)
        await slack.control.quiet()
    assert SAID in slack.control.rendered(GENERAL, question.ts).answers[0].shown
    # Nobody is there any more to acknowledge what the bot's last words cause.
    assert [problem for problem in slack.problems() if "delivery" not in problem] == []
