"""The import directions that `CONTRIBUTING.md` draws, held by the imports themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "index", "prompts")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

FRONT_ENDS = ("bot.slack", "bot.repl", "bot.evals")
COMPOSITION = (
    "bot.cli",
    "bot.cli_slack",
    "bot.commands",
    "bot.compose",
    "bot.doctor",
    "bot.evals.command",
    "bot.evals.session",
    "bot.feedback_commands",
    "bot.settings",
    "bot.slack.command",
    "bot.__main__",
)

SEAMS = {
    "chromadb": {"index.store"},
    "tantivy": {"index.lexical"},
    "onnxruntime": {"index.onnx"},
    "openai": {"index.embedding", "bot.models.chat", "bot.compose"},
    "langchain_openai": {"bot.models.chat"},
    "sqlalchemy": {"bot.feedback", "bot.journal", "bot.slack.inbox", "bot.slack.tables"},
    "slack_bolt": {"bot.slack"},
    "uvicorn": {"bot.slack.http"},
    "jinja2": {"bot.evals.report"},
}
"""Third parties, and the only modules or packages that may import them."""


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def below(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_from_front_ends_to_the_index(path: Path) -> None:
    name = module_name(path)
    for imported in imports(path):
        if below(name, "index") or below(name, "prompts"):
            own = name.partition(".")[0]
            others = [package for package in PACKAGES if package != own]
            assert not any(below(imported, other) for other in others), f"{name} must not import {imported}"
        front_end = next((front for front in FRONT_ENDS if below(name, front)), None)
        for front in FRONT_ENDS:
            if below(imported, front) and front != front_end:
                assert name in COMPOSITION, f"{name} must not import the front end {imported}"
        if below(imported, "bot.settings") or below(imported, "bot.cli"):
            assert name in COMPOSITION, f"{name} must be given values, not read {imported}"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_each_third_party_has_one_seam(path: Path) -> None:
    name = module_name(path)
    for imported in imports(path):
        seams = SEAMS.get(imported.partition(".")[0])
        if seams is not None:
            assert any(below(name, seam) for seam in seams), f"{name} must not import {imported}"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_stays_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250
