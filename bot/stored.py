"""A journal row -> the answer it was written from, for whoever comes back to it: a button, a reviewer, an edit."""

from collections.abc import Mapping
from typing import Any

from bot.types import Answer, Citation, Claim, Outcome, Question, Turn, Usage, Withheld
from index.types import Passage, RankedPassage


def answer_of(row: Mapping[Any, Any]) -> Answer:
    """The answer of a row of `bot.journal.answers`. Where passages lay among their neighbours is not kept."""
    document = row["document"]
    marks: list[list[int] | None] = document.get("highlights") or [None] * len(document["citations"])
    history = tuple(Turn(turn["role"], turn["text"]) for turn in document.get("history", ()))
    return Answer(
        question=Question(document["question"], document["id"], history),
        standalone_question=document["standalone_question"],
        outcome=Outcome(document["outcome"]),
        mode=document["mode"],
        model=document["model"],
        claims=tuple(Claim(claim["text"], tuple(claim["citations"])) for claim in document["claims"]),
        citations=tuple(
            Citation(**citation, highlight=(mark[0], mark[1]) if mark else None)
            for citation, mark in zip(document["citations"], marks, strict=True)
        ),
        withheld=tuple(Withheld(item["text"], item["reason"]) for item in row["withheld"]),
        passages=tuple(_passage(passage) for passage in document["passages"]),
        confidence=document["confidence"],
        usage=Usage(**document["usage"]),
        timings_ms=document["timings_ms"],
        prompts=document.get("prompts", {}),
        notice=document.get("notice", ""),
        marked="unverified" in document,
    )


def _passage(stored: Mapping[str, Any]) -> RankedPassage:
    passage = Passage(
        id=stored["id"],
        document_id=0,
        source=stored["source"],
        title=stored["title"],
        ordinal=0,
        start=stored["start"],
        end=stored["end"],
        text=stored["text"],
    )
    return RankedPassage(passage, score=stored["score"], similarity=0.0, lexical=0.0)
