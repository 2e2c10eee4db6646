"""The extractive reader: (question, passage) -> the span that answers, and how sure it is that there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from index import onnx
from index.embedding import batches_by_length, pad

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

    @cached_property
    def _tokenizer(self) -> Any:
        return onnx.tokenizer()

    @cached_property
    def _session(self) -> Any:
        return onnx.session(READER, READER_SHA256)

    def load(self) -> None:
        """Loads the model now rather than at the first question."""
        _ = self._session, self._tokenizer

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """One reading per text, in order. Of an overlong question the end is read, of an overlong text the start."""
        if not texts:
            return []
        question_ids = self._tokenizer.encode(question).ids
        question_ids = [question_ids[0], *question_ids[1:-1][-_MAX_QUESTION_TOKENS:], question_ids[-1]]
        room = _MAX_PAIR_TOKENS - len(question_ids) - 1
        bodies = [(e.ids[1:-1][:room], e.offsets[1:-1][:room]) for e in self._tokenizer.encode_batch(list(texts))]
        pairs = [[*question_ids, *ids, question_ids[-1]] for ids, _ in bodies]
        first = len(question_ids)
        readings: list[Reading | None] = [None] * len(texts)
        for batch in batches_by_length([len(pair) for pair in pairs]):
            ids, mask = pad([pairs[n] for n in batch])
            types = mask.copy()
            types[:, :first] = 0
            starts, ends = self._session.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": types})
            for row, n in enumerate(batch):
                offsets = bodies[n][1]
                until = first + len(offsets)
                readings[n] = _best(
                    starts[row, first:until], ends[row, first:until], starts[row, 0] + ends[row, 0], offsets
                )
        return [reading or Reading(0, 0, -np.inf) for reading in readings]


def _best(starts: Any, ends: Any, null_score: float, offsets: Sequence[tuple[int, int]]) -> Reading | None:
    """The span i..j with the highest start[i] + end[j], i <= j < i + _MAX_SPAN_TOKENS; None without any token."""
    if not offsets:
        return None
    scores = starts[:, None] + ends[None, :]
    allowed = np.triu(np.ones_like(scores, dtype=bool)) & ~np.triu(np.ones_like(scores, dtype=bool), _MAX_SPAN_TOKENS)
    i, j = divmod(int(np.where(allowed, scores, -np.inf).argmax()), len(ends))
    return Reading(offsets[i][0], offsets[j][1], float(scores[i, j] - null_score))
