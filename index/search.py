"""A question -> the passages most likely to answer it: dense and lexical retrieval, fused by their scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from index.clock import Stopwatch
from index.library import Library
from index.selecting import select
from index.types import Match, RankedPassage, Vectors

WORDS_WEIGHT = 0.3
"""What words count for beside meaning. Chosen, with the number of candidates, in docs/retrieval.md."""
_CANDIDATES = 30


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages best first; `timings_ms` by step."""

    query: str
    passages: list[RankedPassage]
    timings_ms: dict[str, float] = field(default_factory=dict)


def search(library: Library, query: str, count: int, sets: Sequence[str] = ()) -> SearchResult:
    """The `count` best passages for `query`, only of `sets` if any are named.

    Raises:
        IndexMissing, IndexMismatch: see `Library.check`.
    """
    library.check()
    library.refresh()
    depth = max(_CANDIDATES, 2 * count)
    clock = Stopwatch()
    vector = library.embed_question(query)
    clock.lap("embed")
    dense = library.vectors.nearest(vector, depth, sets)
    clock.lap("dense")
    lexical = library.words.nearest(query, depth, sets)
    clock.lap("lexical")
    ranked = select(_rank(library, vector, dense, lexical), count)
    clock.lap("fuse")
    return SearchResult(query, ranked, clock.laps | {"total": clock.total})


def _rank(library: Library, vector: Vectors, dense: Sequence[Match], lexical: Sequence[Match]) -> list[RankedPassage]:
    similarity, words = dict(dense), dict(lexical)
    live = library.catalog.passages(list(similarity | words))
    # What only its words found has a cosine too.
    stored = library.vectors.vectors([name for name in words if name in live and name not in similarity])
    similarity |= {name: float(vector @ its_vector) for name, its_vector in stored.items()}
    return [
        RankedPassage(live[name], score, similarity.get(name, 0.0), words.get(name, 0.0))
        for name, score in fuse(similarity, words).items()
        if name in live
    ]


def fuse(similarity: Mapping[str, float], words: Mapping[str, float]) -> dict[str, float]:
    """Ids with the weighted sum of their cosine and their share of the best BM25 score, highest first."""
    best = max(words.values(), default=0.0) or 1.0
    scores = {
        name: (1 - WORDS_WEIGHT) * similarity.get(name, 0.0) + WORDS_WEIGHT * words.get(name, 0.0) / best
        for name in {**similarity, **words}
    }
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))
