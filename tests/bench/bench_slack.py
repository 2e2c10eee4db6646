"""How the Slack bot bears load: `citebot slack` in its own process, a fake workspace, questions that pour in.

    make bench-slack                              200 questions in 10 s from 50 people, with Slack's limits and without
    make bench-slack QUESTIONS=5000 SECONDS=1000  memory over many questions

Embedded mode: the bot reads on this machine's processors, beside the workspace.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from slack_workspace import Message, Workspace
from slack_workspace.records import User

ROOT = Path(__file__).parents[2]
PEOPLE = 50
MEBIBYTE = 2**20
SUBJECTS = (
    "Who met Putin in Moscow last week?",
    "When will the call happen?",
    "What did Trump pledge?",
    "Who is Karoline Leavitt?",
    "What is the largest nuclear plant in Europe?",
    "Who is Russia's foreign minister?",
    "What happened to Crimea?",
    "What is the article about?",
)


@dataclass(frozen=True, slots=True)
class Load:
    questions: int
    seconds: float
    limits: bool


async def measure(load: Load, home: Path) -> None:
    async with Workspace(real_time=True, strict_rates=load.limits) as slack:
        people = [
            slack.state.add_user(User(f"U0P{number:03d}", f"p{number}", f"P {number}", "T0HOME"))
            for number in range(PEOPLE)
        ]
        environment = {**os.environ, **slack.environment, "CITEBOT_HOME": str(home), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "bot", "slack", "--mode", "embedded"]
        with (home / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=log)
            try:
                await slack.control.connected(within=120)
                await asked_and_answered(slack, process.pid, load, people)
            finally:
                process.send_signal(signal.SIGTERM)
                await process.wait()


async def asked_and_answered(slack: Workspace, pid: int, load: Load, people: Sequence[User]) -> None:
    """Everybody asks in a thread of their own, of the direct messages with the bot."""
    began, asked, memory = time.monotonic(), list[tuple[Message, float]](), [resident(pid)]
    roots: dict[str, str] = {}
    for number in range(load.questions):
        await asyncio.sleep(max(0.0, began + number * load.seconds / load.questions - time.monotonic()))
        person = people[number % PEOPLE].id
        text = f"{SUBJECTS[number % len(SUBJECTS)]} ({number})"
        question = await slack.control.ask(person, person, text, roots.get(person))
        roots.setdefault(person, question.ts)
        asked.append((question, time.monotonic()))
        if number % 100 == 99:
            memory.append(resident(pid))
    await slack.control.quiet(within=60)
    while unanswered(slack):  # noqa: ASYNC110 - the journal wakes for every call, which would be the load
        await asyncio.sleep(0.5)
    await slack.control.quiet(within=60)
    memory.append(resident(pid))
    report(slack, load, asked, time.monotonic() - began, memory)


def unanswered(slack: Workspace) -> int:
    """How many things are not yet as people should find them."""
    own = sum(
        slack.state.own(each) and not each.streaming for row in slack.state.messages.values() for each in row.values()
    )
    busy = sum(session.status == "processing" for session in slack.state.sessions.values())
    return len(slack.state.questions) - own + len(slack.state.statuses) + busy


def resident(pid: int) -> float:
    """MiB of memory that a process holds (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEBIBYTE


def report(
    slack: Workspace, load: Load, asked: Sequence[tuple[Message, float]], seconds: float, memory: Sequence[float]
) -> None:
    posted: dict[str, list[float]] = {}
    for entry in slack.journal.entries("message", "posted"):
        if entry.data["app"] == slack.state.app.id:
            posted.setdefault(entry.data["channel"], []).append(entry.real)
    waits = []
    for question, at in asked:
        waits.append(posted[question.channel].pop(0) - at)
    acks = sorted(entry.data["real_latency"] * 1000 for entry in slack.journal.entries("ack"))
    refused = sum(call.status == HTTPStatus.TOO_MANY_REQUESTS for call in slack.journal.calls())
    limits = "on" if load.limits else "off"
    rows = {
        "acknowledged, ms": ", ".join(f"p{each} {of(acks, each):.0f}" for each in (50, 95, 99, 100)),
        "first text visible, s": f"p50 {of(waits, 50):.2f}, p95 {of(waits, 95):.2f}, max {max(waits):.2f}",
        "all answered, s": f"{seconds:.1f} ({load.questions / seconds:.1f} a second)",
        "calls refused by a limit": str(refused),
        "memory of the bot, MiB": ", ".join(f"{each:.0f}" for each in memory[:: max(1, len(memory) // 10)]),
        "in order in each thread": "yes" if in_order(slack) else "NO",
        "exactly once, nothing left": str(slack.problems() or "yes"),
    }
    print(f"\n{load.questions} questions in {load.seconds:g} s from {PEOPLE} people, the fake's rate limits {limits}")
    for name, value in rows.items():
        print(f"  {name:<28}{value}")


def in_order(slack: Workspace) -> bool:
    for row in slack.state.messages.values():
        about = [each.metadata["event_payload"]["question_ts"] for each in row.values() if each.metadata]
        if about != sorted(about):
            return False
    return True


def of(values: Sequence[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--limits", choices=("off", "on", "both"), default="both", help="Slack's rate limits")
    given = parser.parse_args()
    for limits in (False, True):
        if given.limits in ("both", "on" if limits else "off"):
            with tempfile.TemporaryDirectory() as home:
                asyncio.run(measure(Load(given.questions, given.seconds, limits), Path(home)))


if __name__ == "__main__":
    main()
