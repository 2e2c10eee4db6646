"""How long each step of a request took."""

import time


class Stopwatch:
    """Milliseconds by step: `lap(name)` books the time since the last lap, or the start, under `name`."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._started = self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = self.laps.get(name, 0.0) + 1e3 * (now - self._last)
        self._last = now

    @property
    def total(self) -> float:
        return 1e3 * (time.perf_counter() - self._started)
