"""What the documents say is what the code does."""

import re
from pathlib import Path

import pytest

import bot.errors
import index.errors
from bot import __version__
from bot.cli import cli
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_env_example_lists_every_setting_with_its_default_and_meaning() -> None:
    expected = []
    for field in Settings.model_fields.values():
        default = "" if field.default_factory or field.default is None else str(field.default)
        expected.append(
            f"# {field.description}\n{field.alias}={default.lower() if default in {'True', 'False'} else default}"
        )
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert text.split("\n\n")[1:] == [*expected[:-1], expected[-1] + "\n"]


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_has_help_and_stands_in_the_readme(name: str) -> None:
    assert cli.commands[name].help
    assert f"citebot {name}" in README


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    assert set(re.findall(r"^\s*citebot (\w+)", README, re.MULTILINE)) <= set(cli.commands)


def test_make_targets_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"make ([\w-]+)", README)) <= targets


@pytest.mark.parametrize("module", [bot.errors, index.errors])
def test_the_error_tree_in_the_docstring_is_complete(module: object) -> None:
    own = {
        name
        for name, thing in vars(module).items()
        if isinstance(thing, type) and issubclass(thing, Exception) and thing.__module__ == module.__name__  # type: ignore[attr-defined]
    }
    assert set(re.findall(r"^\s*[*x] (\w+)", module.__doc__ or "", re.MULTILINE)) == own


def test_the_changelog_knows_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {__version__}" in changelog or "## Unreleased" in changelog


def test_pinned_versions_hold_no_addresses() -> None:
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert line.startswith("#") or re.fullmatch(r"[\w.\-]+==[\w.+]+", line), line
