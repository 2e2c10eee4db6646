"""One opened index: the catalogue, the vectors and the words, kept in step, and the embedder they were made with."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

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
        self.words = LexicalIndex(folder / "words")
        self._chroma_url = chroma_url
        self._generation = self.catalog.generation
        self._last_question: tuple[str, Vectors] = ("", np.zeros(0, dtype=np.float32))

    @cached_property
    def vectors(self) -> "VectorStore":
        from index.store import VectorStore

        return VectorStore(self.folder / "chroma", self.embedder.name, url=self._chroma_url)

    @property
    def empty(self) -> bool:
        return not self.catalog.entries()

    def check(self) -> None:
        """Raises if questions cannot be asked of this index.

        Raises:
            IndexMissing: nothing is indexed.
            IndexMismatch: it was made with another embedder, whose vectors mean nothing to this one.
        """
        maker = self.catalog.meta("embedder")
        if maker is None:
            raise IndexMissing("Nothing is indexed yet: run `citebot index` with a file, folder or URL.")
        if maker != self.embedder.name:
            raise IndexMismatch(
                f"The index was made with the embedding model {maker}, but {self.embedder.name} is configured: "
                f"run `citebot index --rebuild`, or set CITEBOT_EMBEDDING_MODEL back."
            )

    def refresh(self) -> None:
        """Takes up what other processes have changed since the last call; nearly free when nothing did."""
        generation = self.catalog.generation
        if generation != self._generation:
            self.words.reopen()
            if "vectors" in self.__dict__:
                self.vectors.reopen()
            self._generation = generation

    def embed_question(self, question: str) -> Vectors:
        """The question's unit vector; that of the last question is remembered."""
        remembered, vector = self._last_question
        if remembered != question:
            vector = self.embedder.embed([question])[0]
            self._last_question = (question, vector)
        return vector

    def neighbours(self, passage: Passage, reach: int = 1) -> Sequence[Passage]:
        return self.catalog.neighbours(passage, reach)

    def close(self) -> None:
        if "vectors" in self.__dict__:
            self.vectors.close()
        self.catalog.close()
