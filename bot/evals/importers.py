"""Public question sets in their own formats -> documents and cases: SQuAD 1.1 and 2.0 JSON, BEIR folders, CSV."""

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.errors import BadInput
from bot.evals.cases import read_cases
from index.chunking import sentences

SEPARATOR = "|"
"""Between accepted answers, evidence strings, tags or sources in one CSV field."""
_YES = {"": True, "1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_LISTS = ("answers", "evidence", "tags", "sources")
_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Imported:
    """Documents by file name, and cases as the objects of their lines."""

    documents: dict[str, str] = field(default_factory=dict)
    cases: list[dict[str, Any]] = field(default_factory=list)


def import_cases(source: Path, folder: Path, split: str = "test") -> Imported:
    """Reads `source`, whose format its name tells, and writes `folder`/docs/*.txt and `folder`/cases.jsonl.

    A folder is BEIR, `.json` is SQuAD, `.csv` is a table with a header. `split` names the qrels file of a BEIR
    folder. Each case pins its sources. A CSV file has no documents: its sources are documents of yours.

    Raises:
        BadInput: the source is not of that format, or the folder cannot be written.
    """
    readers: dict[str, Callable[[], Imported]] = {
        "": lambda: beir(source, split),
        ".json": lambda: squad(_parsed(source)),
        ".csv": lambda: table(source),
    }
    kind = "" if source.is_dir() else source.suffix.lower()
    if kind not in readers:
        raise BadInput(f"{source} is not of a known format: give SQuAD as .json, a table as .csv, or a BEIR folder.")
    try:
        imported = readers[kind]()
        _write(imported, folder)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        expected = {"": "a BEIR folder", ".json": "SQuAD", ".csv": "a table of cases"}[kind]
        raise BadInput(f"{source} is not {expected} ({type(error).__name__}: {error}).") from error
    except OSError as error:
        raise BadInput(f"{error.filename or source} cannot be used: {error.strerror}.") from error
    read_cases(folder / "cases.jsonl")
    return imported


def squad(data: Any) -> Imported:
    """SQuAD 1.1 and 2.0: each paragraph is a document, and the sentences of the first answer are the evidence.

    Format: {"data": [{"title", "paragraphs": [{"context", "qas": [{"id", "question", "answers": [{"text",
    "answer_start"}], "is_impossible"}]}]}]}.
    """
    imported = Imported()
    for article in data["data"]:
        for paragraph in article["paragraphs"]:
            title, raw = article.get("title", "").replace("_", " "), paragraph["context"]
            context = _plain(raw)
            name = _file_name(title, context)
            imported.documents[name] = f"{title}\n\n{context}\n" if title else f"{context}\n"
            for asked in paragraph["qas"]:
                possible = not asked.get("is_impossible", False)
                answers = asked["answers"] if possible else []
                evidence = _around(raw, answers[0]["answer_start"], answers[0]["text"]) if answers else []
                imported.cases.append(
                    {
                        "id": str(asked["id"]),
                        "question": asked["question"],
                        "answers": _distinct(each["text"] for each in answers),
                        "evidence": evidence,
                        "answerable": possible,
                        "sources": [name],
                    }
                )
    return imported


def beir(folder: Path, split: str) -> Imported:
    """BEIR: corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv. The whole text of a relevant document is evidence.

    Thakur et al., "BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of Information Retrieval Models",
    NeurIPS 2021. There are no accepted answers, so only retrieval and citations are scored.
    """
    imported = Imported()
    texts: dict[str, tuple[str, str]] = {}
    for line in _lines(folder / "corpus.jsonl"):
        title, text = " ".join(line.get("title", "").split()), _plain(line["text"])
        if text:
            name = _file_name(str(line["_id"]), str(line["_id"]))
            texts[str(line["_id"])] = (name, text)
            imported.documents[name] = f"{title}\n\n{text}\n" if title else f"{text}\n"
    relevant: dict[str, list[str]] = {}
    with (folder / "qrels" / f"{split}.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if int(row["score"]) > 0 and row["corpus-id"] in texts:
                relevant.setdefault(row["query-id"], []).append(row["corpus-id"])
    for line in _lines(folder / "queries.jsonl"):
        found = [texts[each] for each in relevant.get(str(line["_id"]), [])]
        if found:
            imported.cases.append(
                {
                    "id": str(line["_id"]),
                    "question": line["text"],
                    "answers": [],
                    "evidence": _distinct(text for _, text in found),
                    "answerable": True,
                    "sources": [name for name, _ in found],
                }
            )
    return imported


def table(path: Path) -> Imported:
    """CSV with a header: question, and of id, answers, evidence, answerable, tags, sources what there is.

    Several values in one field are separated by "|". `answerable` is yes unless it says no, false or 0.
    """
    imported = Imported()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if "question" not in (rows.fieldnames or []):
            raise ValueError("it has no column named question")
        for number, row in enumerate(rows, start=1):
            lists = {name: [part.strip() for part in (row.get(name) or "").split(SEPARATOR)] for name in _LISTS}
            imported.cases.append(
                {
                    "id": (row.get("id") or "").strip() or str(number),
                    "question": row["question"],
                    "answerable": _YES[(row.get("answerable") or "").strip().lower()],
                    **{name: [part for part in parts if part] for name, parts in lists.items()},
                }
            )
    return imported


def _write(imported: Imported, folder: Path) -> None:
    docs = folder / "docs"
    (docs if imported.documents else folder).mkdir(parents=True, exist_ok=True)
    for name, text in imported.documents.items():
        (docs / name).write_text(text, encoding="utf-8", newline="\n")
    pins = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in imported.documents.items()}
    with (folder / "cases.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for case in imported.cases:
            pinned = {name: pins[name] for name in case["sources"] if name in pins}
            line = case | ({"source_sha256": pinned} if pinned else {})
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _around(context: str, start: int, answer: str) -> list[str]:
    """The sentences that hold the answer, as one string of the context."""
    end = start + len(answer)
    spans = [(a, b) for a, b in sentences(context) if a < end and start < b]
    return [_plain(context[spans[0][0] : spans[-1][1]]).strip()] if spans else []


def _plain(text: str) -> str:
    """The text as it will be read back from its file."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\0", "").strip("\n")


def _file_name(label: str, content: str) -> str:
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    return f"{_NAME.sub('-', label).strip('-')[:40] or 'document'}-{digest}.txt"


def _distinct(items: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(items))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def _parsed(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8-sig"))
