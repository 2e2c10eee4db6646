"""Where the evidence of a case lies in the index, and whether its sources are what they were."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.evals.cases import Case
from bot.quoting import Quotable
from bot.types import Citation
from index import chunking
from index.catalog import Catalog, Entry
from index.types import Passage

_SEPARATOR = re.compile(r"[/\\]+")


@dataclass(frozen=True, slots=True)
class Place:
    """The stretch `start` to `end`, in code points, of the document indexed as `source`."""

    source: str
    start: int
    end: int

    def overlaps(self, citation: Citation) -> bool:
        return self.source == citation.source and self.start < citation.end and citation.start < self.end


@dataclass(frozen=True, slots=True)
class Evidence:
    """One evidence string: every place where it stands, and the ids of the passages that overlap one.

    Without a place it is in no indexed document that the case names.
    """

    places: tuple[Place, ...]
    passages: frozenset[str]


class Sources:
    """The indexed documents as cases name them. Reads the catalogue once; make a new one when it has changed."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._entries = catalog.entries()
        self._by_name: dict[str, list[Entry]] = {}
        for entry in self._entries:
            for name in {_parts(entry.source)[-1], _parts(entry.key)[-1]}:
                self._by_name.setdefault(name, []).append(entry)
        self._text = lru_cache(maxsize=512)(catalog.text)
        self._passages = lru_cache(maxsize=2048)(catalog.passages_of)

    def named(self, name: str) -> list[Entry]:
        """The indexed documents whose path or URL ends with `name`, whole parts of the path only."""
        wanted = _parts(name)
        return [
            entry
            for entry in self._by_name.get(wanted[-1], [])
            if wanted in (_parts(entry.source)[-len(wanted) :], _parts(entry.key)[-len(wanted) :])
        ]

    def digests(self, name: str) -> list[str]:
        """SHA-256 of the text, in UTF-8, of each document that `name` names, sorted; none if there is no such one.

        Of a plain UTF-8 text file with Unix line ends, that is the digest of the file.
        """
        return sorted({_sha256(self._text(entry.id)) for entry in self.named(name)})

    def stale(self, case: Case) -> str:
        """Why the case cannot be counted, its pinned source being another one now or gone; empty if it can."""
        for name, pinned in (case.source_sha256 or {}).items():
            now = self.digests(name)
            if not now:
                return f"{name} is no longer indexed"
            if pinned not in now:
                return f"{name} has changed since the case was written"
        return ""

    def locate(self, case: Case) -> list[Evidence]:
        """Where each evidence string of the case stands in its sources, or in any document if it names none."""
        entries = [entry for name in case.sources for entry in self.named(name)] if case.sources else self._entries
        return [self._find(words, entries) for words in case.evidence]

    def holds(self, citation: Citation) -> bool:
        """Whether the quote stands in the source character for character, at the offsets that the citation names."""
        return any(
            self._text(entry.id)[citation.start : citation.end] == citation.quote
            for entry in self._by_name.get(_parts(citation.source)[-1], [])
            if entry.source == citation.source
        )

    def fingerprint(self) -> str:
        """A digest of what is indexed and how: texts, sets, the way they are cut, the embedding model.

        It does not depend on where the files lie, so the same index made elsewhere has the same one.
        """
        documents = sorted(f"{entry.collection}\0{_sha256(self._catalog.text(entry.id))}" for entry in self._entries)
        made = (str(chunking.VERSION), self._catalog.meta("embedder") or "", str(self.passages))
        return _sha256("\n".join((*made, *documents)))

    @property
    def documents(self) -> int:
        return len(self._entries)

    @property
    def passages(self) -> int:
        return sum(entry.passages for entry in self._entries)

    def _find(self, words: str, entries: Sequence[Entry]) -> Evidence:
        places: list[Place] = []
        passages: set[str] = set()
        for entry in entries:
            for start, end in _occurrences(self._text(entry.id), words):
                places.append(Place(entry.source, start, end))
                held = [passage for passage in self._passages(entry.id) if passage.start < end and start < passage.end]
                passages.update(passage.id for passage in held)
                places.extend(self._shown_elsewhere(held, start, end))
        return Evidence(tuple(dict.fromkeys(places)), frozenset(passages))

    def _shown_elsewhere(self, held: Sequence[Passage], start: int, end: int) -> Iterable[Place]:
        """A search shows the same words in one place only, which may be another document than the evidence's."""
        live = self._catalog.passages([passage.id for passage in held])
        for passage in held:
            shown = live[passage.id]
            if (shown.document_id, shown.start) != (passage.document_id, passage.start):
                shift = shown.start - passage.start
                yield Place(
                    shown.source, max(start + shift, shown.start), min(end + shift, shown.start + len(passage.text))
                )


def _occurrences(text: str, words: str) -> list[tuple[int, int]]:
    """Where `words` stand in `text`: every verbatim place, else the first that differs in typography alone."""
    found = [(match.start(), match.end()) for match in re.finditer(re.escape(words), text)]
    if found or len(words) > len(text) or words.split(maxsplit=1)[0].casefold() not in text.casefold():
        return found
    near = Quotable(text).find(words)
    return [(near.start, near.end)] if near and near.exact else []


def _parts(name: str) -> list[str]:
    return _SEPARATOR.split(name.strip().rstrip("/"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
