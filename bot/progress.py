"""Progress of long work on stderr: a bar on a terminal, a line now and then elsewhere, nothing for what is quick."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_QUICK_SECONDS = 1.0
_LINE_SECONDS = 10.0


class _Shown:
    """A bar or lines. `kept` is what to say when the work is interrupted."""

    def __init__(self, label: str, things: str, kept: str) -> None:
        columns = (
            TextColumn(label),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        self._things, self._kept = things, kept
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task(label, total=None, rate="")
        self._started = self._said = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        if kind is KeyboardInterrupt:
            print(f"citebot: {self._kept}", file=sys.stderr)

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._started

    def _show(self, done: int, total: int, rate: str, left: str = "") -> None:
        now = time.monotonic()
        if now - self._started < _QUICK_SECONDS:
            return
        if self._bar.console.is_terminal:
            self._bar.start()
            self._bar.update(self._task, completed=done, total=total, rate=rate)
        elif now - self._said > _LINE_SECONDS:
            self._said = now
            print(f"citebot: {done} of {total} {self._things}, {rate}{left}", file=sys.stderr)


class IndexProgress(_Shown):
    """Call it with (documents done, documents in all, passages embedded so far)."""

    def __init__(self) -> None:
        super().__init__("Indexing", "documents", "what was finished is kept; the same command goes on from there.")

    def __call__(self, done: int, total: int, embedded: int) -> None:
        self._show(done, total, f"{embedded / self._elapsed:.0f} passages/s" if embedded else "")


class CaseProgress(_Shown):
    """Call it once for each case that is done. `before` were done by a run that this one goes on with."""

    def __init__(self, label: str, total: int, before: int = 0, *, kept: str) -> None:
        super().__init__(label, "cases", kept)
        self._total, self._before, self._done = total, before, 0

    def __call__(self) -> None:
        self._done += 1
        rate = self._done / self._elapsed
        left = (self._total - self._before - self._done) / rate
        self._show(self._before + self._done, self._total, f"{rate:.1f} a second", f", about {left:.0f} s left")
