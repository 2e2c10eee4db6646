"""The real command in its own process, against the fake workspace's wire."""

import asyncio
import signal
from pathlib import Path

import pytest
from slack_bot import SAID, asked, citebot
from slack_workspace import Workspace


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
    assert "WARNING" not in log


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
