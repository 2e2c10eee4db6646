"""ONNX Runtime sessions over model files whose digest was checked first."""

import hashlib
from pathlib import Path
from typing import Any

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


def session(path: Path, sha256: str) -> Any:
    """An inference session on the CPU over the verified bytes of `path`."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # warnings about graph optimisation are of no use to anyone here
    return onnxruntime.InferenceSession(verified(path, sha256), options, providers=["CPUExecutionProvider"])


def tokenizer() -> Any:
    """The WordPiece tokenizer that the embedder and the reader share, with neither truncation nor padding."""
    from tokenizers import Tokenizer

    shared = Tokenizer.from_str(verified(TOKENIZER, TOKENIZER_SHA256).decode())
    shared.no_truncation()
    shared.no_padding()
    return shared
