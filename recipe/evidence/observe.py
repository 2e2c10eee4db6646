"""Asks every case of the fitting sets once and keeps what was found and read, so that fitting takes seconds.

    python recipe/evidence/observe.py DATA WORK

DATA holds the public sets as archives NAME.tar.gz; indexes and observations go to WORK, and what is there is kept.
"""

import argparse
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.condense import carry_over
from bot.evals.cases import Case, read_cases
from bot.progress import CaseProgress
from bot.signals import answering_sentences
from index.build import index_sources
from index.embedding import MiniLmEmbedder
from index.library import Library
from index.reader import Reader
from index.search import search

HERE = Path(__file__).parent
SETS = {
    "nq": (("nq_oracle_holdout",), None),
    "qed": (("qed",), None),
    "near_topic": (("xquad_en",), HERE / "near_topic.jsonl"),
    "follow_ups": (("xquad_en", "qed"), HERE / "follow_ups.jsonl"),
}
"""Each set: the corpora that are indexed for it, and its cases where they are not those of the corpus."""
PASSAGES = 8
ONE_ARTICLE = "one_article"
"""The near-topic questions, and every third of XQuAD's own, each asked of nothing but its article: in a corpus on one
topic everything looks alike, and what tells topics apart helps little."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    options = parser.parse_args()
    for name, (corpora, cases) in SETS.items():
        out = options.work / f"{name}.jsonl"
        if out.exists():
            continue
        folders = [unpacked(options.data, corpus, options.work) for corpus in corpora]
        with closing(Library(options.work / f"{name}-index", MiniLmEmbedder())) as library:
            index_sources(library, [str(folder / "docs") for folder in folders])
            rows = list(observed(library, read_cases(cases or folders[0] / "cases.jsonl"), name))
        write(out, rows)
    if not (out := options.work / f"{ONE_ARTICLE}.jsonl").exists():
        write(out, one_article(unpacked(options.data, "xquad_en", options.work), options.work))


def one_article(corpus: Path, work: Path) -> list[dict[str, Any]]:
    """Observations where each article is a document set of its own; the first line of a paragraph names its article."""
    article = {path.name: path.read_text(encoding="utf-8").partition("\n")[0] for path in (corpus / "docs").iterdir()}
    cases = [*read_cases(HERE / "near_topic.jsonl"), *read_cases(corpus / "cases.jsonl")[::3]]
    with closing(Library(work / f"{ONE_ARTICLE}-index", MiniLmEmbedder())) as library:
        for title in sorted(set(article.values())):
            paragraphs = [str(corpus / "docs" / name) for name, its_title in article.items() if its_title == title]
            index_sources(library, paragraphs, collection=title)
        return list(observed(library, cases, ONE_ARTICLE, lambda case: (article[case.sources[0]],)))


def write(out: Path, rows: list[dict[str, Any]]) -> None:
    out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def unpacked(data: Path, corpus: str, work: Path) -> Path:
    if not (work / corpus).is_dir():
        with tarfile.open(data / f"{corpus}.tar.gz") as archive:
            archive.extractall(work, filter="data")
    return work / corpus


def observed(
    library: Library, cases: list[Case], name: str, searched: Callable[[Case], tuple[str, ...]] = lambda _: ()
) -> Iterator[dict[str, Any]]:
    """What is found and read for each case; `searched` says in which document sets, if not in all."""
    reader = Reader()
    with CaseProgress(name, len(cases), 0, kept="what is complete is kept.") as progress:
        for case in cases:
            standalone = carry_over(case.question, case.history)
            found = search(library, standalone.search_text, PASSAGES, searched(case)).passages
            readings = reader.read(standalone.question, [each.passage.text for each in found])
            answering = [
                each.passage.text[slice(*answering_sentences(each.passage.text, reading))]
                for each, reading in zip(found, readings, strict=True)
            ]
            yield {
                "question": standalone.question,
                "answerable": case.answerable,
                "answers": case.answers,
                "evidence": case.evidence,
                "found": [asdict(each) for each in found],
                "readings": [asdict(reading) for reading in readings],
                "sentence_margins": [each.margin for each in reader.read(standalone.question, answering)],
            }
            progress()


if __name__ == "__main__":
    main()
