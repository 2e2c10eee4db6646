"""Answers as Slack messages: the sentences, a compact list of sources, one row of buttons.

Everything is rich_text, which has no dialect to escape from; only what is streamed is Markdown, since that is what
streams take. All text goes through `bot.slack.text`.
"""

import string
from collections.abc import Iterator, Sequence

from bot.render import counted, one_line, safe
from bot.slack import names
from bot.slack.links import web_link
from bot.slack.message import (
    BLOCKS_BYTES,
    STREAM_BYTES,
    Json,
    Message,
    Part,
    as_message,
    button,
    line,
    pages,
    words,
)
from bot.slack.text import inert, markdown, mrkdwn
from bot.types import Answer, Citation, Claim, Outcome, Released
from index.chunking import sentences
from index.types import Passage

SOURCES = "Sources"
NOT_FOUND = "I could not find that in the documents. Other words may help."
LEAST_ROOM = 1_000
"""Bytes that a closing always has, since a stream rolls over at 9,000."""


def claim_markdown(released: Released) -> str:
    """A verified sentence with its marks, as Markdown for a stream; the next can follow at once."""
    shown = [
        f"**{markdown(text)}**" if strong else markdown(text)
        for text, strong in _stressed(released.claim, released.citations)
    ]
    return f"{''.join(shown)}{_marks(released.claim)} "


def answer_messages(answer: Answer, answer_id: str, *, human: bool = False, share: bool = False) -> tuple[Message, ...]:
    """The whole answer, to be posted or to take another message's place.

    With `human` a person can be asked where the documents do not help; with `share` it is private, repeats the
    question that nobody sees, and can be put in the channel.
    """
    if answer.outcome is not Outcome.ANSWERED:
        return (_unanswered(answer, answer_id, human=human, asked=_asked(answer, "You") if share else ()),)
    parts = [*_claims(answer), *_sources(answer, answer_id)]
    if not share:
        return _messages(parts, answer_id, BLOCKS_BYTES)
    row = [button("Share in channel", names.SHARE, answer_id)]
    return _messages([*_asked(answer, "You"), *parts], answer_id, BLOCKS_BYTES, row)


def closing(answer: Answer, answer_id: str, *, human: bool = False) -> tuple[Message, ...]:
    """What goes under a streamed answer: blocks for chat.stopStream, then messages for what does not fit there.

    The blocks of the first can be empty.
    """
    if answer.outcome is not Outcome.ANSWERED:
        return (_unanswered(answer, answer_id, human=human),)
    streamed = sum(len(claim_markdown(Released(claim, answer.citations)).encode()) for claim in answer.claims)
    room = max(LEAST_ROOM, STREAM_BYTES - streamed)
    return _messages([*_sources(answer, answer_id)], answer_id, room)


def shared(answer: Answer, answer_id: str, by: str) -> tuple[Message, ...]:
    """A private answer put in the channel. `by` is a display name, never an id: a mention would notify."""
    parts = [*_asked(answer, by), *_claims(answer), *_sources(answer, answer_id)]
    return _messages(parts, answer_id, BLOCKS_BYTES)


def failure(reference: str, cure: str = "") -> Message:
    """An honest failure. `cure` is a sentence of ours, never the text of an exception."""
    cured = f" {inert(one_line(cure))}" if cure else ""
    return _told(f"Something went wrong, and I could not answer this.{cured} Reference: {inert(one_line(reference))}")


def queued(ahead: int) -> Message:
    """For whoever has to wait; `ahead` is how many questions come first."""
    before = f"{counted(ahead, 'question')} before yours" if ahead else "yours is next"
    return _told(f"I am busy just now: {before}. Your answer will appear here.")


def stopped() -> Message:
    """For an answer that was stopped before its first sentence."""
    return _told("Stopped.")


def _told(text: str) -> Message:
    """A line of the bot's own, small and grey, so that no answer is mistaken for it."""
    return Message(mrkdwn(text), ({"type": "context", "elements": [{"type": "plain_text", "text": text}]},))


def _messages(parts: Sequence[Part], answer_id: str, room: int, row: Sequence[Json] = ()) -> tuple[Message, ...]:
    """One message for each page; what belongs to the whole answer is under the last."""
    *before, last = pages(parts, room)
    return (
        *(as_message(page, text=SOURCES) for page in before),
        as_message(last, row=row, below=[feedback(answer_id)], text=SOURCES),
    )


def _unanswered(answer: Answer, answer_id: str, *, human: bool, asked: Sequence[Part] = ()) -> Message:
    if answer.outcome is Outcome.FAILED:
        return failure(answer_id[:8])
    row = [button("Show closest passages", names.SHOW_CLOSEST, answer_id)] if answer.passages else []
    row += [button("Ask a human", names.ASK_HUMAN, answer_id)] if human else []
    parts = [*asked, Part("answer", (line(words(NOT_FOUND)),), spoken=True), *_remarks(answer)]
    return as_message(parts, row=row, below=[feedback(answer_id)], text=NOT_FOUND)


def feedback(answer_id: str) -> Json:
    """The two thumbs."""

    def thumb(label: str, vote: names.Vote) -> Json:
        return {
            "text": {"type": "plain_text", "text": label},
            "value": names.of_vote(vote, answer_id),
            "accessibility_label": "This answer helped" if vote == "good" else "Something is wrong with this answer",
        }

    pair = {
        "type": "feedback_buttons",
        "action_id": names.FEEDBACK,
        "positive_button": thumb("Helpful", "good"),
        "negative_button": thumb("Not right", "bad"),
    }
    return {"type": "context_actions", "elements": [pair]}


def _asked(answer: Answer, by: str) -> tuple[Part, ...]:
    question = words(inert(one_line(answer.question.text)), italic=True)
    return (Part("asked", (line(words(f"{inert(one_line(by))} asked: "), question),)),)


def _claims(answer: Answer) -> Iterator[Part]:
    last = len(answer.claims) - 1
    for number, claim in enumerate(answer.claims):
        shown = [
            words(inert(text), **({"bold": True} if strong else {}))
            for text, strong in _stressed(claim, answer.citations)
        ]
        yield Part(
            "answer",
            (line(*shown, words(f"{_marks(claim)}{' ' * (number < last)}")),),
            continues=number > 0,
            spoken=True,
        )


def _sources(answer: Answer, answer_id: str) -> Iterator[Part]:
    """Every citation: its title, and the quoted words in bold inside their sentence."""
    passages = {found.passage.id: found.passage for found in answer.passages}
    alone = len(answer.citations) == 1
    yield Part("sources", (line(words(SOURCES, bold=True)),))
    for citation in answer.citations:
        label = "Show passage" if alone else f"Show passage {citation.number}"
        carried = names.of_source(answer_id, citation.number)
        yield Part(
            "sources",
            (
                line(words(f"[{citation.number}] ", bold=True), title(citation)),
                line(*quoted(citation, passages.get(citation.passage_id)), quote=True),
            ),
            button(label, names.show_passage(citation.number), carried),
        )
    yield from _remarks(answer)


def title(citation: Citation) -> Json:
    """The document's title; of a web page, a link to the quoted words."""
    shown = inert(one_line(citation.title)) or inert(one_line(citation.source)) or "Untitled"
    url = web_link(citation.source, citation.quote)
    return {"type": "link", "url": url, "text": shown} if url else words(shown)


def quoted(citation: Citation, passage: Passage | None) -> list[Json]:
    """The sentence of the quote with the quoted words in bold; of a whole sentence, the words that answer, if known."""
    before, quote, after = _in_sentence(citation, passage)
    if citation.highlight and not (before.strip() or after.strip()):
        start, end = (offset - citation.start for offset in citation.highlight)
        before, quote, after = quote[:start], quote[start:end], quote[end:]
    return [words(_flat(before)), words(_flat(quote), bold=True), words(_flat(after))]


def _in_sentence(citation: Citation, passage: Passage | None) -> tuple[str, str, str]:
    if passage is None or citation.start < passage.start or passage.end < citation.end:
        return "", citation.quote, ""
    start, end = citation.start - passage.start, citation.end - passage.start
    spanned = [(a, b) for a, b in sentences(passage.text) if a < end and start < b] or [(start, end)]
    return passage.text[spanned[0][0] : start].lstrip(), citation.quote, passage.text[end : spanned[-1][1]].rstrip()


def _flat(text: str) -> str:
    """On one line; a space at either end stays, since other words come next."""
    text = safe(text)
    inside = one_line(text)
    if not inside:
        return " " if text else ""
    return f"{' ' * text[0].isspace()}{inert(inside)}{' ' * text[-1].isspace()}"


def _remarks(answer: Answer) -> Iterator[Part]:
    """Why another than the configured model answered, and, where they are wanted, sentences that did not pass."""
    if answer.notice:
        yield Part("remarks", (line(words(inert(one_line(answer.notice)), italic=True)),))
    for item in answer.withheld if answer.marked else ():
        reason, sentence = inert(one_line(item.reason)), inert(one_line(item.text))
        yield Part("remarks", (line(words(f"Unverified ({reason}): ", bold=True), words(sentence)),))


def _stressed(claim: Claim, citations: Sequence[Citation]) -> list[tuple[str, bool]]:
    """The sentence in pieces, with True for the words that answer, where they are known."""
    text = one_line(claim.text)
    for citation in citations:
        if citation.highlight and citation.number in claim.citations:
            start, end = (offset - citation.start for offset in citation.highlight)
            strong = one_line(citation.quote[start:end])
            before, found, after = text.partition(strong) if strong else (text, "", "")
            if found and found != text and _stands_alone(before, after):
                return [
                    (piece, strongly) for piece, strongly in ((before, False), (found, True), (after, False)) if piece
                ]
    return [(text, False)]


def _stands_alone(before: str, after: str) -> bool:
    """Whether words between these can be emphasised in Markdown (CommonMark 6.2, flanking delimiter runs)."""
    return before[-1:] in ("", " ") and (after[:1] in ("", " ") or after[0] in string.punctuation)


def _marks(claim: Claim) -> str:
    return "".join(f" [{number}]" for number in claim.citations)
