"""How search and answers hold up as the index grows: `make bench-growth DATA=folder`.

Passages and vectors are real up to a few thousand. Beyond, a passage is made of five sentences drawn from real ones,
and its vector of the vectors of the passages they came from, with some noise: as many different words and
directions as a real corpus has. The needles, 200 real questions and the passages that answer them, are the same at
every size. Each size is measured in a process of its own.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import numpy as np
from public_sets import Corpus, load, unpacked

from bot.compose import answering, warm
from bot.settings import Settings
from index import chunking
from index.build import index_sources
from index.embedding import MiniLmEmbedder, unit
from index.library import Library
from index.reader import Reader, Reading
from index.search import fuse, search
from index.types import Change, Document, Vectors

NEEDLES = 200
BATCH = 5000
PASSAGES_PER_DOCUMENT = 20


class TimedEmbedder(MiniLmEmbedder):
    """Knows how long it has worked, in milliseconds."""

    spent = 0.0

    def embed(self, texts: Sequence[str]) -> Vectors:
        started = time.perf_counter()
        vectors = super().embed(texts)
        self.spent += 1e3 * (time.perf_counter() - started)
        return vectors


class TimedReader(Reader):
    """Likewise. It reads each question once, so nothing is remembered."""

    spent = 0.0

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        started = time.perf_counter()
        readings = super().read(question, texts)
        self.spent += 1e3 * (time.perf_counter() - started)
        return readings


def rss_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def grow(folder: Path, url: str | None, corpus: Corpus, pool: tuple[list[str], Vectors], size: int) -> None:
    """Makes an index of `size` passages: the needles' documents, and fillers that are none of them."""
    chance = random.Random(size)  # noqa: S311
    wanted = [corpus.documents[at.document].text for asked in corpus.questions for at in asked.evidence[:1]]
    with closing(Library(folder, EMBEDDER, chroma_url=url)) as library:
        library.catalog.set_meta("embedder", EMBEDDER.name)
        write(library, wanted, EMBEDDER.embed(wanted), "needles")
        left = size - len(wanted)
        for number in range(0, left, BATCH):
            texts, vectors = fillers(pool, min(BATCH, left - number), chance)
            write(library, texts, vectors, f"fillers {number}")
            print(f"{number + len(texts):,} of {left:,} fillers", file=sys.stderr)


def fillers(pool: tuple[list[str], Vectors], count: int, chance: random.Random) -> tuple[list[str], Vectors]:
    passages, own = pool
    texts, vectors = [], np.empty((count, own.shape[1]), dtype=np.float32)
    noise = np.random.default_rng(chance.randrange(2**32))
    for row in range(count):
        picked = chance.choices(range(len(passages)), k=5)
        texts.append(" ".join(chance.choice(passages[n].splitlines()) for n in picked))
        # One passage leads, as a real passage has one subject.
        vectors[row] = own[picked[0]] + 0.25 * own[picked[1:]].sum(axis=0) + noise.normal(scale=0.02, size=own.shape[1])
    return texts, unit(vectors)


def write(library: Library, texts: Sequence[str], vectors: Vectors, name: str) -> None:
    ids = [chunking.passage_id("default", text) for text in texts]
    library.vectors.upsert(ids, texts, vectors, ["default"] * len(ids))
    library.words.replace(ids, [""] * len(ids), texts, ["default"] * len(ids))
    changes = []
    for first in range(0, len(texts), PASSAGES_PER_DOCUMENT):
        own = texts[first : first + PASSAGES_PER_DOCUMENT]
        ends = np.cumsum([len(text) for text in own]).tolist()
        spans = [(ids[first + n], end - len(text), end) for n, (text, end) in enumerate(zip(own, ends, strict=True))]
        key = f"{name} {first}"
        changes.append(Change(Document(key, key, key, "".join(own)), "default", key, spans))
    library.catalog.replace(changes)


def measure(folder: Path, asked: Path, url: str | None) -> None:
    """Prints one JSON object about the index in `folder`, of questions with the ids of their needles."""
    questions: list[tuple[str, str]] = json.loads(asked.read_text(encoding="utf-8"))
    EMBEDDER.embed(["The model is loaded."])
    before = rss_mb()
    started = time.perf_counter()
    with closing(Library(folder, EMBEDDER, chroma_url=url)) as library:
        search(library, questions[0][0], 8)
        opened = time.perf_counter() - started
        laps: dict[str, list[float]] = {}
        hits = 0
        for question, needle in questions:
            result = search(library, question, 8)
            hits += needle in [found.passage.id for found in result.passages[:5]]
            for name, spent in result.timings_ms.items():
                laps.setdefault(name, []).append(spent)
        beyond = [total - embed for total, embed in zip(laps["total"], laps["embed"], strict=True)]
        library.catalog.set_meta("bench", "another process has written")
        started = time.perf_counter()
        search(library, questions[1][0], 8)
        refreshed = time.perf_counter() - started
        resident = rss_mb()
        note = folder.with_suffix(".txt")
        note.write_text("One more note, about the harbour office.", encoding="utf-8")
        started = time.perf_counter()
        index_sources(library, [str(note)])
        added = time.perf_counter() - started
        report = {
            "passages": len(library.vectors) - 1,
            "beyond_ms": median(beyond),
            "beyond_p95_ms": quantiles(beyond, n=20)[-1],
            **{f"{name}_ms": median(laps[name]) for name in ("dense", "lexical", "fuse")},
            "recall@5": hits / len(questions),
            "recall@5 exhaustively": exhaustive(library, questions),
            "open_s": opened,
            "refresh_s": refreshed,
            "add_one_s": added,
            "rss_mb": resident,
            "models_mb": before,
            "disk_mb": sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6,
        }
    print(json.dumps(report))


def exhaustive(library: Library, questions: Sequence[tuple[str, str]]) -> float:
    """Recall@5 of the needles if the nearest vectors are looked for among all of them, one by one."""
    stored = library.vectors.vectors(sorted(library.vectors.ids()))
    names, matrix = list(stored), np.stack(list(stored.values()))
    hits = 0
    for question, needle in questions:
        vector = library.embed_question(question)
        cosines = matrix @ vector
        words = dict(library.words.nearest(question, 30))
        nearest = {names[n]: float(cosines[n]) for n in np.argsort(-cosines)[:30]}
        nearest |= {name: float(stored[name] @ vector) for name in words}
        hits += needle in list(fuse(nearest, words))[:5]
    return hits / len(questions)


async def answers(library: Library, questions: Sequence[str]) -> dict[str, float]:
    """Milliseconds from question to whole embedded answer, and what of them the two models did not take."""
    settings = Settings()  # type: ignore[call-arg] # the values come from the environment
    reader = TimedReader()
    parts = replace(answering(settings, library, "embedded"), reader=reader)
    warm(parts)
    from bot.answering import whole_answer
    from bot.types import Question

    totals, others = [], []
    for question in questions:
        EMBEDDER.spent = reader.spent = 0.0
        started = time.perf_counter()
        await whole_answer(parts.stream(Question(question)))
        totals.append(1e3 * (time.perf_counter() - started))
        others.append(totals[-1] - EMBEDDER.spent - reader.spent)
    return {
        "answer_ms": median(totals),
        "answer_p95_ms": quantiles(totals, n=20)[-1],
        "beside_the_models_ms": median(others),
        "beside_the_models_p95_ms": quantiles(others, n=20)[-1],
    }


EMBEDDER = TimedEmbedder()


def curve(options: argparse.Namespace, corpus: Corpus) -> Iterator[dict[str, float]]:
    sampled = corpus.sample(NEEDLES)
    needles = {at.document for asked in sampled.questions for at in asked.evidence}
    twins = corpus.twins()
    hidden = {twin for number in needles for twin in twins[number]}
    rest = [document.text for number, document in enumerate(corpus.documents) if number not in hidden]
    passages = [
        "\n".join(" ".join(text[a:b].split()) for a, b in chunking.sentences(text) if text[a:b].strip())
        for text in random.Random(0).sample(rest, 1000)  # noqa: S311
    ]
    pool = passages, EMBEDDER.embed(passages)
    with TemporaryDirectory() as made:
        asked = Path(made, "questions.json")
        texts = [corpus.documents[question.evidence[0].document].text for question in sampled.questions]
        ids = [chunking.passage_id("default", text) for text in texts]
        pairs = [(question.text, name) for question, name in zip(sampled.questions, ids, strict=True)]
        asked.write_text(json.dumps(pairs), encoding="utf-8")
        for size in options.sizes:
            folder = Path(made, str(size))
            grow(folder, options.chroma_url, sampled, pool, size)
            command = [sys.executable, __file__, "--measure", str(folder), str(asked)]
            command += ["--chroma-url", options.chroma_url] if options.chroma_url else []
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
            yield json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, nargs="?", help="the folder with the public sets")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--chroma-url", help="a server to keep the vectors on, started with `chroma run --path FOLDER`")
    parser.add_argument("--measure", type=Path, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        folder, asked = options.measure
        measure(folder, asked, options.chroma_url)
        return
    with unpacked(options.data, ["nq_oracle_holdout"]) as folders:
        corpus = load(folders)
        with TemporaryDirectory() as made:
            os.environ["CITEBOT_HOME"] = made
            with closing(Library(Path(made, "index"), EMBEDDER)) as library:
                report = index_sources(library, [str(folders[0] / "docs")])
                questions = [asked.text for asked in corpus.sample(NEEDLES).questions]
                timings = asyncio.run(answers(library, questions))
        print(f"{report.added:,} documents, {len(questions)} questions, 8 passages read, {os.cpu_count()} cores")
        print("\n".join(f"{name}: {value:.1f}" for name, value in timings.items()), flush=True)
    for number, row in enumerate(curve(options, corpus)):
        if number == 0:
            print(f"\n| {' | '.join(row)} |\n{'|---:' * len(row)}|")
        print(
            f"| {' | '.join(f'{value:,.3f}' if value < 10 else f'{value:,.0f}' for value in row.values())} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
