"""What speaks for a passage, and for the answer found in it: the numbers that the evidence model weighs."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.quantities import quantities
from bot.support import is_named, names
from index.chunking import sentences
from index.reader import Reading
from index.types import Passage, RankedPassage

_LEAST_MARGIN = -20.0
"""Logits. A reader that is surer than that of finding nothing says nothing new; an empty passage has no margin."""

_COUNT = re.compile(r"\bhow (?:many|much)\b", re.IGNORECASE)


class Ranking(NamedTuple):
    """What speaks for a passage among those found.

    `margin` is the reader's, in logits, `similarity` the cosine, `words` its BM25 score as a share of the best one's.
    """

    margin: float
    similarity: float
    words: float


class Answered(NamedTuple):
    """A passage with what the reader found in it, and the margin it gave to the answering sentences alone."""

    passage: Passage
    reading: Reading
    signals: Ranking
    sentence_margin: float


class Trust(NamedTuple):
    """What speaks for the best passage's answer being right.

    `sentence_margin` is the reader's on the answering sentences alone: what only seemed to answer beside its
    neighbours falls there. `lacks_names` and `lacks_quantities` count those of the question that the passage does not
    have, title included. `no_count` is 1 where the question asks how many and the span holds no number.
    `similarity_lead` is the distance to the most similar of the other passages.
    """

    margin: float
    sentence_margin: float
    similarity: float
    similarity_lead: float
    lacks_names: float
    lacks_quantities: float
    no_count: float


def ranking(found: RankedPassage, margin: float, best_lexical: float) -> Ranking:
    """The signals of a passage that the reader gave this margin."""
    words = found.lexical / best_lexical if best_lexical > 0 else 0.0
    return Ranking(max(margin, _LEAST_MARGIN), found.similarity, words)


def trust(question: str, answered: Answered, others: Sequence[float]) -> Trust:
    """The signals for the passage that is ranked first; `others` are the similarities of the rest."""
    whole = f"{answered.passage.title}. {answered.passage.text}"
    span = answered.passage.text[answered.reading.start : answered.reading.end]
    # A capital at the start of a question is no name.
    asked = names(question[:1].lower() + question[1:])
    best = answered.signals
    return Trust(
        margin=best.margin,
        sentence_margin=max(answered.sentence_margin, _LEAST_MARGIN),
        similarity=best.similarity,
        similarity_lead=best.similarity - max(others, default=best.similarity),
        lacks_names=float(sum(not is_named(name, whole) for name in asked)),
        lacks_quantities=float(len(quantities(question) - quantities(whole))),
        no_count=float(_COUNT.search(question) is not None and not quantities(span)),
    )


def answering_sentences(text: str, reading: Reading) -> tuple[int, int]:
    """Where the sentences around the reader's span begin and end in `text`."""
    spanned = [(a, b) for a, b in sentences(text) if a < reading.end and reading.start < b]
    return (spanned[0][0], spanned[-1][1]) if spanned else (0, len(text))
