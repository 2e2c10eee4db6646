"""The real command in its own process, against the fake workspace's wire."""

import asyncio
import logging
import signal
from pathlib import Path

import pytest
from slack_bot import SAID, WHO, asked, citebot
from slack_workspace import Workspace

from bot.errors import ModelUnavailable
from bot.slack.command import Discreet


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


def test_the_log_tells_what_failed_without_the_words_of_foreign_errors() -> None:
    def fails() -> None:
        try:
            int(WHO)  # its error quotes what it was given
        except ValueError as error:
            raise ModelUnavailable("The chat model is away: try again.") from error

    with pytest.raises(ModelUnavailable) as failed:
        fails()
    wrong = failed.value
    record = logging.LogRecord(
        "bot", logging.ERROR, "", 1, "Question 7 failed", None, (type(wrong), wrong, wrong.__traceback__)
    )
    told = Discreet().format(record)
    assert "Putin" not in told
    for part in ("Question 7 failed", "ValueError", "in fails", "ModelUnavailable: The chat model is away: try again."):
        assert part in told
