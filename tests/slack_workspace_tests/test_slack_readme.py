"""What the README shows works, and every name it uses exists."""

import re
from pathlib import Path
from typing import Any

import slack_workspace
from slack_workspace import Control, Workspace, faults

README = (Path(slack_workspace.__file__).parent / "README.md").read_text(encoding="utf-8")


async def test_the_example_of_the_readme_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102 - our own text
    await names["example"]()


def test_the_readme_names_only_what_exists(slack: Workspace) -> None:
    control = re.search(r"\| `slack\.control` \|(.*)\|", README)
    assert control is not None
    named = re.findall(r"`(\w+)`", control[1])
    assert len(named) > 20
    assert [name for name in named if not hasattr(Control, name)] == []
    for name in ("bot_token", "app_token", "signing_secret", "environment", "clock", "journal", "problems"):
        assert f"`{name}" in README or f".{name}" in README
        assert hasattr(slack, name)


def test_every_fault_is_in_the_package_and_in_the_readme() -> None:
    kinds = {kind.__name__ for kind in faults.Fault.__args__}
    assert kinds <= set(slack_workspace.__all__)
    assert all(f"`{name}`" in README for name in kinds)
