"""Brings the index in line with files and pages: adds, replaces, removes; embeds only words it has not seen.

Each batch is complete in itself: vectors first, then words, then the catalogue in one transaction. An interrupted
run keeps its finished batches, and the next one goes on from there.
"""

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from index import chunking
from index.embedding import MiniLmEmbedder
from index.errors import IndexBusy, SourceGone, SourceUnreadable
from index.fetch import is_url
from index.library import Library
from index.sources import Place, find, key_of, read
from index.types import Document

DEFAULT_SET = "default"
_PASSAGES_PER_BATCH = 512


@dataclass(slots=True)
class Report:
    """What one run did. `errors` has one entry per source that could not be read; `deleted` counts pruned documents."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    passages: int = 0
    seconds: float = 0.0
    errors: list[SourceUnreadable] = field(default_factory=list)

    @property
    def failed(self) -> int:
        return len(self.errors)


class Progress(Protocol):
    """Told how many of `total` documents are done, and how many of their passages had to be embedded."""

    def __call__(self, done: int, total: int, embedded: int) -> None: ...


def silent(done: int, total: int, embedded: int) -> None:
    """Progress for whoever does not want to hear of it."""


@dataclass(frozen=True, slots=True)
class _Change:
    document: Document
    collection: str
    digest: str
    spans: list[chunking.Span]
    ids: list[str]


def index_sources(
    library: Library,
    arguments: Sequence[str],
    *,
    collection: str = DEFAULT_SET,
    prune: Sequence[str] | None = None,
    allow_private: bool = False,
    progress: Progress = silent,
) -> Report:
    """Indexes every document named by `arguments`, paths or URLs, into the set `collection`.

    With `prune`, documents below those paths (anywhere, if it is empty) that are no longer there are removed.

    Raises:
        IndexBusy: another process is indexing.
        IndexMismatch: the index was made with another embedder.
    """
    with _writing(library):
        if library.catalog.meta("embedder") is not None:
            library.check()
        report = Report()
        started = time.perf_counter()
        places: list[Place] = []
        for found in find(arguments):
            if isinstance(found, SourceUnreadable):
                report.errors.append(found)
            else:
                places.append(found)
        gone = [key_of(error.source) for error in report.errors if not is_url(error.source)]

        def documents() -> Iterator[tuple[Document, str]]:
            for place in places:
                try:
                    yield read(place, allow_private=allow_private), collection
                except SourceUnreadable as error:
                    error.source = place.source
                    report.errors.append(error)
                    if isinstance(error, SourceGone):
                        gone.append(place.key)

        _put(library, documents(), report, total=len(places), progress=progress)
        if prune is not None:
            report.deleted = _prune(library, [key_of(root) for root in prune], gone)
        if report.added or report.updated or report.deleted:
            _collect_garbage(library)
        report.seconds = time.perf_counter() - started
        return report


def rebuild(library: Library, *, progress: Progress = silent) -> Report:
    """Cuts and embeds every indexed document again, from the text in the catalogue, with the library's embedder.

    Raises:
        IndexBusy: another process is indexing.
    """
    with _writing(library):
        report = Report()
        started = time.perf_counter()
        total = len(library.catalog.entries())
        _put(library, library.catalog.documents(), report, total=total, progress=progress, anew=True)
        _collect_garbage(library)
        report.seconds = time.perf_counter() - started
        return report


def _writing(library: Library) -> FileLock:
    lock = FileLock(library.folder / "writing.lock", timeout=0)
    try:
        return lock.acquire()  # type: ignore[return-value] # a context manager that releases the lock
    except Timeout as error:
        raise IndexBusy("Another citebot process is indexing: wait until it is done.") from error


def _put(
    library: Library,
    documents: Iterable[tuple[Document, str]],
    report: Report,
    *,
    total: int,
    progress: Progress,
    anew: bool = False,
) -> None:
    count_tokens = _token_counter(library)
    batch: list[_Change] = []
    done = embedded = 0
    for done, (document, collection) in enumerate(documents, start=1):
        digest = _digest(document, collection)
        known = library.catalog.digest(document.key)
        if known == digest and not anew:
            report.unchanged += 1
        else:
            spans = chunking.passages(document.text, count_tokens)
            ids = [chunking.passage_id(collection, document.text[start:end]) for start, end in spans]
            batch.append(_Change(document, collection, digest, spans, ids))
            report.passages += len(spans)
            if known is None:
                report.added += 1
            else:
                report.updated += 1
        if sum(len(change.ids) for change in batch) >= _PASSAGES_PER_BATCH:
            embedded += _write(library, batch)
            batch = []
        progress(done + report.failed, total, embedded)
    embedded += _write(library, batch)
    if anew or library.catalog.meta("embedder") is None:
        library.catalog.set_meta("embedder", library.embedder.name)
    progress(total, total, embedded)


def _write(library: Library, batch: list[_Change]) -> int:
    """Writes the changes; returns how many passages had to be embedded."""
    texts: dict[str, tuple[str, str, str]] = {}
    for change in batch:
        for name, (start, end) in zip(change.ids, change.spans, strict=True):
            texts.setdefault(name, (change.document.text[start:end], change.document.title, change.collection))
    missing = library.vectors.missing(list(texts))
    vectors = library.embedder.embed([texts[name][0].strip() for name in missing])
    for collection in sorted({texts[name][2] for name in texts}):
        rows = [n for n, name in enumerate(missing) if texts[name][2] == collection]
        if rows:
            names = [missing[n] for n in rows]
            library.vectors.upsert(names, [texts[name][0] for name in names], vectors[rows], collection)
        names = [name for name in texts if texts[name][2] == collection]
        library.words.replace(names, [texts[name][1] for name in names], [texts[name][0] for name in names], collection)
    library.catalog.replace(
        (
            change.document,
            change.collection,
            change.digest,
            [(name, *span) for name, span in zip(change.ids, change.spans, strict=True)],
        )
        for change in batch
    )
    return len(missing)


def _prune(library: Library, roots: Sequence[str], gone: Sequence[str]) -> int:
    """Removes file documents that no longer exist below `roots`, and the pages in `gone`; returns how many."""
    missing = [
        entry.key
        for entry in library.catalog.entries()
        if entry.key in gone or (not is_url(entry.key) and _below(entry.key, roots) and not Path(entry.key).is_file())
    ]
    library.catalog.remove(missing)
    return len(missing)


def _below(key: str, roots: Sequence[str]) -> bool:
    return not roots or any(key == root or Path(root) in Path(key).parents for root in roots)


def _collect_garbage(library: Library) -> None:
    """Deletes vectors and words that no document holds any more."""
    dead = library.vectors.ids() - library.catalog.passage_ids()
    if dead:
        library.vectors.delete(sorted(dead))
        library.words.delete(dead)


def _digest(document: Document, collection: str) -> str:
    """Changes when the document, its set, or the way it is cut changes."""
    parts = (str(chunking.VERSION), collection, document.source, document.title, document.text)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _token_counter(library: Library) -> chunking.CountTokens:
    embedder = library.embedder
    return (embedder if isinstance(embedder, MiniLmEmbedder) else MiniLmEmbedder()).count_tokens
