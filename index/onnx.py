"""Models in ONNX Runtime, from files whose digest was checked first, and the tokenizer they share."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import ModelFileProblem

MODELS = Path(__file__).parent / "models"
TOKENIZER = MODELS / "tokenizer.json"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


def verified(path: Path, sha256: str) -> bytes:
    """The bytes of a model file.

    Raises:
        ModelFileProblem: the file is absent, or is not the one whose digest is in the code.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelFileProblem(
            f"The model file {path} cannot be read ({error.strerror}): reinstall citebot."
        ) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ModelFileProblem(f"The model file {path} is damaged or was exchanged: reinstall citebot.")
    return data


class Model:
    """A model on the CPU, made from verified bytes. Safe to use from several threads.

    Inputs are run one by one, as many at a time as there are cores. That is as fast as batching on two cores
    (`make bench`), wastes nothing on padding, and makes each result independent of its company: the range of
    dynamically quantised activations is taken over a whole batch, which moved the reader's scores by up to 1.2.
    """

    def __init__(self, path: Path, sha256: str, *, optimise: bool) -> None:
        """Loads the model. `optimise` lets the runtime rewrite its graph first, which costs time and may pay off."""
        import onnxruntime

        levels = onnxruntime.GraphOptimizationLevel
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = levels.ORT_ENABLE_ALL if optimise else levels.ORT_DISABLE_ALL
        options.intra_op_num_threads = 1
        options.log_severity_level = 3  # warnings about graph optimisation are of no use to anyone here
        data = verified(path, sha256)
        self._session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])

    def run_each(
        self,
        inputs: Iterable[tuple[Sequence[int], Sequence[int]]],
        reduce: Callable[[Any], Any] = lambda outputs: outputs,
    ) -> Iterator[Any]:
        """What `reduce` makes of the outputs for each (token ids, segment ids), in order.

        Every output has its batch dimension of 1. All work is begun by the call; `reduce` runs beside the model.
        """

        def run(row: tuple[Sequence[int], Sequence[int]]) -> Any:
            ids, segments = (np.array([values], dtype=np.int64) for values in row)
            feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": segments}
            return reduce(self._session.run(None, feed))

        return _workers().map(run, inputs)


@cache
def _workers() -> ThreadPoolExecutor:
    """One pool for all models, so that they never ask for more cores than there are."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="onnx")


def tokenizer() -> Any:
    """The WordPiece tokenizer that the embedder and the reader share, with neither truncation nor padding."""
    from tokenizers import Tokenizer

    shared = Tokenizer.from_str(verified(TOKENIZER, TOKENIZER_SHA256).decode())
    shared.no_truncation()
    shared.no_padding()
    return shared
