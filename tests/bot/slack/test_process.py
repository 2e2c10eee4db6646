"""The real command in its own process, against the fake workspace's wire."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from slack_bot import SAID, asked
from slack_workspace import Workspace

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def citebot(folder: Path, environment: Mapping[str, str], *arguments: str) -> AsyncIterator[Process]:
    """`citebot slack` with a home under `folder`; killed at the end if it still runs."""
    given = {**os.environ, "CITEBOT_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "bot", "slack", *arguments]
    process = await asyncio.create_subprocess_exec(*command, env=given, stderr=PIPE, stdout=PIPE, cwd=folder)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_the_command_answers_and_stops_when_told(tmp_path: Path) -> None:
    async with Workspace(real_time=True) as slack, citebot(tmp_path, slack.environment) as process:
        await slack.control.connected(within=60)
        thread = await slack.control.answered(await asked(slack), within=30)
        assert SAID in thread.answers[0].shown
        await slack.control.quiet()
        process.send_signal(signal.SIGTERM)
        _, told = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 0
        assert slack.problems() == []
    log = told.decode()
    assert "answering in Slack by Socket Mode" in log
    assert "Putin" not in log
    assert "xoxb" not in log
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is not set"),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "Slack does not know SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "Slack does not know SLACK_APP_TOKEN"),
    ],
)
async def test_a_bad_token_is_one_sentence_at_the_start(tmp_path: Path, wrong: dict[str, str], named: str) -> None:
    async with Workspace() as slack, citebot(tmp_path, {**slack.environment, **wrong}) as process:
        _, told = await asyncio.wait_for(process.communicate(), 60)
    lines = told.decode().splitlines()
    assert process.returncode == 1
    assert named in lines[-1]
    assert "Traceback" not in told.decode()
