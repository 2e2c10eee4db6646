"""An answer appears sentence by sentence, and whatever becomes of the stream, it is there once and whole."""

import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from slack_bot import ERIN, SHARED, Dictated, asked, at_work, settled
from slack_workspace import AfterEffect, Close, Error, Message, RateLimit, Status, Workspace
from slack_workspace.faults import Fault
from slack_workspace.options import StreamExpiry
from slack_workspace.rendering import RenderedMessage

from bot.answering import Answering

TOPIC = "What did the leaders talk about in the ceasefire proposal?"


@pytest.fixture
def dictated() -> Dictated:
    return Dictated(most=3)


@pytest.fixture
def slowly(answering: Answering, dictated: Dictated) -> Answering:
    return replace(answering, answerer=dictated, evidence_threshold=0.0)


async def showing(slack: Workspace, question: Message, sentences: int) -> RenderedMessage:
    """Waits until so many sentences of the answer can be read."""

    def shown() -> RenderedMessage | None:
        answers = slack.control.rendered(question.channel, question.root_ts).answers
        return answers[-1] if answers and read(answers[-1]) >= sentences else None

    return await slack.control.until(shown)


def read(message: RenderedMessage) -> int:
    """How many sentences a message holds, by their marks."""
    return len(re.findall(r"\[\d+\]", message.text))


def sentences(slack: Workspace, question: Message) -> int:
    """How many sentences all messages of the answer hold together."""
    return sum(read(each) for each in slack.control.rendered(question.channel, question.root_ts).answers)


async def test_a_sentence_is_shown_as_soon_as_it_is_verified(
    slack: Workspace, slowly: Answering, dictated: Dictated, tmp_path: Path
) -> None:
    async with at_work(slack, slowly, tmp_path) as bot:
        question = await asked(slack, TOPIC)
        for count in (1, 2, 3):
            dictated.allow()
            assert (await showing(slack, question, count)).streaming
        dictated.allow()
        (answer,) = (await slack.control.answered(question)).answers
        assert answer.streamed
        assert answer.pings == []
        await settled(slack, bot)
    assert slack.journal.calls("chat.update") == ()
    assert slack.problems(app_stopped=True) == []


@pytest.mark.parametrize("expiry", ["since_start", "since_last_append"])
async def test_a_long_stream_goes_on_in_a_second_message(
    slowly: Answering, dictated: Dictated, tmp_path: Path, expiry: StreamExpiry
) -> None:
    async with Workspace(patience=2, stream_expiry=expiry) as slack, at_work(slack, slowly, tmp_path) as bot:
        question = await asked(slack, TOPIC)
        dictated.allow()
        await showing(slack, question, 1)
        await slack.clock.advance_until(
            lambda: not slack.control.rendered(question.channel, question.ts).answers[0].streaming, step=5, limit=260
        )
        dictated.allow(3)
        first, second = (await slack.control.answered(question, count=2)).answers
        assert read(first) == 1
        assert read(second) == 2
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


async def test_a_stream_that_is_full_goes_on_in_a_second_message(
    slack: Workspace, slowly: Answering, dictated: Dictated, tmp_path: Path
) -> None:
    dictated.most, dictated.repeat = 60, 60
    dictated.allow(61)
    async with at_work(slack, slowly, tmp_path) as bot:
        question = await asked(slack, TOPIC)
        await settled(slack, bot)
        answers = slack.control.rendered(question.channel, question.ts).answers
    assert sum(read(each) for each in answers) == 60
    assert len(answers) > 1
    assert all(len(each.text.encode()) <= 9_000 for each in answers)
    assert slack.problems(app_stopped=True) == []


CALLS = ("chat.startStream", "chat.appendStream", "chat.stopStream")
FAULTS = (
    Error("message_not_in_streaming_state"),
    Error("internal_error"),
    Status(503),
    Close(),
    AfterEffect("500"),
    AfterEffect("drop"),
    RateLimit(7),
)


@pytest.mark.parametrize("trouble", [*product(CALLS, FAULTS)], ids=str)
async def test_whatever_fails_in_a_stream_the_answer_is_there_once_and_whole(
    slack: Workspace, slowly: Answering, dictated: Dictated, tmp_path: Path, trouble: tuple[str, Fault]
) -> None:
    method, fault = trouble
    slack.control.fail(method, fault)
    async with at_work(slack, slowly, tmp_path) as bot:
        question = await asked(slack, TOPIC)
        dictated.allow()
        if method != "chat.startStream":
            await showing(slack, question, 1)
        dictated.allow(3)
        await settled(slack, bot)
        assert sentences(slack, question) == 3
    assert slack.journal.entries("fault", method) != ()
    assert slack.problems(app_stopped=True) == []


async def test_above_the_budget_of_streams_answers_are_posted_whole(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        questions = [await asked(slack) for _ in range(9)]
        await settled(slack, bot)
        answers = [slack.control.rendered(each.channel, each.ts).answers for each in questions]
    assert [len(each) for each in answers] == [1] * 9
    assert {each.streamed for (each,) in answers} == {True, False}
    assert slack.problems(app_stopped=True) == []


async def test_people_of_another_team_are_not_streamed_to(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        question = await asked(slack, user=ERIN, channel=SHARED)
        (answer,) = (await slack.control.answered(question)).answers
        assert not answer.streamed
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []
