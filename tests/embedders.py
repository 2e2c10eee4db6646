"""The real embedder, watched, interrupted and made quick."""

from collections.abc import Callable, Sequence

import numpy as np

from index.embedding import MiniLmEmbedder
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


class SameVector(WatchedEmbedder):
    """One vector for all texts of a call: for hundreds of texts whose meaning does not matter."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        vector = super().embed(texts[:1])
        self.calls[-1] = list(texts)
        return np.repeat(vector, len(texts), axis=0)


def interrupt_at(call: int) -> Callable[[], None]:
    """Something to do before each call: nothing, until the given one is interrupted as by Ctrl-C."""
    calls = iter(range(1, call + 1))

    def count() -> None:
        if next(calls) == call:
            raise KeyboardInterrupt

    return count
