"""What was asked in Slack, as the inbox keeps it. Frozen: the inbox makes new ones, nobody edits one."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["channel", "direct", "command", "shortcut"]
"""Where it was asked: a channel or group, a DM, `/ask`, or the message shortcut."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it arrives. Its key is (team, channel, ts): one message is one question, however often it comes.

    `thread_ts` is the root of the thread it is answered in. `user_team` is the team of who asks, which differs from
    `team` in Slack Connect channels (`shared`). `reply_url` is where a private answer goes.
    """

    team: str
    channel: str
    ts: str
    thread_ts: str
    user: str
    user_team: str
    text: str
    kind: Kind
    shared: bool = False
    reply_url: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of a question now: another `revision` means that it was edited, or deleted (`gone`)."""

    revision: int
    gone: bool
    stopped: bool


@dataclass(frozen=True, slots=True)
class Asked(Question):
    """A question that this process has claimed, and how far the reply to it has come.

    `messages` are the reply's `ts` in order, `stream` the one of them that may still be streaming. `posting` says that
    a message was on its way when this was written: whether it arrived is not known.
    """

    id: int = 0
    revision: int = 1
    gone: bool = False
    stopped: bool = False
    attempts: int = 1
    messages: tuple[str, ...] = ()
    stream: str = ""
    posting: bool = False

    @property
    def wish(self) -> Wish:
        return Wish(self.revision, self.gone, self.stopped)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question nobody works on yet."""

    id: int
    user: str
    channel: str
    thread_ts: str
