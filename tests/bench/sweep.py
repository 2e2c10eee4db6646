"""Chooses how passages are cut, ranked and selected, on public question sets: `make sweep DATA=folder`.

Words are searched by the product's own BM25 index, vectors exactly (what Chroma's approximation costs is in
`make bench-growth`). Vectors are kept in runs/sweep, so that only the first run embeds: ten minutes on two cores.
The seed article's questions are no part of this.
"""

import argparse
import hashlib
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from perturb import PERTURBATIONS
from public_sets import Corpus, Evidence, load, unpacked

from index import chunking
from index.build import index_sources
from index.embedding import MiniLmEmbedder
from index.lexical import LexicalIndex, stems
from index.library import Library
from index.search import WORDS_WEIGHT, search
from index.selecting import select
from index.types import Match, Passage, RankedPassage, Vectors

TABLES = ("fusion", "cut", "titles", "k", "shares", "perturbed", "shipped")
DEPTH = 100
CANDIDATES = 30
READ_TOKENS = 1000
"""What the reader has time for: about eight passages of 125 tokens."""
EMBEDDER = MiniLmEmbedder()


class VectorCache:
    """Vectors by the digest of their text, in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[str, Vectors] = {}
        if path.is_file():
            with np.load(path) as kept:
                self._rows = dict(zip(kept["names"].tolist(), kept["vectors"], strict=True))

    def embed(self, texts: Sequence[str]) -> Vectors:
        names = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts]
        new = {name: text for name, text in zip(names, texts, strict=True) if name not in self._rows}
        if new:
            self._rows.update(zip(new, EMBEDDER.embed(list(new.values())), strict=True))
            self._path.parent.mkdir(parents=True, exist_ok=True)
            np.savez(self._path, names=np.array(list(self._rows)), vectors=np.stack(list(self._rows.values())))
        return np.stack([self._rows[name] for name in names])


@dataclass(frozen=True)
class Cut:
    """How passages are made. `overlap` repeats the last sentence of the passage before; titles go in front."""

    target: int = chunking.TARGET_TOKENS
    overlap: bool = False
    title_embedded: bool = False
    title_field: bool = True

    def __str__(self) -> str:
        parts = [f"{self.target} tokens", "one sentence of overlap" if self.overlap else "no overlap"]
        parts.append("title embedded" if self.title_embedded else "title not embedded")
        parts.append("title in BM25" if self.title_field else "title not in BM25")
        return ", ".join(parts)


@dataclass(frozen=True)
class Piece:
    document: int
    start: int
    end: int
    size: int


@dataclass(frozen=True)
class Found:
    """The candidates of one question: numbers of passages, with cosine, BM25 score and ranks (DEPTH: not found)."""

    numbers: NDArray[np.int64]
    cosine: Vectors
    bm25: Vectors
    dense_rank: NDArray[np.int64]
    lexical_rank: NDArray[np.int64]


Floats = NDArray[np.floating]
Fusion = Callable[[Found], Floats]


def rrf(constant: float, depth: int) -> Fusion:
    """Reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009)."""

    def score(found: Found) -> Floats:
        ranks = (found.dense_rank, found.lexical_rank)
        both: Floats = np.sum([np.where(rank < depth, 1 / (constant + rank + 1), 0) for rank in ranks], axis=0)
        return both

    return score


def weighted(weight: float, depth: int, scale: str = "share") -> Fusion:
    """`weight` for BM25 and the rest for the cosine of the candidates that either retriever ranked below `depth`."""

    def score(found: Found) -> Floats:
        inside = (found.dense_rank < depth) | (found.lexical_rank < depth)
        cosine = found.cosine if scale == "share" else scaled(found.cosine, inside, scale)
        bm25 = scaled(np.where(found.lexical_rank < depth, found.bm25, 0), inside, scale)
        summed: Floats = np.where(inside, weight * bm25 + (1 - weight) * cosine, -np.inf)
        return summed

    return score


def scaled(values: Floats, inside: NDArray[np.bool_], scale: str) -> Floats:
    kept = values[inside]
    low, range_ = {
        "share": (0, kept.max()),
        "min-max": (kept.min(), kept.max() - kept.min()),
        "z-score": (kept.mean(), kept.std()),
    }[scale]
    relative: Floats = (values - low) / max(1e-9, range_)
    return relative


def product(weight: float = WORDS_WEIGHT, depth: int = CANDIDATES) -> tuple[str, Fusion]:
    return f"sum, {weight:.2f} BM25 share, {depth} candidates", weighted(weight, depth)


FUSIONS: dict[str, Fusion] = {
    "dense alone": weighted(0, CANDIDATES),
    "BM25 alone": weighted(1, CANDIDATES),
    **{f"RRF, constant {constant}, 30 candidates": rrf(constant, 30) for constant in (2, 10, 60)},
    **{f"RRF, constant 60, {depth} candidates": rrf(60, depth) for depth in (10, 100)},
    **dict(product(weight) for weight in (0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)),
    **{f"sum, {weight:.2f} BM25 min-max, 30 candidates": weighted(weight, 30, "min-max") for weight in (0.3, 0.4, 0.5)},
    **{f"sum, {weight:.2f} BM25 z-score, 30 candidates": weighted(weight, 30, "z-score") for weight in (0.3, 0.4, 0.5)},
    **dict(product(depth=depth) for depth in (10, 16, 50, 100)),
}


@dataclass(frozen=True)
class Outcome:
    """For each question, the rank from 1 of the first passage that holds its evidence; infinity where none does."""

    ranks: Vectors
    with_twins: Vectors
    """The same, where a document that says the same as the evidence's counts too."""
    within: Vectors
    """1 where that passage lies within the first READ_TOKENS tokens of what was found."""

    def cells(self, base: "Outcome", *, twins: bool) -> list[str]:
        """Recall@5, MRR@10 and read; the MRR is marked where it differs from that of `base` at the 5 % level."""
        gain = reciprocal(self.ranks) - reciprocal(base.ranks)
        half = 1.96 * float(gain.std()) / np.sqrt(len(gain))
        mark = "" if abs(gain.mean()) <= half else " ▲" if gain.mean() > 0 else " ▼"
        shown = [f"{recall(self.ranks):.3f}", f"{reciprocal(self.ranks).mean():.3f}{mark}"]
        if twins:
            shown += [f"{recall(self.with_twins):.3f}", f"{reciprocal(self.with_twins).mean():.3f}"]
        return [*shown, f"{self.within.mean():.3f}"]


def recall(ranks: Vectors) -> float:
    return float((ranks <= 5).mean())


def reciprocal(ranks: Vectors) -> Floats:
    inverse: Floats = np.where(ranks <= 10, 1 / ranks, 0)
    return inverse


Selected = Callable[[list[Piece]], list[Piece]]


class Bench:
    """One corpus, cut in several ways, and asked its questions."""

    def __init__(
        self,
        corpus: Corpus,
        vectors: VectorCache,
        *,
        joined: bool = False,
        words: Callable[[str], str] = lambda question: question,
    ) -> None:
        """`joined` for long documents, of which a certain passage must be found rather than any.

        `words` gives what the word index is asked of a question.
        """
        self._words = words
        self.corpus = corpus
        self.joined = joined
        self._vectors = vectors
        self._questions = vectors.embed([asked.text for asked in corpus.questions])
        self.twins = corpus.twins()
        self.candidates = cache(self._candidates)

    def pieces(self, cut: Cut) -> Iterator[Piece]:
        for number, document in enumerate(self.corpus.documents):
            text, begin = document.text, 0
            for start, end in _passages(text, cut.target):
                first = start
                if cut.overlap and start:
                    first = begin + [a for a, _ in chunking.sentences(text[begin:start])][-1]
                [size] = EMBEDDER.count_tokens([text[first:end]])
                yield Piece(number, first, end, size)
                begin = start

    def _candidates(self, cut: Cut) -> tuple[list[Piece], list[Found]]:
        pieces = list(self.pieces(cut))
        texts = [self.text(piece).strip() for piece in pieces]
        titles = [self.corpus.documents[piece.document].title for piece in pieces]
        named = [
            text if text.startswith(title) else f"{title}\n\n{text}" for title, text in zip(titles, texts, strict=True)
        ]
        matrix = self._vectors.embed(named if cut.title_embedded else texts)
        with TemporaryDirectory() as folder:
            words = LexicalIndex(Path(folder))
            ids = [str(number) for number in range(len(pieces))]
            fields = titles if cut.title_field else [""] * len(pieces)
            words.replace(ids, fields, texts, ["all"] * len(pieces))
            lexical = [words.nearest(self._words(asked.text), DEPTH) for asked in self.corpus.questions]
        return pieces, [_found(matrix @ q, matches) for q, matches in zip(self._questions, lexical, strict=True)]

    def outcome(self, cut: Cut, fusion: Fusion, selected: Selected = lambda ranked: ranked) -> Outcome:
        pieces, found = self.candidates(cut)
        rows = []
        for asked, one in zip(self.corpus.questions, found, strict=True):
            ranked = [pieces[n] for n in one.numbers[np.argsort(-fusion(one), kind="stable")]]
            rows.append(self._ranks(asked.evidence, selected(ranked)))
        return Outcome(*np.array(rows, dtype=np.float32).T)

    def within_share(self, share: float) -> Selected:
        """The eight that the product's own selection leaves of the best 60."""

        def selected(ranked: list[Piece]) -> list[Piece]:
            passages = [
                RankedPassage(
                    Passage(str(n), piece.document, "", "", 0, piece.start, piece.end, self.text(piece)), 0, 0, 0
                )
                for n, piece in enumerate(ranked[: 2 * CANDIDATES])
            ]
            return [ranked[int(found.passage.id)] for found in select(passages, 8, share)]

        return selected

    def text(self, piece: Piece) -> str:
        return self.corpus.documents[piece.document].text[piece.start : piece.end]

    def _ranks(self, evidence: Sequence[Evidence], ranked: Sequence[Piece]) -> tuple[float, float, float]:
        first = twin = float("inf")
        read, within = 0, 0.0
        twins = {other for at in evidence for other in self.twins.get(at.document, {at.document})}
        for rank, piece in enumerate(ranked, start=1):
            read += piece.size
            if piece.document in twins:
                twin = min(twin, rank)
            if any(holds(piece, at, whole=not self.joined) for at in evidence):
                first, within = rank, float(read <= READ_TOKENS)
                break
        return first, min(first, twin), within


@cache
def _passages(text: str, target: int) -> list[chunking.Span]:
    return chunking.passages(text, EMBEDDER.count_tokens, target)


def holds(piece: Piece, at: Evidence, *, whole: bool) -> bool:
    """Whether half of the evidence stands in the passage, or fills half of it; `whole`: its document is enough."""
    shared = min(piece.end, at.end) - max(piece.start, at.start)
    enough = whole or shared * 2 >= min(at.end - at.start, piece.end - piece.start)
    return piece.document == at.document and enough


def _found(cosine: Vectors, lexical: Sequence[Match]) -> Found:
    dense = np.argsort(-cosine, kind="stable")[:DEPTH]
    words = {int(match.id): (rank, match.score) for rank, match in enumerate(lexical)}
    numbers = np.array(list(dict.fromkeys([*dense.tolist(), *words])), dtype=np.int64)
    ranks = {number: rank for rank, number in enumerate(dense.tolist())}
    return Found(
        numbers,
        cosine[numbers],
        np.array([words.get(n, (DEPTH, 0.0))[1] for n in numbers], dtype=np.float32),
        np.array([ranks.get(n, DEPTH) for n in numbers]),
        np.array([words.get(n, (DEPTH, 0.0))[0] for n in numbers]),
    )


def cuts() -> list[Cut]:
    base = Cut()
    sizes = [replace(base, target=target) for target in (64, 96, 160, 224)]
    titles = [
        replace(base, title_field=False),
        replace(base, title_embedded=True),
        replace(base, title_embedded=True, title_field=False),
    ]
    return [*sizes, replace(base, overlap=True), *titles]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="the folder with the public sets")
    parser.add_argument("--questions", type=int, default=2000, help="asked of each corpus at most")
    parser.add_argument("--tables", nargs="*", choices=TABLES, default=TABLES)
    parser.add_argument("--vectors", type=Path, default=Path("runs/sweep/vectors.npz"))
    options = parser.parse_args()
    vectors = VectorCache(options.vectors)
    with unpacked(options.data, ["nq_oracle_holdout", "qed", "xquad_en", "squadshifts_new_wiki"]) as folders:
        pooled, xquad, wiki = load(folders[:2]), load(folders[2:3]), load(folders[3:])
        if "shipped" in options.tables:
            shipped(folders[:2], Bench(pooled, vectors), vectors)
    count = options.questions
    articles = wiki.as_articles()
    benches = [
        Bench(pooled.sample(count), vectors),
        Bench(xquad.as_articles().sample(count), vectors, joined=True),
        Bench(articles.sample(count), vectors, joined=True),
        Bench(xquad.sample(count), vectors),
        Bench(wiki.sample(count), vectors),
    ]
    untitled = Bench(pooled.untitled().sample(count), vectors)
    beside = Bench(pooled.beside(articles).sample(count), vectors)
    for bench in (*benches, untitled, beside):
        asked, documents = len(bench.corpus.questions), len(bench.corpus.documents)
        print(f"- {bench.corpus.name}: {documents:,} documents, {asked:,} questions")
    if "fusion" in options.tables:
        table(benches, "fusion", {name: (Cut(), fusion) for name, fusion in FUSIONS.items()})
    if "cut" in options.tables:
        table(benches[:3], "cut", {str(cut): (cut, product()[1]) for cut in cuts()})
    if "titles" in options.tables:
        titles = [cut for cut in cuts() if cut.target == Cut().target and not cut.overlap]
        table([untitled], "titles that are not in the text", {str(cut): (cut, product()[1]) for cut in titles})
    if "k" in options.tables:
        depths(benches)
    if "shares" in options.tables:
        shares(benches[1], benches[2], beside)
    if "perturbed" in options.tables:
        for kind, perturb in PERTURBATIONS.items():
            perturbed(benches[0], kind, perturb, vectors)


def shipped(folders: Sequence[Path], bench: Bench, vectors: VectorCache) -> None:
    """What the product itself finds, with Chroma and everything else that the tables above leave out."""

    class Remembering(MiniLmEmbedder):
        def embed(self, texts: Sequence[str]) -> Vectors:
            return vectors.embed(texts)

    numbers = {document.file: number for number, document in enumerate(bench.corpus.documents)}
    rows = []
    with TemporaryDirectory() as folder, closing(Library(Path(folder), Remembering())) as library:
        index_sources(library, [str(one / "docs") for one in folders])
        for asked in bench.corpus.questions:
            found = [numbers[Path(one.passage.source).name] for one in search(library, asked.text, 10).passages]
            wanted = {at.document for at in asked.evidence}
            rows.append((rank_of(found, wanted), rank_of(found, {n for at in wanted for n in bench.twins[at]})))
    strict, twins = np.array(rows, dtype=np.float32).T
    print("\n| as shipped | recall@5 | MRR@10 | recall@5 with twins | MRR@10 with twins |\n|---|---:|---:|---:|---:|")
    cells = [recall(strict), reciprocal(strict).mean(), recall(twins), reciprocal(twins).mean()]
    print(f"| {bench.corpus.name} | {' | '.join(f'{cell:.3f}' for cell in cells)} |", flush=True)


def rank_of(found: Sequence[int], wanted: Container[int]) -> float:
    return next((rank for rank, number in enumerate(found, start=1) if number in wanted), float("inf"))


def depths(benches: Sequence[Bench]) -> None:
    """How often the evidence is among the first k, which are those that are read."""
    read = (1, 3, 5, 8, 12, 20)
    print(f"\n| passages read | {' | '.join(map(str, read))} |\n|---{'|---:' * len(read)}|")
    for bench in benches:
        ranks = bench.outcome(Cut(), product()[1]).ranks
        print(f"| {bench.corpus.name} | {' | '.join(f'{(ranks <= k).mean():.3f}' for k in read)} |", flush=True)


def shares(*benches: Bench) -> None:
    """How often the evidence is among the eight that are read, by the share that one document may have of them."""
    print(f"\n| share of one document | {' | '.join(bench.corpus.name for bench in benches)} |")
    print(f"|---{'|---:' * len(benches)}|")
    for share in (0.25, 0.375, 0.5, 0.75, 1):
        found = [bench.outcome(Cut(), product()[1], bench.within_share(share)) for bench in benches]
        print(f"| {share:.1%} | {' | '.join(f'{np.isfinite(one.ranks).mean():.3f}' for one in found)} |", flush=True)


def perturbed(bench: Bench, kind: str, perturb: Callable[[str], str], vectors: VectorCache) -> None:
    """What the questions that `perturb` changes find before and after."""
    changed = [asked for asked in bench.corpus.questions if perturb(asked.text) != asked.text]
    before = Bench(replace(bench.corpus, questions=tuple(changed)), vectors)
    other = (replace(asked, text=perturb(asked.text)) for asked in changed)
    after = Bench(replace(bench.corpus, name=f"{kind}, {len(changed):,} questions", questions=tuple(other)), vectors)
    known = {stem for document in bench.corpus.documents for stem in stems(document.text)}

    def spelled(question: str) -> str:
        """Only the words that are somewhere in the corpus: what is found if nothing is done about slips."""
        return " ".join(word for word in question.split() if known.issuperset(stems(word)))

    strict = Bench(after.corpus, vectors, words=spelled)
    rows = [
        ("dense alone", before, after, FUSIONS["dense alone"]),
        ("BM25 alone", before, after, FUSIONS["BM25 alone"]),
        ("BM25 alone, slips not forgiven", before, strict, FUSIONS["BM25 alone"]),
        ("fused", before, after, product()[1]),
        ("fused, slips not forgiven", before, strict, product()[1]),
    ]
    print(f"\n| {after.corpus.name} | recall@5 with twins: before | after | MRR@10 with twins: before | after |")
    print(f"|---{'|---:' * 4}|")
    for name, first, second, fusion in rows:
        pair = [one.outcome(Cut(), fusion).with_twins for one in (first, second)]
        cells = [*(f"{recall(ranks):.3f}" for ranks in pair), *(f"{reciprocal(ranks).mean():.3f}" for ranks in pair)]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def table(benches: Sequence[Bench], what: str, rows: Mapping[str, tuple[Cut, Fusion]]) -> None:
    columns = [
        f"{bench.corpus.name}: {column}"
        for number, bench in enumerate(benches)
        for column in ("recall@5", "MRR@10", *(("recall@5 with twins", "MRR@10 with twins") * (number == 0)), "read")
    ]
    print(f"\n| {what} | {' | '.join(columns)} |\n|---{'|---:' * len(columns)}|")
    bases = [bench.outcome(Cut(), product()[1]) for bench in benches]
    for name, (cut, fusion) in rows.items():
        cells = [
            cell
            for number, (bench, base) in enumerate(zip(benches, bases, strict=True))
            for cell in bench.outcome(cut, fusion).cells(base, twins=number == 0)
        ]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
