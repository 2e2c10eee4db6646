"""The real embedder, watched and interrupted; and one for great numbers."""

import hashlib
from collections.abc import Callable, Sequence
from itertools import count

import numpy as np

from index.embedding import MiniLmEmbedder, unit
from index.types import Vectors


class WatchedEmbedder(MiniLmEmbedder):
    """Remembers every text it embeds. It may go by another name, and do something before each call."""

    def __init__(self, name: str = MiniLmEmbedder.name, *, before: Callable[[], None] | None = None) -> None:
        super().__init__(one_shot=True)
        self.name = name
        self.calls: list[list[str]] = []
        self._before = before

    @property
    def texts(self) -> list[str]:
        return [text for call in self.calls for text in call]

    def embed(self, texts: Sequence[str]) -> Vectors:
        if self._before:
            self._before()
        self.calls.append(list(texts))
        return super().embed(texts)


def interrupt_at(call: int) -> Callable[[], None]:
    """Something to do before each call: nothing, until the given one is interrupted as by Ctrl-C."""
    calls = count(1)

    def interrupt() -> None:
        if next(calls) == call:
            raise KeyboardInterrupt

    return interrupt


class RandomEmbedder:
    """A direction for each text, the same in every process: for thousands of texts whose meaning does not matter."""

    name = "random"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed`."""
        seeds = (int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) for text in texts)
        return unit(np.array([np.random.default_rng(seed).normal(size=16) for seed in seeds], dtype=np.float32))
