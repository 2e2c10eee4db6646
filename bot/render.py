"""Answers for people and for programs: rich text for a terminal, plain text elsewhere, JSON by the contract.

Documents, questions and model text are untrusted: control characters never reach a terminal.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from rich.text import Text

from bot.types import Answer, Citation, Claim, Outcome, Question, Withheld
from index.types import Passage, RankedPassage

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SNIPPET = 160
NOT_FOUND = "That is not in the documents."


def safe(text: str) -> str:
    """The text without control characters and direction overrides; tabs and line breaks stay."""
    return _CONTROL.sub("", text)


def one_line(text: str) -> str:
    return " ".join(safe(text).split())


def counted(number: int, noun: str) -> str:
    """The number with its noun, in the plural unless it is one."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def claim_text(claim: Claim, citations: Sequence[Citation] = ()) -> Text:
    """The sentence with its markers, the answering words in bold where they are known."""
    text = Text(one_line(claim.text))
    for citation in citations:
        if citation.highlight and citation.number in claim.citations:
            start, end = (offset - citation.start for offset in citation.highlight)
            words = one_line(citation.quote[start:end])
            at = text.plain.find(words)
            if words and at >= 0:
                text.stylize("bold", at, at + len(words))
    for number in claim.citations:
        text.append(f" [{number}]", style="cyan")
    return text


def sources_text(citations: Iterable[Citation], passages: Iterable[Passage]) -> Text:
    """Every citation with its quote in bold inside the sentences around it."""
    by_id = {passage.id: passage for passage in passages}
    lines = Text("Sources", style="bold")
    for citation in citations:
        lines.append(f"\n[{citation.number}] ", style="not bold cyan")
        lines.append(one_line(citation.title), style="not bold")
        place = f"{one_line(citation.source)}, characters {citation.start}–{citation.end}"
        lines.append(f"  {place}", style="not bold dim")
        lines.append("\n    ").append_text(in_context(citation, by_id.get(citation.passage_id)))
    return lines


def in_context(citation: Citation, passage: Passage | None, reach: int = _SNIPPET) -> Text:
    """The quote in bold and quotation marks, with up to `reach` characters of its passage on either side."""
    before, after = _around(citation, passage)
    if len(before) > reach:
        before = "…" + before[-reach:].partition(" ")[2]
    if len(after) > reach:
        after = after[:reach].rpartition(" ")[0] + "…"
    shown = Text(_flat(before), style="not bold dim")
    shown.append(f"“{one_line(citation.quote)}”", style="bold not dim")
    return shown.append(_flat(after), style="not bold dim")


def marked_text(citation: Citation, passage: Passage, *, marks: str) -> Text:
    """The whole passage with its paragraphs, the quote in bold between `marks`."""
    before, after = _around(citation, passage)
    shown = Text(safe(before).lstrip())
    shown.append(f"{marks}{safe(citation.quote)}{marks}", style="bold")
    return shown.append(safe(after).rstrip(), style="not bold")


def _around(citation: Citation, passage: Passage | None) -> tuple[str, str]:
    """What stands before and after the quote in its passage."""
    if passage is None or citation.start < passage.start or passage.end < citation.end:
        return "", ""
    return passage.text[: citation.start - passage.start], passage.text[citation.end - passage.start :]


def _flat(text: str) -> str:
    """On one line; a space at either end stays, since the quote comes next."""
    head = " " if text[:1].isspace() and text.strip() else ""
    tail = " " if text[-1:].isspace() and text.strip() else ""
    return f"{head}{one_line(text)}{tail}"


def not_found_text(passages: Sequence[RankedPassage], count: int = 3) -> Text:
    """Says so, and lists the closest passages as what they are."""
    lines = Text(NOT_FOUND, style="bold")
    if passages:
        lines.append("\nClosest passages (not an answer):", style="not bold dim")
    for found in passages[:count]:
        snippet = one_line(found.passage.text)
        short = snippet if len(snippet) <= _SNIPPET else snippet[:_SNIPPET].rpartition(" ")[0] + "…"
        lines.append(f"\n  - {one_line(found.passage.title)}: {short}", style="not bold dim")
    return lines


def notice_text(answer: Answer) -> Text:
    """Why this is not what the configured model would have answered."""
    return Text(f"Note: {one_line(answer.notice)}", style="yellow")


def unverified_text(item: Withheld) -> Text:
    """A withheld sentence, for whoever asked to see them: never to be taken for a verified one."""
    return Text(f"[unverified: {one_line(item.reason)}] {one_line(item.text)}", style="red")


def answer_text(answer: Answer) -> Text:
    """The whole answer as a person sees it."""
    parts = [notice_text(answer)] if answer.notice else []
    if answer.outcome is Outcome.NOT_FOUND:
        parts.append(not_found_text(answer.passages))
    else:
        parts.append(Text(" ").join(claim_text(claim, answer.citations) for claim in answer.claims))
        parts.append(sources_text(answer.citations, (found.passage for found in answer.passages)))
    if answer.marked:
        parts += [unverified_text(item) for item in answer.withheld]
    return Text("\n\n").join(parts)


def search_text(passages: Sequence[RankedPassage]) -> Text:
    lines = Text()
    for number, found in enumerate(passages, start=1):
        passage = found.passage
        lines.append(f"{number}. {one_line(passage.title)}", style="bold")
        lines.append(
            f"  {one_line(passage.source)}, characters {passage.start}–{passage.end}, score {found.score:.4f}\n",
            style="dim",
        )
        lines.append(f"   {one_line(passage.text)}\n")
    return lines if passages else Text("No passages.\n")


def answer_json(answer: Answer) -> dict[str, Any]:
    """The contract of `ask --json`."""
    document = {
        "id": answer.question.id,
        "question": answer.question.text,
        "standalone_question": answer.standalone_question,
        "outcome": answer.outcome.value,
        "answer": answer.text,
        "short_answer": short_answer(answer),
        "claims": [{"text": claim.text, "citations": list(claim.citations)} for claim in answer.claims],
        "citations": [
            {
                "number": citation.number,
                "source": citation.source,
                "title": citation.title,
                "start": citation.start,
                "end": citation.end,
                "quote": citation.quote,
                "passage_id": citation.passage_id,
            }
            for citation in answer.citations
        ],
        "withheld": len(answer.withheld),
        "passages": [passage_json(found) for found in answer.passages],
        "confidence": round(answer.confidence, 4),
        "mode": answer.mode,
        "model": answer.model,
        "usage": {
            "input_tokens": answer.usage.input_tokens,
            "output_tokens": answer.usage.output_tokens,
            "calls": answer.usage.calls,
        },
        "timings_ms": {step: round(spent, 2) for step, spent in answer.timings_ms.items()},
    }
    if answer.notice:
        document["notice"] = answer.notice
    if answer.marked:
        document["unverified"] = [{"text": item.text, "reason": item.reason} for item in answer.withheld]
    return document


def failure_json(question: Question, error: str) -> dict[str, Any]:
    """A question that failed, in the shape of an answer as far as there is one."""
    return {
        "id": question.id,
        "question": question.text,
        "outcome": Outcome.FAILED.value,
        "answer": "",
        "error": error,
    }


def short_answer(answer: Answer) -> str | None:
    """The answering words of the first claim, where the answerer marked them."""
    first = answer.citations[0] if answer.citations else None
    if first is None or first.highlight is None:
        return None
    return " ".join(first.quote[first.highlight[0] - first.start : first.highlight[1] - first.start].split())


def passage_json(found: RankedPassage) -> dict[str, Any]:
    passage = found.passage
    return {
        "id": passage.id,
        "source": passage.source,
        "title": passage.title,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "score": round(found.score, 4),
    }
