"""The manifest declares what the bot uses, within Slack's limits, and nothing else."""

import json
import re
from pathlib import Path

import pytest
from command import citebot
from slack_workspace import Options

from bot.slack import names
from bot.slack.manifest import EVENTS, SCOPES, app_manifest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("url", [None, "https://bot.example.com"])
def test_lengths_are_within_the_schema(url: str | None) -> None:
    made = app_manifest(url)
    shown, features = made["display_information"], made["features"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert len(features["agent_view"]["agent_description"]) <= 300
    assert len(features["shortcuts"][0]["name"]) <= 24
    assert len(features["slash_commands"][0]["command"]) <= 32


def test_an_app_made_from_it_has_all_that_people_use() -> None:
    app = Options.of_manifest(app_manifest())
    assert app.commands == {names.COMMAND}
    assert app.message_shortcuts == {names.ANSWER_MESSAGE}
    assert app.bot_events == set(EVENTS)
    assert app.agent_view
    assert app.home_tab
    assert app.messages_tab
    assert not app.messages_tab_read_only
    assert app.interactivity


def test_an_address_stands_wherever_slack_calls_over_http() -> None:
    for url in ("https://bot.example.com", "https://bot.example.com/", "https://bot.example.com/slack/events"):
        made = app_manifest(url)
        assert made["settings"]["event_subscriptions"]["request_url"] == "https://bot.example.com/slack/events"
        assert made["settings"]["interactivity"]["request_url"] == "https://bot.example.com/slack/events"
        assert made["features"]["slash_commands"][0]["url"] == "https://bot.example.com/slack/events"
        assert not made["settings"]["socket_mode_enabled"]
    assert "request_url" not in json.dumps(app_manifest())
    assert app_manifest()["settings"]["socket_mode_enabled"]


def test_the_command_prints_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert json.loads(citebot("manifest", home=home).stdout) == app_manifest()
    over_http = citebot("manifest", "--http", "https://bot.example.com", home=home)
    assert json.loads(over_http.stdout) == app_manifest("https://bot.example.com")
    for wrong in ("http://bot.example.com", "bot.example.com"):
        assert citebot("manifest", "--http", wrong, home=home).returncode == 2


def test_the_documentation_names_every_scope_with_its_purpose() -> None:
    told = (ROOT / "docs" / "slack.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_:]+)` \| (.+) \|$", told, re.MULTILINE))
    assert rows == SCOPES
