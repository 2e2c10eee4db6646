"""What was found for a question, as the reader sees it, and how much it proves.

Two small logistic models do the weighing, fitted by `recipe/evidence` and kept in `evidence.json`: one ranks the
passages, the other says how likely the answer of the best one is right.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

from bot import signals
from index.reader import Reader, Reading
from index.types import RankedPassage

LEVEL = 0.5
"""Log odds in the ranking. Closer than that, the second passage is right about as often as the first: see
docs/abstention.md."""


MOST_MARGIN = 14.0
"""Logits. No reading of the fitting sets, 40,000 of them, had a higher margin."""
AT_ONCE = 2
"""Passages that are read before the next are thought about: what two cores read in the time of one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A retrieved passage with what the reader found in it; None if it was not read, since it could not come first."""

    found: RankedPassage
    reading: Reading | None


@dataclass(frozen=True, slots=True)
class Findings:
    """The evidence for one question, strongest first.

    `confidence` is the chance that the answer of the first is right, from 0 to 1. The first `quoted` belong in an
    answer that is made of quotes alone.
    """

    evidence: tuple[Evidence, ...]
    confidence: float
    quoted: int = 1


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model of signals by name. `logit` is the log odds."""

    bias: float
    weights: Mapping[str, float]

    def logit(self, values: signals.Ranking | signals.Trust) -> float:
        named: dict[str, float] = values._asdict()
        return self.bias + sum(weight * named[name] for name, weight in self.weights.items())


class _Read(NamedTuple):
    logit: float
    signals: signals.Ranking
    found: RankedPassage
    reading: Reading


def weigh(reader: Reader, question: str, passages: Sequence[RankedPassage]) -> Findings:
    """Reads the passages, ranks them by what they say about the question, and judges the best one's answer.

    Reading stops where no margin could bring another passage up to the best; the rest follow, most promising first.
    """
    if not passages:
        return Findings((), confidence=0.0)
    read, unread = _read(reader, question, passages)
    best, *others = read
    text = best.found.passage.text
    alone = reader.read(question, [text[slice(*signals.answering_sentences(text, best.reading))]])[0].margin
    trust = signals.trust(
        question,
        signals.Answered(best.found.passage, best.reading, best.signals, alone),
        [found.similarity for found in (*(other.found for other in others), *unread)],
    )
    level = bool(others) and is_level(best.logit - others[0].logit, others[0].reading)
    evidence = (*(Evidence(each.found, each.reading) for each in read), *(Evidence(found, None) for found in unread))
    return Findings(evidence, confidence=_sigmoid(_model("trust").logit(trust)), quoted=1 + level)


def _read(reader: Reader, question: str, passages: Sequence[RankedPassage]) -> tuple[list[_Read], list[RankedPassage]]:
    """The passages that were read, best first, and those that could not have come first, most promising first."""
    model = _model("ranking")
    best_lexical = max(found.lexical for found in passages)

    def most(found: RankedPassage) -> float:
        return model.logit(signals.ranking(found, MOST_MARGIN, best_lexical))

    unread = sorted(passages, key=most, reverse=True)
    read: list[_Read] = []
    while unread and (not read or most(unread[0]) + LEVEL > max(each.logit for each in read)):
        following, unread = unread[:AT_ONCE], unread[AT_ONCE:]
        readings = reader.read(question, [found.passage.text for found in following])
        for found, reading in zip(following, readings, strict=True):
            its_signals = signals.ranking(found, reading.margin, best_lexical)
            read.append(_Read(model.logit(its_signals), its_signals, found, reading))
    return sorted(read, key=lambda each: -each.logit), unread


def is_level(lead: float, second: Reading) -> bool:
    """Whether the second passage speaks with the first: hardly behind it, and with an answer for the reader."""
    return lead < LEVEL and second.margin > 0


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit)) if logit > 0 else math.exp(logit) / (1 + math.exp(logit))


@cache
def _model(name: str) -> Logistic:
    fitted = json.loads((resources.files("bot") / "evidence.json").read_text(encoding="utf-8"))[name]
    return Logistic(fitted["bias"], fitted["weights"])
