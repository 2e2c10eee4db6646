"""What is indexed: the documents with their text, and where their passages lie. The one answer to "is it live?".

A document is replaced in one transaction, so a reader sees all of its old passages or all of its new ones.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from filelock import FileLock

from index.errors import FilesUnusable
from index.types import Change, Document, Passage

_FORMAT = 1
"""Changes with the tables; kept in SQLite's user_version."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    title TEXT NOT NULL,
    collection TEXT NOT NULL,
    digest TEXT NOT NULL,
    text TEXT NOT NULL,
    indexed_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS passages (
    document_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    id TEXT NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (document_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS passages_by_id ON passages(id);
INSERT OR IGNORE INTO meta VALUES ('id', lower(hex(randomblob(4))));
"""

_PASSAGES = """
SELECT p.id, p.document_id, d.source, d.title, p.ordinal, p.start, p.end, p.text
FROM passages p JOIN documents d ON d.id = p.document_id
"""

_FAILURES = {
    sqlite3.SQLITE_BUSY: "is held by another process: try again when that is done.",
    sqlite3.SQLITE_FULL: "cannot grow: make room on its disk and try again.",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: check its permissions, or set CITEBOT_HOME to another folder.",
    sqlite3.SQLITE_READONLY: "cannot be written: check its permissions, or set CITEBOT_HOME to another folder.",
    sqlite3.SQLITE_IOERR: "cannot be read or written: set CITEBOT_HOME to a folder on a sound disk and index again.",
    sqlite3.SQLITE_CORRUPT: "is damaged: move its folder away and index again.",
    sqlite3.SQLITE_NOTADB: "is damaged: move its folder away and index again.",
}
"""What can happen to the file, by SQLite's primary result code. Any other error of SQLite's is a bug of ours."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One indexed document, without its text. `collection` is the set it belongs to."""

    id: int
    key: str
    source: str
    title: str
    collection: str
    digest: str
    indexed_at: str
    passages: int


class Catalog:
    """A SQLite file. Safe to use from several threads and processes; one process at a time writes.

    Every method raises `FilesUnusable` where the file is damaged, or its disk full or locked.
    """

    def __init__(self, path: Path) -> None:
        """Opens the file, making it and its folder if there is none.

        Raises:
            FilesUnusable: it cannot be read or written, or another version of citebot made it.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        # One connection serves all threads: the lock keeps a statement and the fetch of its rows together.
        self._lock = Lock()
        with self._failures_named():
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        try:
            # Two processes that make the same database at once fail each other, whatever the timeout.
            with FileLock(f"{path}.lock"):
                self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        self._rows("PRAGMA journal_mode = WAL")
        self._rows("PRAGMA foreign_keys = ON")
        [(found, tables)] = self._rows(
            "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
        )
        if not tables:
            with self._transaction() as cursor:
                for statement in _SCHEMA.split(";"):
                    cursor.execute(statement)
                cursor.execute(f"PRAGMA user_version = {_FORMAT}")
        elif found != _FORMAT:
            raise FilesUnusable(
                f"The index in {self._path.parent} was made by another version of citebot: "
                "move that folder away and index again."
            )

    def close(self) -> None:
        self._connection.close()

    @property
    def generation(self) -> int:
        """A number that grows with each change: cheap to ask before every search."""
        return int(self.meta("generation") or 0)

    def meta(self, name: str) -> str | None:
        rows = self._rows("SELECT value FROM meta WHERE name = ?", name)
        return rows[0][0] if rows else None

    def set_meta(self, name: str, value: str) -> None:
        with self._transaction() as cursor:
            cursor.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def entries(self) -> list[Entry]:
        rows = self._rows(
            "SELECT id, key, source, title, collection, digest, indexed_at, "
            "(SELECT count(*) FROM passages WHERE document_id = documents.id) FROM documents ORDER BY key"
        )
        return [Entry(*row) for row in rows]

    @property
    def empty(self) -> bool:
        return not self._rows("SELECT 1 FROM documents LIMIT 1")

    def document_count(self) -> int:
        return int(self._rows("SELECT count(*) FROM documents")[0][0])

    def digest(self, key: str) -> str | None:
        rows = self._rows("SELECT digest FROM documents WHERE key = ?", key)
        return rows[0][0] if rows else None

    def text(self, document_id: int) -> str:
        """The document's whole text; empty if it is no longer indexed."""
        rows = self._rows("SELECT text FROM documents WHERE id = ?", document_id)
        return rows[0][0] if rows else ""

    def documents(self) -> Iterator[tuple[Document, str]]:
        """Every document with its set, one at a time."""
        for entry in self.entries():
            yield Document(entry.key, entry.source, entry.title, self.text(entry.id)), entry.collection

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Live passages by id; of several places with the same words, the first in the oldest document."""
        # One JSON array, for SQLite limits the number of question marks.
        wanted = "WHERE p.id IN (SELECT value FROM json_each(?)) ORDER BY p.document_id DESC, p.ordinal DESC"
        return {row[0]: Passage(*row) for row in self._rows(f"{_PASSAGES} {wanted}", json.dumps(list(ids)))}

    def neighbours(self, passage: Passage, reach: int = 1) -> list[Passage]:
        """The passage and up to `reach` before and after it in its document, in order."""
        low, high = passage.ordinal - reach, passage.ordinal + reach
        condition = "WHERE p.document_id = ? AND p.ordinal BETWEEN ? AND ? ORDER BY p.ordinal"
        return [Passage(*row) for row in self._rows(f"{_PASSAGES} {condition}", passage.document_id, low, high)]

    def passages_of(self, document_id: int) -> list[Passage]:
        return [
            Passage(*row) for row in self._rows(f"{_PASSAGES} WHERE p.document_id = ? ORDER BY p.ordinal", document_id)
        ]

    def passage_ids(self) -> set[str]:
        return {row[0] for row in self._rows("SELECT DISTINCT id FROM passages")}

    def replace(self, changes: Iterable[Change]) -> None:
        """Puts in documents, in place of those with the same keys."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._transaction() as cursor:
            for change in changes:
                document = change.document
                cursor.execute("DELETE FROM documents WHERE key = ?", (document.key,))
                cursor.execute(
                    "INSERT INTO documents (key, source, title, collection, digest, text, indexed_at) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        document.key,
                        document.source,
                        document.title,
                        change.collection,
                        change.digest,
                        document.text,
                        now,
                    ),
                )
                numbered = [
                    (cursor.lastrowid, n, name, start, end, document.text[start:end])
                    for n, (name, start, end) in enumerate(change.passages)
                ]
                cursor.executemany(
                    "INSERT INTO passages (document_id, ordinal, id, start, end, text) VALUES (?, ?, ?, ?, ?, ?)",
                    numbered,
                )

    def remove(self, keys: Iterable[str]) -> None:
        with self._transaction() as cursor:
            cursor.executemany("DELETE FROM documents WHERE key = ?", [(key,) for key in keys])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        with self._failures_named(), self._lock, closing(self._connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                cursor.execute(
                    "INSERT INTO meta VALUES ('generation', '1') "
                    "ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1"
                )
                cursor.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    cursor.execute("ROLLBACK")
                raise

    def _rows(self, statement: str, *parameters: object) -> list[tuple]:  # type: ignore[type-arg]
        with self._failures_named(), self._lock:
            return self._connection.execute(statement, parameters).fetchall()

    @contextmanager
    def _failures_named(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            failure = _FAILURES.get(getattr(error, "sqlite_errorcode", -1) & 0xFF)
            if failure is None:
                raise
            raise FilesUnusable(f"The catalogue {self._path} {failure}") from error
