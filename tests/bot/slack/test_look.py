"""Golden transcripts: messages go over the real wire to the fake workspace, which refuses what Slack refuses."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from slack_answers import EMBEDDED, NOT_FOUND, TWO_SOURCES, answered
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import Workspace
from syrupy.assertion import SnapshotAssertion

from bot.slack import handover, render
from bot.slack.message import Message, weight
from bot.types import Answer, Claim, Outcome, Released, Withheld

LONG = answered(
    tuple(Claim(f"Rule {n}: {'very long words of no interest ' * 20}end.", (1, 2)) for n in range(1, 25)),
    TWO_SOURCES.citations,
)
REMARKS = replace(
    TWO_SOURCES,
    notice="The chat model does not answer: these are the documents' own words.",
    marked=True,
    withheld=(Withheld("Staff get 40 days.", "its quote is not in the passages"),),
)


@pytest.fixture
async def slack() -> AsyncIterator[Workspace]:
    async with Workspace(patience=2) as workspace:
        yield workspace


@pytest.fixture
def client(slack: Workspace) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


async def posted(slack: Workspace, client: AsyncWebClient, messages: Sequence[Message]) -> str:
    """What people see of these messages, in a thread of their own."""
    asked = await slack.control.say("U0ANNA", "C0GENERAL", "How many days off do I have?")
    for message in messages:
        await client.chat_postMessage(
            channel="C0GENERAL",
            thread_ts=asked.ts,
            text=message.text,
            blocks=list(message.blocks),
            unfurl_links=False,
            unfurl_media=False,
        )
    seen = slack.control.rendered("C0GENERAL", asked.ts)
    assert all(message.pings == [] for message in seen.answers)
    return seen.transcript().partition("\n")[2]


@pytest.mark.parametrize(
    ("answer", "options"),
    [
        pytest.param(TWO_SOURCES, {}, id="answered"),
        pytest.param(TWO_SOURCES, {"share": True}, id="private"),
        pytest.param(EMBEDDED, {}, id="one source"),
        pytest.param(REMARKS, {}, id="with remarks"),
        pytest.param(NOT_FOUND, {"human": True}, id="not found"),
        pytest.param(NOT_FOUND, {"share": True}, id="not found in private"),
        pytest.param(replace(NOT_FOUND, passages=()), {}, id="nothing near"),
        pytest.param(replace(NOT_FOUND, outcome=Outcome.FAILED), {}, id="failed"),
    ],
)
async def test_an_answer_as_people_see_it(
    slack: Workspace, client: AsyncWebClient, snapshot: SnapshotAssertion, answer: Answer, options: dict[str, bool]
) -> None:
    assert await posted(slack, client, render.answer_messages(answer, "a1b2c3d4e5f6", **options)) == snapshot


async def test_an_answer_shared_in_the_channel(
    slack: Workspace, client: AsyncWebClient, snapshot: SnapshotAssertion
) -> None:
    assert await posted(slack, client, render.shared(TWO_SOURCES, "a1", "Anna Arendt")) == snapshot


async def test_the_bot_speaking_for_itself(
    slack: Workspace, client: AsyncWebClient, snapshot: SnapshotAssertion
) -> None:
    said = [
        render.failure("a1b2c3d4", "The index is being built: ask again in a minute."),
        render.failure("a1b2c3d4"),
        render.queued(3),
        render.queued(1),
        render.queued(0),
        render.stopped(),
        handover.asked_human("Who is the CEO?", "Anna Arendt", "https://home.slack.com/archives/C1/p1"),
        handover.passed_on(),
        handover.thanks(),
        handover.follow_ups_help(on=True),
        handover.follow_ups_help(on=False),
        handover.follow_ups_switched(on=True),
        handover.follow_ups_switched(on=False),
    ]
    assert await posted(slack, client, said) == snapshot


async def test_a_streamed_answer_with_its_closing(
    slack: Workspace, client: AsyncWebClient, snapshot: SnapshotAssertion
) -> None:
    asked = await slack.control.say("U0ANNA", "C0GENERAL", "How many days off do I have?")
    stream = await client.chat_startStream(
        channel="C0GENERAL", thread_ts=asked.ts, recipient_team_id="T0HOME", recipient_user_id="U0ANNA"
    )
    for claim in TWO_SOURCES.claims:
        text = render.claim_markdown(Released(claim, TWO_SOURCES.citations))
        await client.chat_appendStream(channel="C0GENERAL", ts=stream["ts"], markdown_text=text)
    (closing,) = render.closing(TWO_SOURCES, "a1")
    await client.chat_stopStream(channel="C0GENERAL", ts=stream["ts"], blocks=list(closing.blocks))
    assert slack.control.rendered("C0GENERAL", asked.ts).transcript() == snapshot


async def test_a_long_answer_goes_on_in_the_next_message(slack: Workspace, client: AsyncWebClient) -> None:
    messages = render.answer_messages(LONG, "a1")
    seen = await posted(slack, client, messages)
    assert len(messages) > 1
    assert [f"Rule {n}:" in seen for n in range(1, 25)] == [True] * 24
    assert seen.count("[Helpful]") == 1
    assert seen.rstrip().endswith("[Helpful] [Not right]")


async def test_the_closing_of_a_long_stream_leaves_room_for_what_was_streamed(
    slack: Workspace, client: AsyncWebClient
) -> None:
    """A message holds so much, whether it came as a stream or as blocks: the rest of the sources follows."""
    many = replace(LONG, citations=tuple(replace(TWO_SOURCES.citations[n % 2], number=n + 1) for n in range(12)))
    first, *more = render.closing(many, "a1")
    assert more
    assert weight(list(first.blocks)) <= render.LEAST_ROOM
    seen = await posted(slack, client, [message for message in (first, *more) if message.blocks])
    assert [f"[{n}] " in seen for n in range(1, 13)] == [True] * 12


def test_a_stream_that_found_nothing_closes_as_an_unanswered_question() -> None:
    assert render.closing(NOT_FOUND, "a1", human=True) == render.answer_messages(NOT_FOUND, "a1", human=True)


def test_the_notification_is_the_answer_itself() -> None:
    (message,) = render.answer_messages(TWO_SOURCES, "a1")
    assert message.text == ("You have 30 days of leave, and ten of them can be moved. [1] Lunch is from noon. [1] [2]")
    (message,) = render.answer_messages(NOT_FOUND, "a1")
    assert message.text == render.NOT_FOUND
