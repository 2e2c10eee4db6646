"""Pins cases to the sources as they are indexed now, so that a later change of a source makes them stale."""

import json
from pathlib import Path
from typing import NamedTuple

from bot.evals.cases import Case, read_cases
from bot.evals.record import write_file
from bot.evals.sources import Sources


class Pinned(NamedTuple):
    """How many cases were pinned, and why others were not: line and reason."""

    number: int
    left: list[tuple[int, str]]


def pin(path: Path, sources: Sources) -> Pinned:
    """Writes source_sha256 into every case whose sources are indexed and hold its evidence; other keys stay.

    Raises:
        BadInput: the file holds no cases, or cannot be written.
    """
    cases = {case.line: case for case in read_cases(path)}
    left: list[tuple[int, str]] = []
    lines: list[str] = []
    number = 0
    for place, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        case = cases.get(place)
        if case is None or not case.sources:
            lines.append(line)
        elif problem := _unpinnable(case, sources):
            left.append((place, problem))
            lines.append(line)
        else:
            pins = {"source_sha256": {name: sources.digests(name)[0] for name in case.sources}}
            lines.append(json.dumps(json.loads(line) | pins, ensure_ascii=False))
            number += 1
    write_file(path, "".join(f"{line}\n" for line in lines).encode())
    return Pinned(number, left)


def _unpinnable(case: Case, sources: Sources) -> str:
    for name in case.sources:
        found = len(sources.digests(name))
        if found != 1:
            return f"{name} names {found} indexed texts" if found else f"{name} is not indexed"
    if not all(found.places for found in sources.locate(case)):
        return "its evidence is not in its sources"
    return ""
