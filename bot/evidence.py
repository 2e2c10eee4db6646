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

from bot import signals
from index.reader import Reader, Reading
from index.types import RankedPassage

LEVEL = 0.5
"""Log odds in the ranking. Closer than that, the second passage is right about as often as the first: see
docs/abstention.md."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A retrieved passage with what the reader found in it."""

    found: RankedPassage
    reading: Reading


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


def weigh(reader: Reader, question: str, passages: Sequence[RankedPassage]) -> Findings:
    """Reads the passages, ranks them by what they say about the question, and judges the best one's answer."""
    if not passages:
        return Findings((), confidence=0.0)
    readings = reader.read(question, [found.passage.text for found in passages])
    best_lexical = max(found.lexical for found in passages)
    weighed = [signals.ranking(*pair, best_lexical) for pair in zip(passages, readings, strict=True)]
    logits = [_model("ranking").logit(each) for each in weighed]
    best, *others = order = sorted(range(len(passages)), key=lambda n: -logits[n])
    passage, reading = passages[best].passage, readings[best]
    start, end = signals.answering_sentences(passage.text, reading)
    alone = reader.read(question, [passage.text[start:end]])[0].margin
    answered = signals.Answered(passage, reading, weighed[best], alone)
    trust = signals.trust(question, answered, [weighed[n] for n in others])
    evidence = tuple(Evidence(passages[n], readings[n]) for n in order)
    level = bool(others) and is_level(logits[best] - logits[others[0]], readings[others[0]])
    return Findings(evidence, confidence=_sigmoid(_model("trust").logit(trust)), quoted=1 + level)


def is_level(lead: float, second: Reading) -> bool:
    """Whether the second passage speaks with the first: hardly behind it, and with an answer for the reader."""
    return lead < LEVEL and second.margin > 0


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit)) if logit > 0 else math.exp(logit) / (1 + math.exp(logit))


@cache
def _model(name: str) -> Logistic:
    fitted = json.loads((resources.files("bot") / "evidence.json").read_text(encoding="utf-8"))[name]
    return Logistic(fitted["bias"], fitted["weights"])
