"""What was found for a question, as the reader sees it, and how much it proves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from index.reader import Reader, Reading
from index.types import RankedPassage

_MARGIN_SCALE = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """A retrieved passage with what the reader found in it."""

    found: RankedPassage
    reading: Reading


@dataclass(frozen=True, slots=True)
class Findings:
    """The evidence for one question, strongest first.

    `confidence` is between 0 and 1. With `overview` set, each reading marks a key sentence of the document asked
    about, in the order of the text, and all of them belong to the answer.
    """

    evidence: tuple[Evidence, ...]
    confidence: float
    overview: bool = False


def weigh(reader: Reader, question: str, passages: Sequence[RankedPassage]) -> Findings:
    """Reads the passages and ranks them by what they say about the question."""
    readings = reader.read(question, [found.passage.text for found in passages])
    evidence = [Evidence(found, reading) for found, reading in zip(passages, readings, strict=True)]
    evidence.sort(key=lambda item: -item.reading.margin)
    margin = evidence[0].reading.margin if evidence else -math.inf
    return Findings(tuple(evidence), confidence=1 / (1 + math.exp(-_MARGIN_SCALE * max(margin, -100.0))))
