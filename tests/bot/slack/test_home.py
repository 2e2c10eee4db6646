"""The App Home and the suggested prompts: what is there to ask, and of what."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_answers import EMBEDDED, NOT_FOUND, texts
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import Workspace
from slack_workspace.blocks import problems_of_view
from slack_workspace.plain import links, pings
from syrupy.assertion import SnapshotAssertion

from bot.answering import Answering, whole_answer
from bot.models.embedded import EmbeddedAnswerer
from bot.slack import prompts
from bot.slack.home import DOCUMENTS, home_view
from bot.slack.links import web_link
from bot.slack.prompts import Prompt, candidates, proven, suggested_prompts
from bot.types import Answer, Question
from index.catalog import Entry
from index.library import Library
from index.reader import Reader
from index.types import Document

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def entry(title: str, source: str, indexed_at: str, passages: int = 3) -> Entry:
    return Entry(1, source, source, title, "default", "d", indexed_at, passages)


ENTRIES = [
    entry("Staff handbook", "docs/handbook.md", "2026-11-21T23:00:00+00:00", 12),
    entry("Canteen", "https://intra.example.org/canteen", "2026-11-22T08:00:00+00:00"),
    entry("Travel", "travel.pdf", "2026-11-02T08:00:00+00:00", 1),
    entry("Old rules", "old.txt", "2024-02-05T08:00:00+00:00"),
]


@pytest.fixture
async def slack() -> AsyncIterator[Workspace]:
    async with Workspace(patience=2) as workspace:
        yield workspace


async def test_people_see_how_to_ask_and_what_is_indexed(slack: Workspace, snapshot: SnapshotAssertion) -> None:
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    examples = [Prompt("When does the office open?")]
    await client.views_publish(user_id="U0ANNA", view=home_view(ENTRIES, examples, NOW))
    home = slack.control.home("U0ANNA")
    assert home is not None
    assert home.shown == snapshot


async def test_prompts_are_taken_by_slack(slack: Workspace) -> None:
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    suggested = [prompt.json() for prompt in suggested_prompts([Document("k", "faq.md", "FAQ", FAQ)])]
    channel = slack.control.direct_message("U0ANNA")
    await client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=suggested)
    assert [prompt["message"] for prompt in slack.control.prompts("U0ANNA")] == [
        "When does the office open?",
        "How many days off do I have?",
        "What is the article about?",
    ]


FAQ = "# FAQ\n\n## When does the office open?\n\nAt nine.\n\n2. How many days off do I have?\n\nThirty.\n\nReally? Yes."


@given(st.lists(st.builds(entry, texts, texts, st.just("2026-11-21T23:00:00+00:00")), max_size=4), texts)
def test_any_catalogue_makes_a_view_that_fits_and_in_which_nothing_acts(entries: list[Entry], example: str) -> None:
    view = home_view(entries, [Prompt(example)], NOW)
    assert problems_of_view(view) == []
    assert pings("", view["blocks"]) == []
    # The fake ends an address where a bracket is; Slack takes the field as it is.
    for link in links("", view["blocks"]):
        assert any(web_link(each.source).startswith(link) for each in entries)


def test_a_long_catalogue_is_told_by_its_freshest_documents() -> None:
    view = home_view(ENTRIES * 100, [], NOW)
    assert problems_of_view(view) == []
    assert f"and {400 - DOCUMENTS} more" in str(view)
    assert "400 documents in 1,900 passages" in str(view)


def test_an_empty_index_says_what_to_do() -> None:
    assert "citebot index" in str(home_view([], [], NOW))


def test_questions_of_the_documents_come_before_guesses() -> None:
    guides = [Document("a", "a.md", "A", FAQ), Document("b", "b.md", "B", "What is a VPN?\n\nWe use Blue Moon Access.")]
    assert [prompt.message for prompt in candidates(guides)] == [
        "When does the office open?",
        "What is a VPN?",
        "How many days off do I have?",
        "What do the documents say about Blue Moon Access?",
    ]


@given(st.lists(texts, max_size=4))
def test_prompts_are_few_short_and_never_empty(bodies: list[str]) -> None:
    made = suggested_prompts([Document(str(n), "s", "t", body) for n, body in enumerate(bodies)])
    assert len(made) <= prompts.PROMPTS
    assert all(prompt.json()["title"] and pings(prompt.json()["message"], []) == [] for prompt in made)


async def test_only_what_is_answered_to_the_point_is_suggested() -> None:
    async def ask(question: str) -> Answer:
        return NOT_FOUND if "CEO" in question else replace(EMBEDDED, question=Question(question))

    offered = [Prompt("Who is the CEO?"), Prompt("What about Ben?", about="Ben"), *[Prompt(f"{n}?") for n in range(9)]]
    assert [prompt.message for prompt in await proven(offered, ask)] == ["0?", "1?", "2?", "3?"]


async def test_the_seed_article_has_examples_that_it_answers(seed_library: Library, reader: Reader) -> None:
    parts = Answering(seed_library, reader, EmbeddedAnswerer(), passages=8, evidence_threshold=0.5)

    async def ask(question: str) -> Answer:
        return await whole_answer(parts.stream(Question(question)))

    found = await proven(candidates(document for document, _ in seed_library.catalog.documents()), ask)
    assert "What is the article about?" in [prompt.message for prompt in found]
    assert len(found) > 1
