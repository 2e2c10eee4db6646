"""Reviewed feedback -> cases of a question set, in the format of `citebot eval`."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.quoting import Quotable
from bot.render import short_answer
from bot.stored import answer_of
from bot.types import Answer
from index.catalog import Catalog
from index.chunking import sentences

_LEAST_WORDS = 2
"""A shorter answer is found by chance: it is no evidence."""
_MOST_EVIDENCE = 3


def cases(rows: Iterable[Mapping[Any, Any]], catalog: Catalog) -> Iterator[dict[str, Any]]:
    """A case for each accepted row of `Feedback.rows`, with the evidence that the indexed documents hold for it.

    One question of several people with the same verdict is one case.
    """
    seen: set[tuple[str, tuple[str, ...], bool]] = set()
    for row in rows:
        answer = answer_of(row)
        right = _right_answers(row, answer)
        key = (answer.question.text, tuple(right), row["answerable"])
        if key in seen:
            continue
        seen.add(key)
        evidence, sources = _evidence(answer, right, catalog, endorsed=row["vote"] == "good")
        case: dict[str, Any] = {
            "id": f"feedback-{row['id']}",
            "question": answer.question.text,
            "answers": right,
            "evidence": evidence if row["answerable"] else [],
            "answerable": row["answerable"],
            "tags": ["feedback", row["reason"] or row["vote"]],
        }
        if answer.question.history:
            case["history"] = [{"role": turn.role, "text": turn.text} for turn in answer.question.history]
        if sources and row["answerable"]:
            case["sources"] = sources
        yield case


def _right_answers(row: Mapping[Any, Any], answer: Answer) -> list[str]:
    if not row["answerable"]:
        return []
    if row["right_answers"] or row["vote"] == "bad":
        return list(row["right_answers"])
    short = short_answer(answer)
    return [short or answer.text]


def _evidence(answer: Answer, right: Iterable[str], catalog: Catalog, *, endorsed: bool) -> tuple[list[str], list[str]]:
    """Sentences of the indexed documents that carry the answer, and the documents they are in.

    Of an answer that people found right, these are its quotes; else the sentences where the right answer stands.
    """
    evidence: dict[str, None] = {}
    sources: dict[str, None] = {}
    quotes = {citation.source: citation.quote for citation in answer.citations} if endorsed else {}
    wanted = [citation.quote for citation in answer.citations] if endorsed else list(right)
    for entry in catalog.entries():
        if endorsed and entry.source not in quotes:
            continue
        text = catalog.text(entry.id)
        quotable = Quotable(text)
        for words in wanted:
            place = quotable.find(words) if len(words.split()) >= _LEAST_WORDS else None
            if place is None or not place.exact or len(evidence) == _MOST_EVIDENCE:
                continue
            found = text[place.start : place.end]
            evidence[found if endorsed else _sentences_around(text, place.start, place.end)] = None
            sources[entry.source] = None
    return list(evidence), list(sources)


def _sentences_around(text: str, start: int, end: int) -> str:
    spanned = [(a, b) for a, b in sentences(text) if a < end and start < b]
    return text[spanned[0][0] : spanned[-1][1]].strip()
