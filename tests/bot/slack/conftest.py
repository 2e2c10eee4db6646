"""A workspace for each test, and what answers in it."""

from collections.abc import AsyncIterator

import pytest
from slack_workspace import Options, Workspace

from bot.answering import Answering
from bot.models.embedded import EmbeddedAnswerer
from bot.slack.manifest import app_manifest
from index.library import Library
from index.reader import Reader


@pytest.fixture
async def slack() -> AsyncIterator[Workspace]:
    """The app is installed as its own manifest says, and gets nothing that is forgotten there."""
    async with Workspace(Options.of_manifest(app_manifest()), patience=2) as workspace:
        yield workspace


@pytest.fixture(scope="session")
def answering(seed_library: Library, reader: Reader) -> Answering:
    return Answering(seed_library, reader, EmbeddedAnswerer(), passages=8, evidence_threshold=0.5)
