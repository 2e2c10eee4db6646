"""What the judge is asked about an answer, and what its replies come to. Pure."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from bot.evals.record import Row
from bot.evals.scoring import ABSTAINED, FAILED, NO_ACCEPTED, STALE, UNANSWERABLE
from prompts import load

SPLIT = "the judge is split"


class Verdict(BaseModel):
    """What the model replies."""

    model_config = ConfigDict(strict=True, extra="ignore")
    correct: bool
    supported: bool
    reason: str = ""


def unjudged(row: Row) -> str:
    """Why a row is not for the judge; empty if it is."""
    if row.stale or row.failed:
        return STALE if row.stale else FAILED
    if not row.case.answerable:
        return UNANSWERABLE
    if row.answer["outcome"] != "answered":
        return ABSTAINED
    return "" if row.case.answers else NO_ACCEPTED


def prompt_of(row: Row) -> str:
    """The prompt that grades a row. The fence is a digest of what it encloses, so no answer can close it."""
    accepted = "\n".join(f"- {each}" for each in row.case.answers)
    answer = "\n".join(_sentences(row))
    fence = f"=== {hashlib.sha256(f'{row.case.question}{accepted}{answer}'.encode()).hexdigest()[:16]} ==="
    return load("judge").render(fence=fence, question=_standalone(row), accepted=accepted, answer=answer)


def parsed(text: str) -> Verdict | str:
    """The verdict in a reply, or what is wrong with it. Fences and words around the object are forgiven."""
    start, end = text.find("{"), text.rfind("}")
    try:
        return Verdict.model_validate(json.loads(text[start : end + 1]))
    except ValueError:
        return "the judge's reply is no verdict"


def majority(votes: Sequence[bool]) -> float | str:
    """1 or 0 by more than half of the votes; unscored where they are split evenly."""
    yes = sum(votes)
    return SPLIT if 2 * yes == len(votes) else float(2 * yes > len(votes))


def agreement(rows: Sequence[Row]) -> float | None:
    """The share of repeated verdicts that equal their case's majority; None without repeats.

    1 means that the judge always says the same of the same answer; 0.5 is a coin.
    """
    most = total = 0
    for row in rows:
        verdicts = (row.judgement or {}).get("verdicts", [])
        for name in ("correct", "supported"):
            votes = Counter(verdict[name] for verdict in verdicts)
            if votes.total() > 1:
                most += votes.most_common(1)[0][1]
                total += votes.total()
    return most / total if total else None


def _sentences(row: Row) -> Iterator[str]:
    quotes = {citation["number"]: citation["quote"] for citation in row.answer["citations"]}
    for claim in row.answer["claims"]:
        yield f"{claim['text']}\n" + "\n".join(f"  quote: {quotes[number]}" for number in claim["citations"])


def _standalone(row: Row) -> str:
    turns = "".join(f"({turn.role}: {turn.text}) " for turn in row.case.history)
    return turns + row.case.question
