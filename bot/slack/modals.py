"""Views that open over a message: a passage, the closest passages, the feedback form."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, get_args

from bot.slack import names
from bot.slack.links import web_link
from bot.slack.message import Json, cut, line, words
from bot.slack.render import title
from bot.slack.text import inert
from bot.types import Citation
from index.types import Passage, RankedPassage

Reason = Literal["wrong", "missing", "outdated", "bad_citation"]

REASONS: Mapping[Reason, str] = {
    "wrong": "The answer is wrong",
    "missing": "Something is missing",
    "outdated": "It is out of date",
    "bad_citation": "The source does not say this",
}
CLOSEST = 5
VIEW_BYTES = 60_000
"""A view may have 250 KB as JSON (docs: views.open), where a character can take twelve."""
EXPECTED_CHARACTERS = 3_000
"""Of a text input (docs: Block Kit)."""


@dataclass(frozen=True, slots=True)
class FeedbackForm:
    """What a person filled in. `expected` is what would be right, in their words; often empty."""

    answer_id: str
    reason: Reason
    expected: str


def passage_modal(citation: Citation, passages: Sequence[Passage]) -> Json:
    """The paragraphs around a quote, with the quote in bold.

    `passages` are neighbours of one document, in order, as `Catalog.neighbours` gives them, or the one passage that
    the answer was made from. Where the quote no longer stands in them, it is shown alone.
    """
    around = _around(citation, passages)
    note = None if around else "The document has changed since; these are the words as they were."
    before, after = around or ("", "")
    shown = [*_texts(before.lstrip()), *_texts(citation.quote, bold=True), *_texts(after.rstrip())]
    place = f"{citation.source}, characters {citation.start}–{citation.end}"
    return _view(
        "Passage",
        names.PASSAGE_VIEW,
        [_rich(line(title(citation))), _rich(line(*shown)), *([_small(note)] if note else []), _small(place)],
    )


def closest_modal(passages: Sequence[RankedPassage]) -> Json:
    """What came nearest to a question that the documents do not answer."""
    blocks = [_small("These passages come closest to the question. They do not answer it.")]
    for found in passages[:CLOSEST]:
        passage = found.passage
        named = inert(" ".join(passage.title.split())) or "Untitled"
        url = web_link(passage.source)
        head = {"type": "link", "url": url, "text": named} if url else words(named, bold=True)
        blocks.append(_rich(line(head), line(*_texts(passage.text.strip(), most=VIEW_BYTES // CLOSEST), quote=True)))
    return _view("Closest passages", names.CLOSEST_VIEW, blocks)


def feedback_form(answer_id: str) -> Json:
    """What is wrong, and what would be right."""
    options = [{"text": _plain(text), "value": reason} for reason, text in REASONS.items()]
    what = {"type": "radio_buttons", "action_id": names.REASON_INPUT, "options": options}
    expected = {
        "type": "plain_text_input",
        "action_id": names.EXPECTED_INPUT,
        "multiline": True,
        "max_length": EXPECTED_CHARACTERS,
    }
    view = _view(
        "What is not right?",
        names.FEEDBACK_FORM,
        [
            {"type": "input", "block_id": names.REASON_BLOCK, "label": _plain("The problem"), "element": what},
            {
                "type": "input",
                "block_id": names.EXPECTED_BLOCK,
                "label": _plain("What would be right?"),
                "hint": _plain("In your words, or where it can be read. It helps us to mend this."),
                "element": expected,
                "optional": True,
            },
        ],
    )
    return view | {"submit": _plain("Send"), "close": _plain("Cancel"), "private_metadata": answer_id}


def read_feedback(view: Mapping[str, Any]) -> FeedbackForm:
    """What was submitted in a `feedback_form`.

    Raises:
        ValueError: the view is not such a form.
    """
    values = view.get("state", {}).get("values", {})
    chosen = values.get(names.REASON_BLOCK, {}).get(names.REASON_INPUT, {}).get("selected_option") or {}
    expected = values.get(names.EXPECTED_BLOCK, {}).get(names.EXPECTED_INPUT, {}).get("value") or ""
    for reason in get_args(Reason):
        if chosen.get("value") == reason and view.get("private_metadata"):
            return FeedbackForm(view["private_metadata"], reason, expected.strip())
    raise ValueError("this is not a feedback form of ours")


def _around(citation: Citation, passages: Sequence[Passage]) -> tuple[str, str] | None:
    """What stands before and after the quote in its passages; None if it does not stand there any more."""
    if not passages or any(left.end != right.start for left, right in pairwise(passages)):
        return None
    text, first = "".join(passage.text for passage in passages), passages[0].start
    start, end = citation.start - first, citation.end - first
    if start < 0 or text[start:end] != citation.quote:
        return None
    return text[:start], text[end:]


def _view(name: str, callback_id: str, blocks: Sequence[Json]) -> Json:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": _plain(name),
        "close": _plain("Close"),
        "blocks": list(blocks),
    }


def _texts(text: str, *, most: int = VIEW_BYTES // 3, **style: bool) -> Iterator[Json]:
    """The text with its paragraphs; what a view cannot hold is left to the source."""
    first, *rest = cut(inert(text), most)
    yield words(first, **style)
    if rest:
        yield words(" […]")


def _rich(*lines: Json) -> Json:
    return {"type": "rich_text", "elements": list(lines)}


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def _small(text: str) -> Json:
    return {"type": "context", "elements": [_plain(next(cut(inert(" ".join(text.split())), 2_000)))]}
