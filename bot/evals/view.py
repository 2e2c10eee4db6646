"""A row as the page shows it: plain values, text cut to what a reader needs, quotes with their surroundings."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from bot.evals.catalogue import BY_NAME
from bot.evals.record import Row, Text
from bot.render import safe


class Detail(Enum):
    """How many characters are shown on either side of a quote, and of a passage in the ranking."""

    FULL = (2000, 220)
    SHORT = (160, 72)

    @property
    def around(self) -> int:
        return self.value[0]

    @property
    def snippet(self) -> int:
        return self.value[1]


def case_view(number: int, row: Row, passages: Mapping[str, Text], flip: str, detail: Detail) -> dict[str, Any]:
    """What the row's line and its details show. `flip` is "better" or "worse" where a baseline says so."""
    answer = row.answer
    right = row.value("correct")
    state = "unscored" if right is None else "right" if right else "wrong"
    return {
        "number": number,
        "id": safe(row.case.id),
        "question": safe(row.case.question),
        "history": [(turn.role, safe(turn.text)) for turn in row.case.history],
        "standalone": safe(answer.get("standalone_question", "")),
        "state": state,
        "cause": row.diagnosis or (answer["outcome"] if state == "unscored" else ""),
        "flip": flip,
        "answerable": row.case.answerable,
        "tags": [safe(tag) for tag in row.case.tags],
        "confidence": answer.get("confidence"),
        "ms": answer.get("timings_ms", {}).get("total"),
        "f1": row.value("f1"),
        "outcome": answer["outcome"].replace("_", " "),
        "claims": [(safe(claim["text"]), claim["citations"]) for claim in answer.get("claims", [])],
        "short": safe(answer.get("short_answer") or ""),
        "error": safe(answer.get("error", "")),
        "notice": safe(answer.get("notice", "")),
        "stale": safe(row.stale),
        "accepted": [safe(each) for each in row.case.answers],
        "evidence": [(safe(words), rank) for words, rank in zip(row.case.evidence, row.ranks, strict=True)],
        "deep_rank": row.deep_rank,
        "quotes": [_quote(citation, passages, detail.around) for citation in answer.get("citations", [])],
        "hits": [_hit(rank, row, passages, detail.snippet) for rank in range(1, len(row.hits) + 1)],
        "withheld": [(safe(item["text"]), safe(item["reason"])) for item in answer.get("withheld", [])],
        "scores": [(BY_NAME[name].label, score) for name, score in row.scores.items() if name in BY_NAME],
        "timings": list(answer.get("timings_ms", {}).items()),
        "verdicts": (row.judgement or {}).get("verdicts", []),
    }


def _quote(citation: Mapping[str, Any], passages: Mapping[str, Text], around: int) -> dict[str, Any]:
    """A citation with the text before and after its quote in the passage."""
    passage = passages.get(citation["passage_id"])
    before = after = ""
    if passage and passage.start <= citation["start"] and citation["end"] <= passage.end:
        start, end = citation["start"] - passage.start, citation["end"] - passage.start
        before = ("…" if start > around else "") + passage.text[max(0, start - around) : start]
        after = passage.text[end : end + around] + ("…" if len(passage.text) - end > around else "")
    return {
        "number": citation["number"],
        "title": safe(citation["title"]),
        "source": safe(citation["source"]),
        "place": f"{citation['start']}–{citation['end']}",
        "before": safe(before),
        "quote": safe(citation["quote"]),
        "after": safe(after),
    }


def _hit(rank: int, row: Row, passages: Mapping[str, Text], snippet: int) -> dict[str, Any]:
    hit = row.hits[rank - 1]
    passage = passages.get(hit.id)
    text = " ".join(safe(passage.text).split()) if passage else ""
    return {
        "rank": rank,
        "relevant": hit.relevant,
        "cited": any(citation["passage_id"] == hit.id for citation in row.answer.get("citations", [])),
        "score": hit.score,
        "title": safe(passage.title) if passage else "",
        "text": text[:snippet] + ("…" if len(text) > snippet else ""),
    }
