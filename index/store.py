"""The vectors of all passages, in Chroma: embedded under the home folder, or on a Chroma server.

The collection is content-addressed: an id is a digest of the passage's words, so what is there never changes.
Passages may be here before, and after, the catalogue says that they are live; whoever searches asks it.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import chromadb
import chromadb.errors
import httpx
from chromadb.api.client import Client
from chromadb.config import Settings

from index.errors import StoreUnavailable
from index.types import Match, Vectors


class VectorStore:
    """One Chroma collection for one embedder.

    What another process writes to an embedded collection stays invisible to `query` until the client is closed
    and opened anew (Chroma 1.5.9; about 10 ms at 1,000 passages, 150 ms at 50,000): see `reopen`.
    """

    def __init__(self, folder: Path, embedder_name: str, *, url: str | None = None) -> None:
        """Opens the collection, making it if there is none.

        Raises:
            StoreUnavailable: the server at `url` does not answer, or the files in `folder` cannot be opened.
        """
        self._folder, self._url = folder, url
        self._name = _collection_name(embedder_name)
        self._open()

    def _open(self) -> None:
        settings = Settings(anonymized_telemetry=False)
        try:
            if self._url:
                at = urlsplit(self._url)
                secure = at.scheme == "https"
                port = at.port or (443 if secure else 8000)
                self._client = chromadb.HttpClient(at.hostname or "", port, ssl=secure, settings=settings)
            else:
                self._client = chromadb.PersistentClient(self._folder, settings=settings)
            self._collection = self._client.get_or_create_collection(
                self._name,
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine"}},
            )
        except (chromadb.errors.ChromaError, httpx.HTTPError, ValueError, OSError) as error:
            raise StoreUnavailable(
                f"The Chroma server at {self._url} cannot be used: start it, or correct CITEBOT_CHROMA_URL."
                if self._url
                else f"The vectors in {self._folder} cannot be opened: move that folder away and index again."
            ) from error

    def reopen(self) -> None:
        """Makes what other processes have written visible to `nearest`."""
        if not self._url:
            self.close()
            self._open()

    def close(self) -> None:
        cast("Client", self._client).close()

    def missing(self, ids: Sequence[str]) -> list[str]:
        """Those of `ids` that have no vector yet, in order."""
        known: set[str] = set()
        for batch in self._batches(ids):
            known.update(self._collection.get(ids=batch, include=[])["ids"])
        return [name for name in ids if name not in known]

    def upsert(self, ids: Sequence[str], texts: Sequence[str], vectors: Vectors, collection_set: str) -> None:
        positions = range(len(ids))
        for batch in self._batches(positions):
            self._collection.upsert(
                ids=[ids[n] for n in batch],
                documents=[texts[n] for n in batch],
                embeddings=vectors[batch],
                metadatas=[{"set": collection_set} for _ in batch],
            )

    def delete(self, ids: Sequence[str]) -> None:
        for batch in self._batches(ids):
            self._collection.delete(ids=batch)

    def nearest(self, vector: Vectors, count: int, sets: Sequence[str] = ()) -> list[Match]:
        """The `count` passages most like `vector`, with their cosine, best first; only of `sets`, if any are named."""
        where: Any = {"set": {"$in": list(sets)}} if sets else None
        found = self._collection.query(
            query_embeddings=vector.reshape(1, -1), n_results=count, where=where, include=["distances"]
        )
        distances = found["distances"] or [[]]
        return [Match(name, 1.0 - distance) for name, distance in zip(found["ids"][0], distances[0], strict=True)]

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The stored vectors of `ids`; those without one are left out."""
        found = self._collection.get(ids=list(ids), include=["embeddings"])
        rows: Any = found["embeddings"]
        return dict(zip(found["ids"], rows, strict=True)) if ids else {}

    def ids(self) -> set[str]:
        return set(self._collection.get(include=[])["ids"])

    def __len__(self) -> int:
        return self._collection.count()

    def _batches(self, items: Iterable[Any]) -> Iterator[list[Any]]:
        everything = list(items)
        size = self._client.get_max_batch_size()
        return (everything[start : start + size] for start in range(0, len(everything), size))


def _collection_name(embedder_name: str) -> str:
    """Chroma takes 3 to 512 of [a-zA-Z0-9._-]; model names hold colons and slashes, so a digest keeps them apart."""
    readable = re.sub(r"[^a-zA-Z0-9._-]+", "-", embedder_name)[:60]
    return f"passages-{readable}-{hashlib.sha256(embedder_name.encode()).hexdigest()[:8]}"
