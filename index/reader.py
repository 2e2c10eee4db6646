"""The extractive reader: (question, passage) -> the span that answers, and how sure it is that there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from index import onnx

READER = onnx.MODELS / "reader.int8.onnx"
READER_SHA256 = "12b66945faae612fb1345bb09b823cbda9a798a45f97520a8fdac3e18346fb9f"

_MAX_SPAN_TOKENS = 30
_MAX_QUESTION_TOKENS = 96
_MAX_PAIR_TOKENS = 384
"""The length the reader was trained for. Question and passage together stay below it by the chunker's limit."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader found in one passage.

    `start` and `end` are offsets of the best span in that passage's text. `margin` is the span's score minus the
    score of "no answer here": logits, so 0 is indifference.
    """

    start: int
    end: int
    margin: float


class Reader:
    """MiniLM-L6 fine-tuned for extractive question answering, int8. Loaded at the first question."""

    def __init__(self, *, remembered: int = 1000) -> None:
        """Nothing is loaded yet. About `remembered` readings are kept, at a kilobyte each."""
        self._capacity = remembered
        self._remembered: dict[tuple[str, str], Reading] = {}

    @cached_property
    def _tokenizer(self) -> Any:
        return onnx.tokenizer()

    @cached_property
    def _model(self) -> onnx.Model:
        # An optimised graph takes twice as long to load and answers no faster.
        return onnx.Model(READER, READER_SHA256, optimise=False)

    def load(self) -> None:
        """Loads the model now rather than at the first question."""
        _ = self._model, self._tokenizer

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """One reading per text, in order. Of an overlong question the end is read, of an overlong text the start.

        What was read lately is remembered: a question is read again when it is edited, retried or looked into.
        """
        if len(self._remembered) > self._capacity:
            self._remembered = {}
        remembered = self._remembered  # other threads may start a new one meanwhile
        unread = [text for text in dict.fromkeys(texts) if (question, text) not in remembered]
        for text, reading in zip(unread, self._read(question, unread), strict=True):
            remembered[question, text] = reading
        return [remembered[question, text] for text in texts]

    def _read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        if not texts:
            return []
        first, *question_ids, last = self._tokenizer.encode(question).ids
        prefix = [first, *question_ids[-_MAX_QUESTION_TOKENS:], last]
        room = _MAX_PAIR_TOKENS - len(prefix) - 1
        bodies = [(e.ids[1:-1][:room], e.offsets[1:-1][:room]) for e in self._tokenizer.encode_batch(list(texts))]
        pairs = (([*prefix, *ids, last], [0] * len(prefix) + [1] * (len(ids) + 1)) for ids, _ in bodies)
        answer = slice(len(prefix), -1)
        return [
            _best(starts[0, answer], ends[0, answer], float(starts[0, 0] + ends[0, 0]), offsets)
            for (starts, ends), (_, offsets) in zip(self._model.run_each(pairs), bodies, strict=True)
        ]


def _best(starts: Any, ends: Any, null_score: float, offsets: Sequence[tuple[int, int]]) -> Reading:
    """The span i..j with the highest start[i] + end[j], i <= j < i + _MAX_SPAN_TOKENS."""
    if not offsets:
        return Reading(0, 0, -np.inf)
    scores = starts[:, None] + ends[None, :]
    size = len(starts)
    allowed = np.tri(size, dtype=bool).T & np.tri(size, k=_MAX_SPAN_TOKENS - 1, dtype=bool)
    i, j = divmod(int(np.where(allowed, scores, -np.inf).argmax()), len(ends))
    return Reading(offsets[i][0], offsets[j][1], float(scores[i, j] - null_score))
