"""The rows of a run while it goes on: one JSON line each, written at once, so that an interrupted run can go on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import TypeAdapter

from bot.errors import BadInput
from bot.evals.record import Row, Text

_ROW = TypeAdapter(Row)
_TEXTS = TypeAdapter(dict[str, Text])


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What an interrupted run left: who it was, when it started, its rows by case id, its passages by id.

    `size` is how many bytes of the file are whole lines.
    """

    identity: dict[str, str]
    started: str
    rows: dict[str, Row]
    passages: dict[str, Text]
    size: int


class RowLog:
    """Appends rows to a file beside the record to come. `identity` says what run the rows belong to."""

    def __init__(
        self, path: Path, identity: Mapping[str, str], started: str, unfinished: Unfinished | None = None
    ) -> None:
        """Begins a log, or goes on with the `unfinished` one at `path`.

        Raises:
            BadInput: the path cannot be written.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("r+b" if unfinished else "wb")
            if unfinished:
                self._file.truncate(unfinished.size)
                self._file.seek(unfinished.size)
        except OSError as error:
            raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
        if not unfinished:
            self._write(json.dumps({"identity": dict(identity), "started": started}).encode())

    def add(self, row: Row, new_passages: Mapping[str, Text]) -> None:
        self._write(b'{"row":' + _ROW.dump_json(row) + b',"passages":' + _TEXTS.dump_json(dict(new_passages)) + b"}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _write(self, line: bytes) -> None:
        self._file.write(line + b"\n")
        self._file.flush()


def log_path(record: Path) -> Path:
    """Where the rows of the run that will write `record` are kept meanwhile."""
    return record.with_name(f"{record.name}.unfinished")


def read_log(path: Path) -> Unfinished | None:
    """What is left of an interrupted run; None if there is none. A last line cut short is left out."""
    if not path.is_file():
        return None
    header: dict[str, Any] | None = None
    rows: dict[str, Row] = {}
    passages: dict[str, Text] = {}
    size = 0
    for line in path.read_bytes().splitlines(keepends=True):
        try:
            content = json.loads(line)
            if header is None:
                header = {"identity": content["identity"], "started": content["started"]}
            else:
                row = _ROW.validate_python(content["row"])
                passages |= _TEXTS.validate_python(content["passages"])
                rows[row.case.id] = row
        except (ValueError, KeyError, TypeError):
            break
        size += len(line)
    return Unfinished(**header, rows=rows, passages=passages, size=size) if header else None


def same_run(unfinished: Unfinished, identity: Mapping[str, str], path: Path) -> None:
    """Checks that the run may go on.

    Raises:
        BadInput: the rows belong to a run of something else; it says of what.
    """
    differing = [name for name, value in identity.items() if unfinished.identity.get(name) != value]
    if differing:
        raise BadInput(
            f"The interrupted run in {path} cannot go on, because these have changed: {', '.join(differing)}: "
            "start anew without --resume."
        )
