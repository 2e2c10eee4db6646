"""A question -> the passages most likely to answer it: dense and lexical retrieval, fused by reciprocal rank."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from index.clock import Stopwatch
from index.library import Library
from index.types import Match, RankedPassage, Vectors

RRF_K = 60
"""The rank constant of reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009)."""
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
    ranked = _rank(library, vector, dense, lexical, count)
    clock.lap("fuse")
    return SearchResult(query, ranked, clock.laps | {"total": clock.total})


def _rank(
    library: Library, vector: Vectors, dense: Sequence[Match], lexical: Sequence[Match], count: int
) -> list[RankedPassage]:
    scores = fuse(dense, lexical)
    live = library.catalog.passages(list(scores))
    chosen = [name for name in scores if name in live][:count]
    similarity, words = dict(dense), dict(lexical)
    # What only its words found has a cosine too, and whoever weighs the passages needs it.
    stored = library.vectors.vectors([name for name in chosen if name not in similarity])
    similarity |= {name: float(vector @ its_vector) for name, its_vector in stored.items()}
    return [RankedPassage(live[name], scores[name], similarity.get(name, 0.0), words.get(name, 0.0)) for name in chosen]


def fuse(*rankings: Sequence[Match]) -> dict[str, float]:
    """Reciprocal rank fusion: ids with the sum of 1 / (RRF_K + rank) over the rankings, highest first.

    Source: Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank
    Learning Methods", SIGIR 2009.
    """
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, match in enumerate(ranking, start=1):
            scores[match.id] = scores.get(match.id, 0.0) + 1 / (RRF_K + rank)
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))
