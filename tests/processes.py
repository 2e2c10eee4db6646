"""What tests do in a second process. It is forked from a server that has the slow imports behind it."""

import multiprocessing
from collections.abc import Callable
from typing import Any

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["index.build", "index.store"])


def _send(connection: Any, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    connection.send(work(*arguments))


class Elsewhere:
    """`work(*arguments)` in a process of its own; `result()` waits for what it returns."""

    def __init__(self, work: Callable[..., Any], *arguments: Any) -> None:
        self._here, there = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_send, args=(there, work, arguments))
        self._process.start()
        there.close()

    def result(self) -> Any:
        """What the work returned. An error over there is an EOFError here."""
        try:
            return self._here.recv()
        finally:
            self._process.join()
            self._here.close()


def all_at_once(count: int, work: Callable[..., Any], *arguments: Any) -> list[Any]:
    """What `work(*arguments)` returns in `count` processes that begin it together."""
    barrier = _CONTEXT.Barrier(count)
    return [process.result() for process in [Elsewhere(_begin, barrier, work, arguments) for _ in range(count)]]


def _begin(barrier: Any, work: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    barrier.wait(60)
    return work(*arguments)
