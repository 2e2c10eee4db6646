"""A process dies in the middle of things, and the next one puts them right."""

import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from slack_bot import ANNA, ASKBOT, BEN, GENERAL, SAID, UNKNOWN, WHO, Dictated, Mortal, asked, at_work, citebot, settled
from slack_workspace import AfterEffect, Message, Slow, Workspace
from slack_workspace.faults import Fault

from bot.answering import Answering
from bot.journal import connect
from bot.slack.asked import Question
from bot.slack.clock import SystemClock
from bot.slack.inbox import LEASE, Inbox
from bot.slack.tables import questions
from bot.slack.worker import ATTEMPTS


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


async def test_a_question_that_kills_every_process_is_given_up_visibly(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    question = await asked(slack)
    engine = connect("", tmp_path)
    dying = Inbox(engine, "dying")
    await dying.store(Question("T0HOME", GENERAL, question.ts, question.ts, ANNA, "T0HOME", WHO, "channel"))
    for life in range(ATTEMPTS):
        assert await dying.claim(1, slack.clock.now() - 1_000 + 2 * LEASE * life)
    await dying.close()
    engine.dispose()
    async with at_work(slack, answering, tmp_path) as bot:
        await settled(slack, bot)
        (answer,) = slack.control.rendered(GENERAL, question.ts).answers
        assert "Something went wrong" in answer.shown
    assert slack.problems(app_stopped=True) == []


async def test_a_question_that_is_deleted_after_a_crash_leaves_nothing(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    process = Mortal(slack, replace(answering, answerer=Dictated()), tmp_path)
    await process.start()
    root = await slack.control.say(ANNA, GENERAL, "Good morning")
    question = await slack.control.ask(ANNA, GENERAL, f"{ASKBOT} {WHO}", thread_ts=root.ts)
    await slack.control.until(lambda: slack.control.session(GENERAL, root.ts) == "processing")
    await process.kill()
    await slack.control.until(lambda: slack.control.connections == 1)
    await slack.control.delete(ANNA, GENERAL, question.ts)
    await settled(slack, process.bot)
    await process.close()
    assert slack.problems(app_stopped=True) == []


def run_out(home: Path, question: Message) -> None:
    """As if the claims of the process that has this question were `LEASE` seconds old."""
    engine = connect("", home)
    with engine.begin() as connection:
        owner = sa.select(questions.c.owner).where(questions.c.ts == question.ts, questions.c.owner != "")
        its = questions.c.owner == connection.execute(owner).scalar_one()
        connection.execute(sa.update(questions).where(its).values(lease_until=0.0))
    engine.dispose()


async def test_one_of_two_processes_is_killed_and_the_other_answers_for_both(tmp_path: Path) -> None:
    async with (
        Workspace(real_time=True) as slack,
        citebot(tmp_path, slack.environment) as one,
        AsyncExitStack() as later,
    ):
        control = slack.control
        await control.connected(within=60)
        asked_there: list[Message] = []

        async def question(user: str, channel: str, text: str) -> None:
            asked_there.append(await control.ask(user, channel, text))

        await stuck(slack, "chat.stopStream", Slow(10_000), lambda: question(ANNA, ANNA, WHO))
        other = await later.enter_async_context(citebot(tmp_path, slack.environment))
        await control.connected(2, within=60)
        for user in (BEN, ANNA, BEN):
            for text in (WHO, UNKNOWN):
                await question(user, GENERAL, f"{ASKBOT} {text}")
                for delivery in control.deliveries("app_mention")[-1:] * 3:
                    await control.redeliver(delivery, as_retry=False)

        def heard_by() -> set[str]:
            return {entry.data["via"] for entry in slack.journal.entries("ack")}

        await control.until(lambda: heard_by() == {"socket-1", "socket-2"}, within=30)
        one.send_signal(signal.SIGKILL)
        await one.wait()
        run_out(tmp_path / "home", asked_there[0])
        await question(BEN, BEN, WHO)  # life goes on

        def whole(question: Message) -> bool:
            shown = [answer.shown for answer in control.rendered(question.channel, question.ts).answers]
            return len(shown) == 1 and (SAID if WHO in question.text else "could not find") in shown[0]

        await control.until(lambda: all(whole(each) for each in asked_there), within=60)
        await control.until(lambda: all(each.acked for each in control.deliveries()), within=30)
        other.send_signal(signal.SIGTERM)
        assert await other.wait() == 0
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
