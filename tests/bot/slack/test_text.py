"""Nothing that comes from a document, a model or a person acts in Slack, in whatever dialect it is read."""

import html
from collections.abc import Callable

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from slack_answers import NASTY, texts
from slack_workspace.plain import NOTIFYING, URL

from bot.render import safe
from bot.slack.text import JOINER, inert, markdown, mrkdwn


def readings(text: str) -> list[str]:
    """The text as it is, and as readers see it who decode entities once, twice or three times."""
    out = [text]
    for _ in range(3):
        out.append(html.unescape(out[-1]))
    return out


@given(texts)
@pytest.mark.parametrize("dialect", [inert, mrkdwn, markdown])
def test_no_text_notifies_or_links_however_often_it_is_decoded(dialect: Callable[[str], str], text: str) -> None:
    for reading in readings(dialect(text)):
        assert not NOTIFYING.search(reading)
        assert not URL.search(reading)
        assert "](" not in reading
        assert "<!" not in reading
        assert "<@" not in reading
        assert "<#" not in reading
        assert "@here" not in reading


@given(texts)
def test_mrkdwn_holds_no_control_sequence(text: str) -> None:
    shown = mrkdwn(text)
    assert "<" not in shown
    assert ">" not in shown
    assert html.unescape(shown) == inert(text)


@given(texts)
def test_only_invisible_characters_are_added(text: str) -> None:
    assert inert(text).replace(JOINER, "") == safe(text).replace("\ud83d", "\ufffd").replace(JOINER, "")


@given(texts)
def test_making_text_inert_twice_changes_nothing(text: str) -> None:
    assert inert(inert(text)) == inert(text)


@given(texts.map(lambda text: " ".join(text.split())))
def test_markdown_reads_as_the_text_itself(text: str) -> None:
    """By the rules of CommonMark, which is as near to Slack's own reading as the documentation goes."""
    blocks = MarkdownIt("commonmark").enable(["strikethrough", "table"]).parse(markdown(text))
    assert {block.type for block in blocks} <= {"paragraph_open", "paragraph_close", "inline"}
    inside = [child for block in blocks for child in block.children or []]
    assert {child.type for child in inside} <= {"text", "text_special", "softbreak"}
    assert "".join(child.content for child in inside) == inert(text).strip()


@pytest.mark.parametrize("piece", [piece for piece in NASTY if "channel" in piece or "U0ANNA" in piece])
def test_a_mention_is_still_readable(piece: str) -> None:
    assert html.unescape(mrkdwn(piece)).replace(JOINER, "") == piece


def test_ordinary_words_are_left_alone() -> None:
    for text in ("It costs 3.5 % & more, i.e. a < b.", "At 10:30 (CET) – “quoted”, isn't it?"):
        assert inert(text) == text
        assert markdown(text).replace("\\", "") == text
