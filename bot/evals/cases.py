"""The cases of a question set: one JSON object a line, checked before anything is asked."""

import difflib
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from bot.errors import BadInput
from bot.render import one_line
from bot.types import Question, Turn

_SHOWN_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what a right answer is.

    `evidence` holds verbatim strings of the sources; `sources` names documents by the end of their path or URL;
    `source_sha256` pins them: the digest of each source's text when the case was written. `line` is its place in
    the file, from 1.
    """

    id: str
    question: str
    answerable: bool
    answers: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    history: tuple[Turn, ...] = ()
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    source_sha256: dict[str, str] | None = None
    line: int = 0

    def asked(self) -> Question:
        return Question(self.question, self.id, self.history)


_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Turn(BaseModel):
    model_config = ConfigDict(extra="ignore")
    role: Literal["user", "assistant"]
    text: str


class _Line(BaseModel):
    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True)
    id: _Text
    question: _Text
    answerable: bool
    answers: list[_Text] = []
    evidence: list[_Text] = []
    history: list[_Turn] = []
    tags: list[str] = []
    sources: list[_Text] = []
    source_sha256: dict[str, str] = {}


def read_cases(path: Path) -> list[Case]:
    """The cases of a file in their order.

    Raises:
        BadInput: naming the lines that are no cases, and why.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"The cases in {path} cannot be read: save the file as UTF-8.") from error
    except OSError as error:
        raise BadInput(f"The cases in {path} cannot be read: {error.strerror}.") from error
    cases: list[Case] = []
    problems: list[str] = []
    for found in _parse(text.splitlines()):
        if isinstance(found, Case):
            cases.append(found)
        else:
            problems.append(found)
    if problems:
        more = len(problems) - _SHOWN_PROBLEMS
        shown = "; ".join(problems[:_SHOWN_PROBLEMS]) + (f"; and {more} more" if more > 0 else "")
        raise BadInput(f"The cases in {path} cannot be used: {shown}.")
    if not cases:
        raise BadInput(f"There are no cases in {path}: give a file with one case a line.")
    return cases


def digest_of(cases: Sequence[Case]) -> str:
    """A digest of what is asked and expected; neither the order of keys in the file nor the pins matter to it."""
    dump = TypeAdapter(Case).dump_python
    expected = [dump(case, mode="json", exclude={"line", "source_sha256"}) for case in cases]
    return hashlib.sha256(json.dumps(expected, sort_keys=True).encode()).hexdigest()


def _parse(lines: Iterable[str]) -> Iterator[Case | str]:
    first: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        found = _case(number, line)
        if isinstance(found, Case):
            if found.id in first:
                yield f'line {number}: the id "{one_line(found.id)}" is also that of line {first[found.id]}'
                continue
            first[found.id] = number
        yield found


def _case(number: int, line: str) -> Case | str:
    try:
        parsed = _Line.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        return f"line {number}: not JSON ({error.msg}, column {error.colno})"
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"]) or "line"
        return f"line {number}: {place}: {problem['msg'].lower()}"
    if wrong := _inconsistency(parsed):
        return f"line {number}: {wrong}"
    return Case(
        id=parsed.id,
        question=parsed.question,
        answerable=parsed.answerable,
        answers=tuple(parsed.answers),
        evidence=tuple(parsed.evidence),
        history=tuple(Turn(turn.role, turn.text) for turn in parsed.history),
        tags=tuple(parsed.tags),
        sources=tuple(parsed.sources),
        source_sha256=parsed.source_sha256 or None,
        line=number,
    )


def _inconsistency(parsed: _Line) -> str | None:
    if parsed.answerable and not (parsed.answers or parsed.evidence):
        return "it is answerable, but names neither accepted answers nor evidence"
    if not parsed.answerable and parsed.answers:
        return "it is not answerable, but names accepted answers"
    if stray := parsed.source_sha256.keys() - set(parsed.sources):
        return f"source_sha256 pins {one_line(min(stray))}, which is not among its sources"
    return _misspelt(parsed.model_extra or {})


def _misspelt(extra: dict[str, Any]) -> str | None:
    """Other keys are the author's own business, unless one is nearly a key of ours."""
    for key in extra:
        if near := difflib.get_close_matches(key, _Line.model_fields, n=1, cutoff=0.8):
            return f"unknown key {one_line(key)}: did you mean {near[0]}?"
    return None
