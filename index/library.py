"""One opened index: the catalogue, the vectors and the words, kept in step, and the embedder they were made with."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from index.catalog import Catalog
from index.errors import IndexMismatch, IndexMissing
from index.lexical import LexicalIndex
from index.types import Embedder, Passage, Vectors

if TYPE_CHECKING:
    from index.store import VectorStore


class Library:
    """The index under `folder`. Opening it costs a few milliseconds; Chroma is loaded when vectors are first used."""

    def __init__(self, folder: Path, embedder: Embedder, *, chroma_url: str | None = None) -> None:
        self.folder = folder
        self.embedder = embedder
        self.catalog = Catalog(folder / "catalog.sqlite3")
        try:
            self.words = LexicalIndex(folder / "words")
        except BaseException:
            self.catalog.close()
            raise
        self._chroma_url = chroma_url
        self._generation = self.catalog.generation
        self._refreshing = Lock()
        self._last_question: tuple[str, Vectors] | None = None

    @cached_property
    def vectors(self) -> "VectorStore":
        from index.store import VectorStore

        owner = self.catalog.meta("id") if self._chroma_url else None
        return VectorStore(self.folder / "chroma", self.embedder.name, url=self._chroma_url, owner=owner)

    @property
    def empty(self) -> bool:
        return self.catalog.empty

    def check(self) -> None:
        """Raises if questions cannot be asked of this index.

        Raises:
            IndexMissing: nothing is indexed.
            IndexMismatch: it was made with another embedder.
        """
        if self.empty:
            raise IndexMissing("Nothing is indexed yet: run `citebot index` with a file, folder or URL.")
        self.check_embedder()

    def check_embedder(self) -> None:
        """Raises if the index was made with another embedder.

        Raises:
            IndexMismatch: the vectors of one embedder mean nothing to another.
        """
        maker = self.catalog.meta("embedder")
        if maker != self.embedder.name:
            raise IndexMismatch(
                f"The index was made with the embedding model {maker}, but {self.embedder.name} is configured: "
                f"run `citebot index --rebuild`, or set CITEBOT_EMBEDDING_MODEL back."
            )

    def refresh(self) -> None:
        """Takes up what other processes have changed since the last call; nearly free when nothing did."""
        with self._refreshing:
            generation = self.catalog.generation
            if generation != self._generation:
                self.words.reopen()
                if "vectors" in self.__dict__:
                    self.vectors.reopen()
                self._generation = generation

    def embed_question(self, question: str) -> Vectors:
        """The question's unit vector; that of the last question is remembered."""
        remembered = self._last_question
        if remembered is None or remembered[0] != question:
            remembered = self._last_question = (question, self.embedder.embed([question])[0])
        return remembered[1]

    def neighbours(self, passage: Passage, reach: int = 1) -> Sequence[Passage]:
        return self.catalog.neighbours(passage, reach)

    def close(self) -> None:
        if "vectors" in self.__dict__:
            self.vectors.close()
        self.catalog.close()
