"""Progress of indexing on stderr: a bar on a terminal, a line now and then elsewhere, nothing for what is quick."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_QUICK_SECONDS = 1.0
_LINE_SECONDS = 10.0


class IndexProgress:
    """Call it with (documents done, documents in all, passages embedded so far)."""

    def __init__(self) -> None:
        columns = (
            TextColumn("Indexing"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("index", total=None, rate="")
        self._started = self._said = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        if kind is KeyboardInterrupt:
            print("citebot: what was finished is kept; the same command goes on from there.", file=sys.stderr)

    def __call__(self, done: int, total: int, embedded: int) -> None:
        now = time.monotonic()
        elapsed = now - self._started
        if elapsed < _QUICK_SECONDS:
            return
        rate = f"{embedded / elapsed:.0f} passages/s" if embedded else ""
        if self._bar.console.is_terminal:
            self._bar.start()
            self._bar.update(self._task, completed=done, total=total, rate=rate)
        elif now - self._said > _LINE_SECONDS:
            self._said = now
            print(f"citebot: {done} of {total} documents, {rate}", file=sys.stderr)
