"""From a ranking to the passages worth reading: none twice, and not all of them from one document."""

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence

from index.types import RankedPassage

SHARE = 0.75
"""Chosen in docs/retrieval.md."""


def select(ranked: Sequence[RankedPassage], count: int, share: float = SHARE) -> list[RankedPassage]:
    """The `count` best of `ranked` that say something new; while others last, no more than `share` of one document.

    What a document has beyond its share follows after the other documents', so an index of one document loses
    nothing.
    """
    most = math.ceil(share * count)
    taken: Counter[int] = Counter()
    within: list[RankedPassage] = []
    beyond: list[RankedPassage] = []
    for found in distinct(ranked):
        document = found.passage.document_id
        taken[document] += 1
        (within if taken[document] <= most else beyond).append(found)
    return [*within, *beyond][:count]


def distinct(ranked: Sequence[RankedPassage]) -> list[RankedPassage]:
    """`ranked` without the passages whose words all stand, side by side, in one that ranks higher.

    White space, case and the Unicode form make no difference: the same article in two files is read once.
    """
    kept: list[RankedPassage] = []
    read: list[str] = []
    for found in ranked:
        words = _words(found.passage.text)
        if not any(words in other for other in read):
            kept.append(found)
            read.append(words)
    return kept


def _words(text: str) -> str:
    """The text's words, each between single spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return f" {' '.join(plain.split())} "
