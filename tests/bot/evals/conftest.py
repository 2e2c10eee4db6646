"""Fixtures of the evaluator's tests: made-up rows and records, cases of the seed article."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.answering import Answering
from bot.evals import scoring
from bot.evals.cases import Case, read_cases
from bot.evals.measures import latency, summarise
from bot.evals.record import FORMAT, CaseSet, Hit, IndexFacts, Record, Row, Setup, Text
from bot.models.embedded import EmbeddedAnswerer
from index.library import Library
from index.reader import Reader

SEED_CASES = Path(__file__).parents[3] / "seeds" / "questions.jsonl"
PASSAGE = Text("docs/a.txt", "A title", 100, 160, "Rain fell on Monday. The envoy met Putin in Moscow. He left.")
QUOTE = "The envoy met Putin in Moscow."
SETUP = Setup(
    mode="embedded",
    model="minilm-reader-int8",
    settings={"passages": 8},
    prompts={},
    commit="0" * 40,
    dirty=False,
    versions={"citebot": "1"},
    machine="box",
    jobs=1,
)


@pytest.fixture(scope="session")
def seed_cases() -> list[Case]:
    return read_cases(SEED_CASES)


@pytest.fixture
def parts(seed_library: Library, reader: Reader) -> Answering:
    """The chain's parts on the seed article, in embedded mode."""
    return Answering(seed_library, reader, EmbeddedAnswerer(), passages=8, evidence_threshold=0.5)


@pytest.fixture(scope="session")
def make_row() -> Callable[..., Row]:
    return row_of


@pytest.fixture(scope="session")
def make_record() -> Callable[..., Record]:
    return record_of


def row_of(
    name: str = "a",
    *,
    correct: float | str = 1.0,
    answerable: bool = True,
    outcome: str = "answered",
    confidence: float = 0.8,
    scores: dict[str, scoring.Score] | None = None,
    ms: float = 20.0,
    question: str = "Where did the envoy meet Putin?",
    tokens: int = 0,
    **changes: Any,
) -> Row:
    """A row as a run makes it. Scores that are not named follow from `correct`."""
    answered = outcome == "answered"
    case = Case(name, question, answerable, ("Moscow",) * answerable, (QUOTE,) * answerable, sources=("a.txt",), line=1)
    cited = {"number": 1, "source": PASSAGE.source, "title": PASSAGE.title, "start": 121, "end": 151, "quote": QUOTE}
    answer: dict[str, Any] = {
        "id": name,
        "question": question,
        "standalone_question": question,
        "outcome": outcome,
        "answer": QUOTE if answered else "",
        "short_answer": "Moscow" if answered else None,
        "claims": [{"text": QUOTE, "citations": [1]}] if answered else [],
        "citations": [cited | {"passage_id": "p1"}] if answered else [],
        "withheld": [],
        "confidence": confidence,
        "mode": "embedded",
        "model": "minilm-reader-int8",
        "usage": {"input_tokens": tokens, "output_tokens": tokens // 10, "calls": int(tokens > 0)},
        "timings_ms": {"condense": 0.0, "retrieve": ms - 1, "generate": 0.5, "verify": 0.5, "total": ms},
    }
    if outcome == "failed":
        answer = {"id": name, "question": question, "outcome": "failed", "answer": "", "error": "The model is away."}
    unscored = scoring.unscored(scoring.UNANSWERABLE if not answerable else correct if isinstance(correct, str) else "")
    every = unscored if not answerable or isinstance(correct, str) else dict.fromkeys(scoring.PER_CASE, float(correct))
    values: dict[str, Any] = {
        "case": case,
        "answer": answer,
        "hits": [Hit("p1", 0.03, relevant=answerable)] if outcome != "failed" else [],
        "scores": every | {"correct": correct} | (scores or {}),
        "ranks": [1] * answerable,
        "diagnosis": None if correct != 0.0 else "wrong despite evidence" if answerable else "should have abstained",
    }
    return Row(**(values | changes))


def record_of(rows: list[Row], **changes: Any) -> Record:
    values: dict[str, Any] = {
        "format": FORMAT,
        "started": "2026-11-22T12:00:00+00:00",
        "seconds": 12.5,
        "cases": CaseSet("cases.jsonl", "digest-of-cases", len(rows)),
        "index": IndexFacts("fingerprint", "minilm", 1, 20, {"a.txt": ["digest-of-a"]}),
        "setup": SETUP,
        "judge": None,
        "summary": summarise(rows),
        "latency_ms": latency(rows),
        "rows": rows,
        "passages": {"p1": PASSAGE},
    }
    return Record(**(values | changes))
