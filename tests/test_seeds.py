"""The question set says what the article says."""

import json
from collections import Counter
from pathlib import Path

import pytest

SEEDS = Path(__file__).parents[1] / "seeds"
CASES = [json.loads(line) for line in (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()]


def test_there_are_enough_cases_of_every_kind() -> None:
    tags = Counter(tag for case in CASES for tag in case["tags"])
    assert len(CASES) >= 60
    assert all(tags[kind] >= 6 for kind in ("near-topic", "off-topic", "false-premise", "future", "overview", "list"))
    assert sum("history" in case for case in CASES) >= 20


def test_ids_are_unique() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case_is_sound(case: dict) -> None:  # type: ignore[type-arg]
    texts = [(SEEDS / source).read_text(encoding="utf-8") for source in case["sources"]]
    assert all(any(evidence in text for text in texts) for evidence in case["evidence"])
    assert case["answerable"] == bool(case["answers"]) == bool(case["evidence"])
    roles = [turn["role"] for turn in case.get("history", [])]
    assert roles == ["user", "assistant"] * (len(roles) // 2)
