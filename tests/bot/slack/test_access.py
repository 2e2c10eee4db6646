"""An operator sees what is wrong with the secrets of Slack, and how to mend it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from command import citebot
from slack_workspace import HTML_502, Error, Options, RateLimit, Workspace
from slack_workspace.options import SCOPES

from bot.errors import SetupProblem
from bot.slack import manifest
from bot.slack.access import check_app_token, check_bot_token


@pytest.fixture
async def slack() -> AsyncIterator[Workspace]:
    async with Workspace(Options.of_manifest(manifest.app_manifest()), patience=2) as workspace:
        yield workspace


async def refusal(check: object, *arguments: object) -> str:
    with pytest.raises(SetupProblem) as caught:
        await asyncio.to_thread(check, *arguments)  # type: ignore[arg-type]
    return str(caught.value)


async def test_an_app_made_from_the_manifest_has_all_it_needs(slack: Workspace) -> None:
    assert await asyncio.to_thread(check_bot_token, slack.bot_token, slack.api_url) == (
        "askbot in Home, with every scope it needs"
    )
    assert await asyncio.to_thread(check_app_token, slack.app_token, slack.api_url) == "Socket Mode can be opened"


async def test_each_missing_scope_is_named_with_what_it_is_for() -> None:
    async with Workspace(Options(scopes=SCOPES - {"commands", "im:history"}), patience=2) as slack:
        said = await refusal(check_bot_token, slack.bot_token, slack.api_url)
    assert said == (
        "SLACK_BOT_TOKEN lacks 2 scopes, commands (for /ask and the message shortcut), im:history (to hear direct "
        'messages): add what is missing under "OAuth & Permissions" and install the app again.'
    )


async def test_a_token_that_slack_does_not_know_is_one_sentence(slack: Workspace) -> None:
    assert (await refusal(check_bot_token, "xoxb-9-nobody", slack.api_url)).startswith(
        "Slack does not know SLACK_BOT_TOKEN: copy the bot token"
    )
    assert (await refusal(check_app_token, "xapp-9-nobody", slack.api_url)).startswith(
        "Slack does not know SLACK_APP_TOKEN: make an app-level token"
    )


async def test_tokens_in_each_others_place_are_seen_before_slack_is_asked() -> None:
    nowhere = "http://127.0.0.1:9/"
    assert "should begin with xoxb-" in await refusal(check_bot_token, "xapp-1", nowhere)
    assert "should begin with xapp-" in await refusal(check_app_token, "xoxb-1", nowhere)
    assert "should begin with xoxb-" in await refusal(check_bot_token, "xoxb-1\nx", nowhere)
    assert "is not set" in await refusal(check_bot_token, "", nowhere)


async def test_an_app_token_without_its_scope_is_told() -> None:
    async with Workspace(Options(app_scopes=frozenset()), patience=2) as slack:
        said = await refusal(check_app_token, slack.app_token, slack.api_url)
    assert said.startswith("SLACK_APP_TOKEN lacks the scope connections:write: ")


async def test_trouble_of_slack_is_no_fault_of_the_token(slack: Workspace) -> None:
    assert "cannot be reached" in await refusal(check_bot_token, "xoxb-1", "http://127.0.0.1:9/")
    slack.control.fail("auth.test", HTML_502)
    assert "in trouble (HTTP 502)" in await refusal(check_bot_token, slack.bot_token, slack.api_url)
    slack.control.fail("auth.test", Error("internal_error"))
    assert "in trouble (internal_error)" in await refusal(check_bot_token, slack.bot_token, slack.api_url)
    slack.control.fail("auth.test", RateLimit(30))
    assert "in a minute" in await refusal(check_bot_token, slack.bot_token, slack.api_url)
    slack.control.fail("auth.test", Error("account_inactive"))
    assert "was revoked" in await refusal(check_bot_token, slack.bot_token, slack.api_url)


@dataclass(frozen=True)
class Finding:
    name: str
    state: str


async def findings(home: Path, environment: dict[str, str]) -> list[Finding]:
    done = await asyncio.to_thread(citebot, "doctor", "--json", home=home, environment=environment)
    checks = json.loads(done.stdout)["checks"]
    return [Finding(check["name"], check["state"]) for check in checks if check["name"].startswith("slack")]


async def test_the_doctor_looks_at_slack_where_it_is_set_up(slack: Workspace, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert await findings(home, {}) == [Finding("slack", "skipped")]
    assert await findings(home, slack.environment) == [
        Finding("slack bot", "ok"),
        Finding("slack app", "ok"),
        Finding("slack secret", "ok"),
    ]
    half = {"SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token}
    assert await findings(home, half) == [
        Finding("slack bot", "ok"),
        Finding("slack app", "failed"),
        Finding("slack secret", "skipped"),
    ]
