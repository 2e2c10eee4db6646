"""A model file is used only if it is the one whose digest is in the code."""

import hashlib
from pathlib import Path

import pytest

from index import onnx
from index.errors import ModelFileProblem
from index.reader import READER, READER_SHA256


def test_the_models_that_come_with_the_package_are_the_expected_files() -> None:
    assert onnx.verified(READER, READER_SHA256)
    assert onnx.verified(onnx.TOKENIZER, onnx.TOKENIZER_SHA256)


@pytest.mark.parametrize("damage", ["cut", "flipped", "exchanged", "empty"])
def test_a_damaged_model_file_is_one_clear_error(tmp_path: Path, damage: str) -> None:
    whole = READER.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    model = tmp_path / "reader.int8.onnx"
    model.write_bytes({"cut": whole[:-1], "flipped": flipped, "exchanged": b"ONNX", "empty": b""}[damage])
    with pytest.raises(ModelFileProblem, match="is damaged or was exchanged: reinstall citebot"):
        onnx.Model(model, READER_SHA256, optimise=False)


def test_a_missing_model_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelFileProblem, match=r"cannot be read \(No such file or directory\): reinstall citebot"):
        onnx.verified(tmp_path / "missing.onnx", READER_SHA256)


def test_a_file_is_judged_by_its_contents(tmp_path: Path) -> None:
    copy = tmp_path / "any name"
    copy.write_bytes(b"contents")
    assert onnx.verified(copy, hashlib.sha256(b"contents").hexdigest()) == b"contents"


def test_the_tokenizer_cuts_nothing_off_and_adds_no_padding() -> None:
    tokenizer = onnx.tokenizer()
    assert len(tokenizer.encode("word " * 2000).ids) == 2002
    assert [len(encoding.ids) for encoding in tokenizer.encode_batch(["a", "a b c"])] == [3, 5]
