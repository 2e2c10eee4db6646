"""The vectors of all passages, in Chroma: embedded under the home folder, or on a Chroma server.

The collection is content-addressed: an id is a digest of the passage's words, so what is there never changes.
Passages may be here before, and after, the catalogue says that they are live; whoever searches asks it.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import chromadb
import chromadb.errors
import httpx
from chromadb.api.client import Client
from chromadb.config import Settings
from filelock import FileLock

from index.errors import FilesUnusable, IndexMismatch, StoreUnavailable
from index.types import Match, Vectors

T = TypeVar("T")


class VectorStore:
    """One Chroma collection for one embedder. Safe to use from several threads.

    What another process writes to an embedded collection stays invisible to `nearest` until the client is closed
    and opened anew (Chroma 1.5.9; about 10 ms at 1,000 passages, 150 ms at 50,000), and a client that writes
    without having done so loses the other's vectors for good: see `reopen`.

    Every method raises `FilesUnusable` where the folder is damaged, and `StoreUnavailable` where the server is gone.
    """

    def __init__(self, folder: Path, embedder_name: str, *, url: str | None = None, owner: str | None = None) -> None:
        """Opens the collection, making it if there is none. On a server that several share, `owner` tells whose it is.

        Raises:
            StoreUnavailable: the server at `url` does not answer.
            FilesUnusable: the files in `folder` cannot be opened.
        """
        self._folder, self._url = folder, url
        self._prefix = f"passages-{owner}-" if owner else "passages-"
        self._name = self._prefix + _collection_name(embedder_name)
        # `reopen` closes the client, so no other thread may be using it meanwhile.
        self._lock = RLock()
        self._open()

    def _open(self) -> None:
        settings = Settings(anonymized_telemetry=False)
        with self._failures_named(ValueError):
            if self._url:
                at = urlsplit(self._url)
                secure = at.scheme == "https"
                port = at.port or (443 if secure else 8000)
                self._client = chromadb.HttpClient(at.hostname or "", port, ssl=secure, settings=settings)
            else:
                # Two processes that make the same database at once fail each other.
                with FileLock(f"{self._folder}.lock"):
                    self._client = chromadb.PersistentClient(self._folder, settings=settings)
            self._collection = self._client.get_or_create_collection(
                self._name,
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine"}},
            )

    def reopen(self) -> None:
        """Makes what other processes have written visible to `nearest`, and safe from what is written here."""
        if not self._url:
            with self._lock:
                self.close()
                self._open()

    def close(self) -> None:
        cast("Client", self._client).close()

    def missing(self, ids: Sequence[str]) -> list[str]:
        """Those of `ids` that have no vector yet, in order."""
        known: set[str] = set()
        with self._failures_named():
            for batch in self._batches(ids):
                known.update(self._collection.get(ids=batch, include=[])["ids"])
        return [name for name in ids if name not in known]

    def upsert(self, ids: Sequence[str], texts: Sequence[str], vectors: Vectors, sets: Sequence[str]) -> None:
        """Puts in passages, each with its set."""
        with self._failures_named():
            for rows in self._batches(range(len(ids))):
                self._collection.upsert(
                    ids=[ids[n] for n in rows],
                    documents=[texts[n] for n in rows],
                    embeddings=vectors[rows],
                    metadatas=[{"set": sets[n]} for n in rows],
                )

    def delete(self, ids: Sequence[str]) -> None:
        with self._failures_named():
            for batch in self._batches(ids):
                self._collection.delete(ids=batch)

    def drop_other_embedders(self) -> None:
        """Removes the vectors that this index holds of embedders it was made with before."""
        with self._failures_named():
            for collection in self._client.list_collections():
                if collection.name.startswith(self._prefix) and collection.name != self._name:
                    self._client.delete_collection(collection.name)

    def nearest(self, vector: Vectors, count: int, sets: Sequence[str] = ()) -> list[Match]:
        """The `count` passages most like `vector`, with their cosine, best first; only of `sets`, if any are named."""
        where: Any = {"set": {"$in": list(sets)}} if sets else None
        with self._failures_named():
            found = self._collection.query(
                query_embeddings=vector.reshape(1, -1), n_results=count, where=where, include=["distances"]
            )
        distances = found["distances"] or [[]]
        return [Match(name, 1.0 - distance) for name, distance in zip(found["ids"][0], distances[0], strict=True)]

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The stored vectors of `ids`; those without one are left out."""
        stored: dict[str, Vectors] = {}
        with self._failures_named():
            for batch in self._batches(ids):
                found = self._collection.get(ids=batch, include=["embeddings"])
                rows: Any = found["embeddings"]
                stored.update(zip(found["ids"], rows, strict=True))
        return stored

    def ids(self) -> set[str]:
        with self._failures_named():
            return set(self._collection.get(include=[])["ids"])

    def __len__(self) -> int:
        with self._failures_named():
            return self._collection.count()

    def _batches(self, items: Sequence[T]) -> Iterator[list[T]]:
        size = self._client.get_max_batch_size()
        return (list(items[start : start + size]) for start in range(0, len(items), size))

    @contextmanager
    def _failures_named(self, *also: type[Exception]) -> Iterator[None]:
        failures: tuple[type[Exception], ...] = (chromadb.errors.ChromaError, httpx.HTTPError, OSError, *also)
        place = self._url or self._folder
        try:
            with self._lock:
                yield
        except failures as error:
            if "dimension" in str(error):
                raise IndexMismatch(
                    f"The embedding model gives vectors of another length than those in {place}: "
                    "set CITEBOT_EMBEDDING_MODEL back, or remove them and run `citebot index --rebuild`."
                ) from error
            if self._url:
                raise StoreUnavailable(
                    f"The Chroma server at {self._url} cannot be used: start it, or correct CITEBOT_CHROMA_URL."
                ) from error
            raise FilesUnusable(
                f"The vectors in {self._folder} cannot be used: "
                "move that folder away and run `citebot index --rebuild`."
            ) from error


def _collection_name(embedder_name: str) -> str:
    """Chroma takes 3 to 512 of [a-zA-Z0-9._-]; model names hold colons and slashes, so a digest keeps them apart."""
    readable = re.sub(r"[^a-zA-Z0-9._-]+", "-", embedder_name)[:60]
    return f"{readable}-{hashlib.sha256(embedder_name.encode()).hexdigest()[:8]}"
