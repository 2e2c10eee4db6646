"""Whose question is next: who was served longest ago, counting the person and the channel alike."""

from collections import OrderedDict
from collections.abc import Sequence

from bot.slack.asked import Waiting

REMEMBERED = 10_000


class Turns:
    """Round robin over people and channels: a hundred questions of one keep nobody else waiting."""

    def __init__(self) -> None:
        self._round = 0
        self._served: OrderedDict[str, int] = OrderedDict()

    def next(self, waiting: Sequence[Waiting]) -> Waiting:
        """Chooses, and remembers it as served."""
        chosen = min(waiting, key=lambda each: (self._last(each.user) + self._last(each.channel), each.id))
        self._round += 1
        for name in (chosen.user, chosen.channel):
            self._served[name] = self._round
            self._served.move_to_end(name)
        while len(self._served) > REMEMBERED:
            self._served.popitem(last=False)
        return chosen

    def _last(self, name: str) -> int:
        return self._served.get(name, 0)
