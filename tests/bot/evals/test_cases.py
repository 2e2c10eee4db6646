"""Case files: what is read, and what is said of a file that is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.errors import BadInput
from bot.evals.cases import digest_of, read_cases
from bot.types import Turn

GOOD: dict[str, Any] = {"id": "a", "question": "Who?", "answers": ["Putin"], "answerable": True}


def written(folder: Path, *lines: dict[str, Any] | str) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_the_seed_cases_are_read_and_pinned_to_the_article() -> None:
    cases = read_cases(Path(__file__).parents[3] / "seeds" / "questions.jsonl")
    assert len(cases) == 240
    assert all(case.source_sha256 for case in cases)


def test_every_key_of_the_contract_is_read(tmp_path: Path) -> None:
    full = GOOD | {
        "evidence": ["Putin spoke."],
        "history": [{"role": "user", "text": "Hello"}, {"role": "assistant", "text": "Hi"}],
        "tags": ["who"],
        "sources": ["a.txt"],
        "source_sha256": {"a.txt": "00"},
        "author": "somebody",
    }
    (case,) = read_cases(written(tmp_path, "", full))
    assert case.line == 2
    assert case.asked().history == (Turn("user", "Hello"), Turn("assistant", "Hi"))
    assert case.evidence == ("Putin spoke.",)
    assert case.source_sha256 == {"a.txt": "00"}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([GOOD, "{"], "line 2: not JSON"),
        ([GOOD, GOOD | {"question": "When?"}], 'line 2: the id "a" is also that of line 1'),
        ([{"id": "a", "question": "Who?", "answers": ["x"]}], "line 1: answerable: field required"),
        ([GOOD | {"question": " "}], "line 1: question"),
        ([GOOD | {"answers": []}], "neither accepted answers nor evidence"),
        ([GOOD | {"answerable": False}], "not answerable, but names accepted answers"),
        ([GOOD | {"answer": ["x"]}], "unknown key answer: did you mean answers?"),
        ([GOOD | {"source_sha256": {"b.txt": "0"}}], "pins b.txt, which is not among its sources"),
        (["[1]"], "line 1"),
        ([], "no cases"),
        ([{}] * 9, "and 4 more"),
    ],
)
def test_a_wrong_file_is_refused_with_its_lines(tmp_path: Path, lines: list[Any], said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_cases(written(tmp_path, *lines))
    assert said in str(refused.value)


def test_a_file_that_is_not_there_or_not_text_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_cases(tmp_path / "none.jsonl")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="UTF-8"):
        read_cases(tmp_path / "binary.jsonl")


def test_the_digest_depends_on_what_is_asked_alone(tmp_path: Path) -> None:
    plain = digest_of(read_cases(written(tmp_path, GOOD)))
    reordered = digest_of(read_cases(written(tmp_path, "", dict(reversed(GOOD.items())))))
    other = digest_of(read_cases(written(tmp_path, GOOD | {"answers": ["Trump"]})))
    assert plain == reordered
    assert plain != other
