"""What people see under and instead of a question, in every part of it."""

import pytest
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt
from slack_answers import EMBEDDED, TWO_SOURCES, any_answers
from slack_workspace.blocks import problems_of_blocks, text_length
from slack_workspace.plain import images, links, pings
from slack_workspace.wire import Json

from bot.render import one_line
from bot.slack import message, render
from bot.slack.message import Message, words
from bot.slack.text import JOINER, inert
from bot.types import Answer, Released

SOURCES = (TWO_SOURCES.citations, TWO_SOURCES.passages)


def blocks(sent: Message) -> list[Json]:
    return list(sent.blocks)


def seen(messages: tuple[Message, ...], kind: str = "") -> str:
    """All words of the rich text, in order, as a person reads them; of one kind of line, if asked."""
    lines = [
        line for sent in messages for block in sent.blocks if block["type"] == "rich_text" for line in block["elements"]
    ]
    return "".join(element["text"] for line in lines if kind in line["type"] for element in line["elements"]).replace(
        JOINER, ""
    )


def buttons(messages: tuple[Message, ...]) -> list[str]:
    return [
        element["text"]["text"]
        for sent in messages
        for block in sent.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=25, deadline=None)
@given(any_answers())
@pytest.mark.parametrize("surface", ["answer", "closing", "shared"])
def test_any_answer_fits_every_limit_and_nothing_in_it_acts(surface: str, answer: Answer) -> None:
    made = {
        "answer": lambda: render.answer_messages(answer, "a" * 32, human=True, share=True),
        "closing": lambda: render.closing(answer, "a" * 32),
        "shared": lambda: render.shared(answer, "a" * 32, by="<@U0ANNA>"),
    }[surface]()
    for number, sent in enumerate(made):
        assert problems_of_blocks(blocks(sent)) == []
        assert 1 <= len(sent.text) <= message.TEXT
        assert text_length(blocks(sent)) <= message.BLOCKS_BYTES
        assert message.weight(list(sent.blocks)) <= message.BLOCKS_BYTES
        assert sent.blocks or (surface == "closing" and number == 0)
        assert pings(sent.text, blocks(sent)) == []
        assert images(sent.text, blocks(sent)) == []
        sources = {citation.source.partition("#")[0] for citation in answer.citations}
        assert {link.partition("#")[0] for link in links(sent.text, blocks(sent))} <= sources
    numbers = {citation.number for citation in answer.citations}
    assert [f"[{n}]" in seen(made) for n in numbers] == [True] * len(numbers)
    assert len([label for label in buttons(made) if label.startswith("Show passage")]) == len(numbers)
    everything = " ".join(seen(made).split())
    for citation in answer.citations:
        assert " ".join(one_line(citation.quote).split()).replace(JOINER, "") in everything.replace("\ufffd", "\ud83d")
    if surface != "closing":
        for claim in answer.claims:
            assert one_line(claim.text).replace(JOINER, "") in everything.replace("\ufffd", "\ud83d")


@given(any_answers())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=25, deadline=None)
def test_a_streamed_sentence_ends_so_that_the_next_can_follow(answer: Answer) -> None:
    for claim in answer.claims:
        shown = render.claim_markdown(Released(claim, answer.citations))
        assert shown.endswith("] ")
        assert "\n" not in shown
        assert pings(shown, []) == []
        assert links(shown, []) == []
        inside = [child for block in MarkdownIt("commonmark").parse(shown) for child in block.children or []]
        assert {child.type for child in inside} <= {"text", "text_special", "strong_open", "strong_close"}
        read = "".join(child.content for child in inside)
        assert read == (inert(one_line(claim.text)) + "".join(f" [{n}]" for n in claim.citations)).strip()


def test_the_words_that_answer_are_bold_in_a_stream() -> None:
    shown = render.claim_markdown(Released(EMBEDDED.claims[0], EMBEDDED.citations))
    assert shown == "The office opens **at nine**. [1] "


def test_the_quoted_words_are_bold_inside_their_sentence() -> None:
    first, second = (render.quoted(each, found.passage) for each, found in zip(*SOURCES, strict=True))
    assert first == [
        words("Staff get "),
        words("30 days of leave a year", bold=True),
        words(", of which ten move to the next year."),
    ]
    assert [piece for piece in second if piece["text"]] == [words("Lunch is served from noon to two.", bold=True)]


def test_of_a_quoted_sentence_the_words_that_answer_are_bold() -> None:
    shown = render.quoted(EMBEDDED.citations[0], EMBEDDED.passages[0].passage)
    assert shown == [words("The office opens "), words("at nine", bold=True), words(".")]


def test_a_quote_whose_passage_is_not_at_hand_is_shown_by_itself() -> None:
    shown = render.quoted(TWO_SOURCES.citations[0], None)
    assert [piece for piece in shown if piece["text"]] == [words("30 days of leave a year", bold=True)]
