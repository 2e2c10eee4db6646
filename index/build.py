"""Brings the index in line with files and pages: adds, replaces, removes; embeds only words it has not seen.

Each batch is complete in itself: vectors first, then words, then the catalogue in one transaction. An interrupted
run keeps its finished batches, and the next one goes on from there.
"""

import hashlib
import time
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Protocol

from filelock import FileLock, Timeout

from index import chunking
from index.embedding import MiniLmEmbedder
from index.errors import IndexBusy, SourceGone, SourceUnreadable
from index.fetch import is_url
from index.library import Library
from index.sources import Place, find, key_of, read
from index.types import Change, Document

DEFAULT_SET = "default"
PASSAGES_PER_BATCH = 512


@dataclass(slots=True)
class Report:
    """What one run did, of `total` documents; `deleted` are pruned ones, `errors` has one entry per unread source.

    `passages` counts those of added and updated documents, `embedded` those of them that had no vector yet.
    """

    total: int = 0

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    passages: int = 0
    embedded: int = 0
    seconds: float = 0.0
    errors: list[SourceUnreadable] = field(default_factory=list)

    @property
    def failed(self) -> int:
        return len(self.errors)

    @property
    def so_far(self) -> tuple[int, int, int]:
        """What `Progress` is told."""
        return self.added + self.updated + self.unchanged + self.failed, self.total, self.embedded


class Progress(Protocol):
    """Told how many of `total` documents are done, and how many of their passages had to be embedded."""

    def __call__(self, done: int, total: int, embedded: int) -> None: ...


def silent(done: int, total: int, embedded: int) -> None:
    """Progress for whoever does not want to hear of it."""


def index_sources(
    library: Library,
    arguments: Sequence[str],
    *,
    collection: str = DEFAULT_SET,
    prune: Sequence[str] | None = None,
    allow_private: bool = False,
    progress: Progress = silent,
    batch: int = PASSAGES_PER_BATCH,
) -> Report:
    """Indexes every document named by `arguments`, paths or URLs, into the set `collection`.

    With `prune`, documents below those paths (anywhere, if it is empty) that are no longer there are removed.
    An interruption costs at most the work on the last `batch` passages.

    Raises:
        IndexBusy: another process is indexing.
        IndexMismatch: the index was made with another embedder.
    """
    with _writing(library):
        if library.empty:
            library.catalog.set_meta("embedder", library.embedder.name)
        library.check_embedder()
        report = Report()
        started = time.perf_counter()
        places: list[Place] = []
        for found in find(arguments):
            if isinstance(found, SourceUnreadable):
                report.errors.append(found)
            else:
                places.append(found)
        gone: set[str] = set()

        def documents() -> Iterator[tuple[Document, str]]:
            for place in places:
                try:
                    yield read(place, allow_private=allow_private), collection
                except SourceUnreadable as error:
                    error.source = place.source
                    report.errors.append(error)
                    if isinstance(error, SourceGone):
                        gone.add(place.key)

        report.total = len(places) + report.failed
        _put(library, documents(), report, progress, batch)
        if prune is not None:
            report.deleted = _prune(library, [key_of(root) for root in prune], gone)
        # What is only added leaves nothing dead, and looking for it takes seconds at 100,000 passages.
        if report.updated or report.deleted:
            _collect_garbage(library)
        report.seconds = time.perf_counter() - started
        return report


def rebuild(library: Library, *, progress: Progress = silent) -> Report:
    """Cuts every indexed document again, from the text in the catalogue, for the library's embedder.

    What this embedder has embedded before is not embedded again, so an interrupted run can be taken up.

    Raises:
        IndexBusy: another process is indexing.
    """
    with _writing(library):
        report = Report(total=library.catalog.document_count())
        started = time.perf_counter()
        _put(library, library.catalog.documents(), report, progress, PASSAGES_PER_BATCH, anew=True)
        library.catalog.set_meta("embedder", library.embedder.name)
        _collect_garbage(library)
        report.seconds = time.perf_counter() - started
        return report


@contextmanager
def _writing(library: Library) -> Iterator[None]:
    try:
        with FileLock(library.folder / "writing.lock", timeout=0):
            # Whoever writes must have seen what others wrote: see `VectorStore`.
            library.refresh()
            yield
    except Timeout as error:
        raise IndexBusy("Another citebot process is indexing: wait until it is done.") from error


def _put(
    library: Library,
    documents: Iterable[tuple[Document, str]],
    report: Report,
    progress: Progress,
    batch: int,
    *,
    anew: bool = False,
) -> None:
    """Writes those documents, each with its set, that have changed; all of them if `anew`."""
    count_tokens = _token_counter(library)
    changes: list[Change] = []
    for document, collection in documents:
        digest = _digest(document, collection)
        known = library.catalog.digest(document.key)
        if known == digest and not anew:
            report.unchanged += 1
        else:
            spans = chunking.passages(document.text, count_tokens)
            passages = [(chunking.passage_id(collection, document.text[a:b]), a, b) for a, b in spans]
            changes.append(Change(document, collection, digest, passages))
            report.passages += len(passages)
            if known is None:
                report.added += 1
            else:
                report.updated += 1
        if sum(len(change.passages) for change in changes) >= batch:
            _write(library, changes, report, progress, batch)
            changes = []
        progress(*report.so_far)
    if changes:
        _write(library, changes, report, progress, batch)
    progress(*report.so_far)


def _write(library: Library, changes: Sequence[Change], report: Report, progress: Progress, batch: int) -> None:
    passages = {
        name: (change.document.text[start:end], change.document.title, change.collection)
        for change in changes
        for name, start, end in change.passages
    }
    missing = library.vectors.missing(list(passages))
    for first in range(0, len(missing), batch):
        names = missing[first : first + batch]
        texts, _, sets = zip(*(passages[name] for name in names), strict=True)
        vectors = library.embedder.embed([text.strip() for text in texts])
        library.vectors.upsert(names, texts, vectors, sets)
        report.embedded += len(names)
        progress(*report.so_far)
    texts, titles, sets = zip(*passages.values(), strict=True)
    library.words.replace(list(passages), titles, texts, sets)
    library.catalog.replace(changes)


def _prune(library: Library, roots: Sequence[str], gone: Container[str]) -> int:
    """Removes file documents that no longer exist below `roots`, and the pages in `gone`; returns how many."""
    missing = [
        entry.key
        for entry in library.catalog.entries()
        if entry.key in gone or (not is_url(entry.key) and _below(entry.key, roots) and _vanished(Path(entry.key)))
    ]
    if missing:
        library.catalog.remove(missing)
    return len(missing)


def _below(key: str, roots: Sequence[str]) -> bool:
    return not roots or any(key == root or Path(root) in Path(key).parents for root in roots)


def _vanished(path: Path) -> bool:
    """Whether there is no such file any more. One that merely cannot be looked at is still there."""
    try:
        return not S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False


def _collect_garbage(library: Library) -> None:
    """Deletes vectors and words that no document holds any more."""
    library.vectors.drop_other_embedders()
    live = library.catalog.passage_ids()
    if dead := library.vectors.ids() - live:
        library.vectors.delete(sorted(dead))
    if dead := library.words.ids() - live:
        library.words.delete(dead)


def _digest(document: Document, collection: str) -> str:
    """Changes when the document, its set, or the way it is cut changes."""
    parts = (str(chunking.VERSION), collection, document.source, document.title, document.text)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _token_counter(library: Library) -> chunking.CountTokens:
    embedder = library.embedder
    return (embedder if isinstance(embedder, MiniLmEmbedder) else MiniLmEmbedder()).count_tokens
