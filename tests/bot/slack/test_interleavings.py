"""Whatever happens in whatever order, each question has one answer in the end, and nothing is left behind."""

import asyncio
import contextlib
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bot import ANNA, BEN, UNKNOWN, WHO, Mortal, asked, settled
from slack_workspace import AfterEffect, Close, Message, NotPossible, RateLimit, Status, Workspace
from slack_workspace.faults import Fault

from bot.answering import Answering

STEPS = (
    "ask unknown direct follow again copy disconnect drop edit delete stop limit cut lost broken crash wait wait wait"
)
TROUBLES: dict[str, Fault] = {
    "limit": RateLimit(9),
    "cut": Close(),
    "lost": AfterEffect("drop"),
    "broken": Status(502),
}
METHODS = (
    "chat.postMessage chat.startStream chat.stopStream chat.update chat.delete assistant.threads.setStatus "
    "agents.sessions.setStatus conversations.replies"
).split()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS.split()), st.integers(0, 7)), min_size=2, max_size=10),
    processes=st.integers(1, 2),
)
def test_the_rules_are_kept_whatever_happens(
    answering: Answering, steps: list[tuple[str, int]], processes: int
) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(interleaved(answering, Path(folder), steps, processes))


async def interleaved(answering: Answering, folder: Path, steps: list[tuple[str, int]], processes: int) -> None:
    async with Workspace(patience=2) as slack, contextlib.AsyncExitStack() as ends:
        running = [Mortal(slack, answering, folder) for _ in range(processes)]
        for each in running:
            await each.start()
            ends.push_async_callback(each.close)
        questions = [await asked(slack)]
        for step, number in steps:
            if step == "crash":
                await running[number % processes].kill()
                continue
            with contextlib.suppress(NotPossible):
                await one_step(slack, questions, step, number)
        slack.control.heal()
        await settled(slack, *(each.bot for each in running), connections=processes)
        # While a bot connects again, virtual time goes on: what it then acknowledges is late.
        cut = any(step in ("disconnect", "drop") for step, _ in steps)
        assert [problem for problem in slack.problems() if not (cut and "Anomaly late_ack" in problem)] == []


async def one_step(slack: Workspace, questions: list[Message], step: str, number: int) -> None:
    control, question = slack.control, questions[number % len(questions)]
    place = (question.user, question.channel)
    match step:
        case "ask" | "unknown":
            questions.append(await asked(slack, WHO if step == "ask" else UNKNOWN, user=BEN))
        case "direct":
            questions.append(await control.ask(ANNA, ANNA, WHO))
        case "follow":
            text = f"<@U0ASKBOT> And why was he there in week {number}?"
            questions.append(await control.ask(*place, text, thread_ts=question.root_ts))
        case "edit":
            await control.edit(*place, question.ts, f"{question.text} Or {number}?")
        case "delete":
            await control.delete(*place, question.ts)
        case "stop":
            await control.press_stop(*place, question.root_ts)
        case _:
            await network_step(slack, step, number)


async def network_step(slack: Workspace, step: str, number: int) -> None:
    control = slack.control
    match step:
        case "again" | "copy":
            deliveries = [each for each in control.deliveries() if each.name in ("message", "app_mention")]
            await control.redeliver(deliveries[number % len(deliveries)], as_retry=step == "again")
        case "disconnect":
            await control.disconnect("refresh_requested")
        case "drop":
            control.drop_tcp()
        case "wait":
            await slack.clock.advance(number / 4)
            await asyncio.sleep(0.02)
        case trouble:
            control.fail(METHODS[number], TROUBLES[trouble])
