"""Fixtures of the whole suite. No test reaches beyond loopback: pytest-socket refuses any other address."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.build import index_sources
from index.embedding import MiniLmEmbedder
from index.library import Library
from index.reader import Reader

ROOT = Path(__file__).parents[1]
SEED = ROOT / "seeds" / "000_bb15d51ce95bf2ab.txt"
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine leaks into a test, and nothing is written outside its folder.

    Nor is there a proxy: Slack's SDK would send even loopback through it.
    """
    for name in list(os.environ):
        if name.startswith(("CITEBOT_", "OPENAI_", "SLACK_", "LANGCHAIN_", "LANGSMITH_")) or name.lower() in PROXIES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("CITEBOT_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def seed_text() -> str:
    return SEED.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def embedder() -> MiniLmEmbedder:
    return MiniLmEmbedder()


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader()


@pytest.fixture
def library(tmp_path: Path, embedder: MiniLmEmbedder) -> Iterator[Library]:
    """An empty index of this test's own."""
    opened = Library(tmp_path / "library", embedder)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def seed_library(tmp_path_factory: pytest.TempPathFactory, embedder: MiniLmEmbedder) -> Iterator[Library]:
    """The seed article, indexed once for all tests that only read."""
    opened = Library(tmp_path_factory.mktemp("seed"), embedder)
    index_sources(opened, [str(SEED)])
    yield opened
    opened.close()
