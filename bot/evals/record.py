"""The record of a run: what was asked, of what, by what, and every case with its trace and scores. One JSON file."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from bot.errors import BadInput
from bot.evals.cases import Case
from bot.evals.scoring import Score

FORMAT: Literal["citebot-run/1"] = "citebot-run/1"


@dataclass(frozen=True, slots=True)
class Text:
    """A passage that some answer was made from, kept once for all rows."""

    source: str
    title: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage of one row, by the id of its text. `relevant`: it overlaps gold evidence."""

    id: str
    score: float
    relevant: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One case, the answer it got, and its scores.

    `answer` is the document of `ask --json` without its passages, which are in `hits`, and with the withheld claims
    in full. `ranks` has the rank of each evidence string among the hits; `deep_rank` that of the first one in a
    deeper search, where the hits held none.
    """

    case: Case
    answer: dict[str, Any]
    hits: list[Hit]
    scores: dict[str, Score]
    ranks: list[int | None]
    deep_rank: int | None = None
    diagnosis: str | None = None
    stale: str = ""
    judgement: dict[str, Any] | None = None

    @property
    def failed(self) -> bool:
        return bool(self.answer["outcome"] == "failed")

    @property
    def fell_back(self) -> bool:
        """Whether the embedded reader answered because the configured model could not."""
        return bool(self.answer.get("notice"))

    def value(self, metric: str) -> float | None:
        """The score as a number; None where it is unscored."""
        score = self.scores.get(metric, "not measured")
        return None if isinstance(score, str) else score


@dataclass(frozen=True, slots=True)
class CaseSet:
    path: str
    digest: str
    count: int


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """What was asked. `sources` has, for each source that a case names, the digests of the documents of that name."""

    fingerprint: str
    embedder: str
    documents: int
    passages: int
    sources: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Setup:
    """What answered: settings without secrets, the code and the packages it ran on."""

    mode: str
    model: str
    settings: dict[str, Any]
    prompts: dict[str, str]
    commit: str | None
    dirty: bool | None
    versions: dict[str, str]
    machine: str
    jobs: int


@dataclass(frozen=True, slots=True)
class JudgeFacts:
    """Who judged. `agreement` is the share of repeated verdicts that equal their case's majority."""

    model: str
    served_as: list[str]
    prompt_digest: str
    repeats: int
    input_tokens: int
    output_tokens: int
    cached_calls: int
    calls: int
    agreement: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """One number of the summary. `unscored` counts the cases without one, by reason; unscored is never 0."""

    value: float | None
    low: float | None
    high: float | None
    scored: int
    unscored: dict[str, int]


@dataclass(frozen=True, slots=True)
class Record:
    """`latency_ms` has, for each step of the chain, its percentiles over the questions that did not fail."""

    format: Literal["citebot-run/1"]
    started: str
    seconds: float
    cases: CaseSet
    index: IndexFacts
    setup: Setup
    judge: JudgeFacts | None
    summary: dict[str, Measured]
    latency_ms: dict[str, dict[str, float]]
    rows: list[Row]
    passages: dict[str, Text]


_RECORD = TypeAdapter(Record)


def write_record(record: Record, path: Path) -> None:
    """Writes the whole file or none of it.

    Raises:
        BadInput: the path cannot be written.
    """
    write_file(path, _RECORD.dump_json(record))


def read_record(path: Path) -> Record:
    """The record that `write_record` wrote.

    Raises:
        BadInput: there is no file, or it is no run record of this version.
    """
    try:
        return _RECORD.validate_json(path.read_bytes())
    except OSError as error:
        raise BadInput(f"The run record {path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"][:4]) or "file"
        raise BadInput(
            f"{path} is no run record of this version ({place}: {problem['msg'].lower()}): make one with "
            "`citebot eval --out`."
        ) from error


def write_file(path: Path, data: bytes) -> None:
    """Replaces the file at once, so that whoever reads it sees the old one or the new one.

    Raises:
        BadInput: the path cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
