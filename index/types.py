"""The nouns of the index: a document, the passages cut from it, and what embeds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Document:
    """The extracted text of one source.

    `source` is the path or URL as the user gave it; `key` is the same place spelled one way only (an absolute
    path or a normalised URL), so that `docs/a.txt` and `./docs/a.txt` are one document. All offsets anywhere in
    the project count Unicode code points of `text`.
    """

    key: str
    source: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document: `text == document.text[start:end]`.

    `id` is a digest of the text alone, so the same words are embedded once wherever they stand.
    `ordinal` is the place among the document's passages: neighbours differ by one.
    """

    id: str
    document_id: int
    source: str
    title: str
    ordinal: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A document as it is to be written, with its set. `passages` are (id, start, end), in order.

    `digest` tells whether a document that is read again has changed since.
    """

    document: Document
    collection: str
    digest: str
    passages: Sequence[tuple[str, int, int]]


class Match(NamedTuple):
    """What one retriever found: a passage's id, and a score of its own scale, higher for better."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage a search found. `score` orders one result list: see `index.search.fuse`.

    `similarity` is the cosine between question and passage, `lexical` the BM25 score; that is 0 where other passages
    hold more of the question's words.
    """

    passage: Passage
    score: float
    similarity: float
    lexical: float


class Embedder(Protocol):
    """Turns texts into unit vectors. `name` identifies the vector space: two embedders that differ never share one."""

    @property
    def name(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimensions of the space), in the order of `texts`."""
        ...
