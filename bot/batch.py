"""Questions as JSON lines: {"id", "question", "history"?} each."""

import json
from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from bot.types import Question, Turn

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Turn(BaseModel):
    model_config = ConfigDict(extra="ignore")
    role: str
    text: str


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)
    id: str = ""
    question: _Text
    history: list[_Turn] = []


def read_questions(lines: Iterable[str]) -> Iterator[Question | str]:
    """The questions, one per line that is not blank; in place of a line that holds none, what is wrong with it."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            parsed = _Line.model_validate(json.loads(line))
            yield Question(parsed.question, parsed.id, tuple(_turn(turn) for turn in parsed.history))
        except json.JSONDecodeError as error:
            yield f"Line {number} is not JSON ({error.msg}, column {error.colno})."
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(str(part) for part in problem["loc"]) or "line"
            yield f"Line {number} is not a question: {place}: {problem['msg'].lower()}."


def _turn(turn: _Turn) -> Turn:
    return Turn("assistant" if turn.role == "assistant" else "user", turn.text)
