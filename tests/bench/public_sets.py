"""The public question sets as the benches use them: documents, and questions with the places of their evidence."""

import json
import random
import re
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

_SHINGLE = 5
_TWIN_SHARE = 0.7


@dataclass(frozen=True)
class Evidence:
    """A stretch of a document that answers. `document` is its place in the corpus."""

    document: int
    start: int
    end: int


@dataclass(frozen=True)
class Asked:
    text: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Text:
    title: str
    text: str
    file: str = ""


@dataclass(frozen=True)
class Corpus:
    """Texts start with their titles. Only questions whose evidence was found in the corpus are here."""

    name: str
    documents: tuple[Text, ...]
    questions: tuple[Asked, ...]

    def sample(self, count: int) -> "Corpus":
        """The same corpus with at most `count` questions, always the same ones."""
        asked = self.questions
        return replace(self, questions=tuple(random.Random(6).sample(asked, min(count, len(asked)))))  # noqa: S311

    def as_articles(self) -> "Corpus":
        """Paragraphs with the same title put together into one long document."""
        texts: dict[str, str] = {}
        places: list[tuple[str, int]] = []
        for document in self.documents:
            body = document.text.removeprefix(document.title).strip()
            start = texts.setdefault(document.title, document.title + "\n\n")
            places.append((document.title, len(start) - document.text.index(body)))
            texts[document.title] = f"{start}{body}\n\n"
        numbers = {title: number for number, title in enumerate(texts)}

        def moved(at: Evidence) -> Evidence:
            title, shift = places[at.document]
            return Evidence(numbers[title], max(0, at.start + shift), at.end + shift)

        questions = tuple(replace(asked, evidence=tuple(map(moved, asked.evidence))) for asked in self.questions)
        documents = tuple(Text(title, text) for title, text in texts.items())
        return Corpus(f"{self.name}, joined to articles", documents, questions)

    def untitled(self) -> "Corpus":
        """The same without the titles in the texts: they are known, as of a web page, but not part of what is read."""
        shifts, documents = [], []
        for document in self.documents:
            body = document.text.removeprefix(document.title).strip()
            shifts.append(document.text.index(body))
            documents.append(Text(document.title, body))

        def moved(at: Evidence) -> Evidence:
            shift = shifts[at.document]
            return Evidence(at.document, max(0, at.start - shift), at.end - shift)

        questions = tuple(replace(asked, evidence=tuple(map(moved, asked.evidence))) for asked in self.questions)
        return Corpus(f"{self.name}, without titles", tuple(documents), questions)

    def beside(self, other: "Corpus") -> "Corpus":
        """Both in one corpus."""
        first = len(self.documents)

        def moved(at: Evidence) -> Evidence:
            return Evidence(first + at.document, at.start, at.end)

        questions = (replace(asked, evidence=tuple(map(moved, asked.evidence))) for asked in other.questions)
        return Corpus(f"{self.name} + {other.name}", (*self.documents, *other.documents), (*self.questions, *questions))

    def twins(self) -> dict[int, set[int]]:
        """For each document, those that say the same: most five-word stretches of the shorter one are in the other."""
        shingles = [_shingles(document.text) for document in self.documents]
        holders: dict[str, list[int]] = {}
        for number, own in enumerate(shingles):
            for shingle in own:
                holders.setdefault(shingle, []).append(number)
        shared: dict[tuple[int, int], int] = {}
        for numbers in holders.values():
            for first in numbers:
                for second in numbers:
                    shared[first, second] = shared.get((first, second), 0) + 1
        twins: dict[int, set[int]] = {}
        for (first, second), count in shared.items():
            if count >= _TWIN_SHARE * min(len(shingles[first]), len(shingles[second])):
                twins.setdefault(first, set()).add(second)
        return twins


def _shingles(text: str) -> set[str]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {" ".join(words[n : n + _SHINGLE]) for n in range(max(1, len(words) - _SHINGLE + 1))}


@contextmanager
def unpacked(data: Path, names: Iterable[str]) -> Iterator[list[Path]]:
    """The folders of those sets, unpacked for the time being where `data` holds archives."""
    with TemporaryDirectory() as made:
        folders = []
        for name in names:
            if (archive := data / f"{name}.tar.gz").is_file():
                with tarfile.open(archive) as packed:
                    packed.extractall(made, filter="data")
                folders.append(Path(made, name))
            else:
                folders.append(data / name)
        yield folders


def load(folders: Sequence[Path]) -> Corpus:
    """The sets in `folders` as one corpus."""
    documents: list[Text] = []
    questions: list[Asked] = []
    for folder in folders:
        places: dict[str, int] = {}
        for path in sorted(folder.glob("docs/*.txt")):
            text = path.read_text(encoding="utf-8")
            places[path.name] = len(documents)
            documents.append(Text(text.partition("\n\n")[0], text, path.name))
        for line in (folder / "cases.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            if case["answerable"] and (evidence := tuple(_evidence(case, documents, places))):
                questions.append(Asked(case["question"], evidence))
    return Corpus(" + ".join(folder.name for folder in folders), tuple(documents), tuple(questions))


def _evidence(case: dict[str, list[str]], documents: Sequence[Text], places: dict[str, int]) -> Iterator[Evidence]:
    """Where the evidence stands; the whole source of a question that has none marked."""
    for source in case["sources"]:
        text = documents[places[source]].text
        for words in case["evidence"] or [text]:
            if (start := text.find(words)) >= 0:
                yield Evidence(places[source], start, start + len(words))
