"""What an event of Slack means to the bot. Pure: events are what Slack sends, untrusted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.render import one_line
from bot.slack.asked import Question

Event = Mapping[str, Any]

BY_PEOPLE = (None, "file_share", "thread_broadcast", "me_message")
"""Subtypes of messages that people write."""
LONGEST = 4_000
"""Characters of a question that are read."""
_ENTITY = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_ESCAPED = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ASKS = re.compile(
    r"^(?:and |but |so |ok(?:ay)?,? |then )?(?:who|whom|whose|what|when|where|which|why|how|is|are|was|were|do|does|"
    r"did|can|could|will|would|should|has|have|had|may|tell me|explain|show me|give me|list)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A message by a person. `certain`: it is for the bot, in a DM or with a mention; else it may be."""

    question: Question
    certain: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A message was edited or deleted; `heard` is what it is or was."""

    kind: Literal["edited", "deleted"]
    heard: Heard
    edited_ts: str = ""


class Ears:
    """Understands events. `team` is where the app is installed: the same for one message, however it is delivered."""

    def __init__(self, team: str, bot_user: str) -> None:
        self.team = team
        self._bot = bot_user
        self._mention = re.compile(rf"<@{re.escape(bot_user)}(?:\|[^>]*)?>[:,]?")

    def heard(self, event: Event, *, shared: bool = False) -> Heard | None:
        """A message or mention that asks the bot, or may do so; None for all others."""
        heard = self._said(event, shared=shared)
        if heard is None or heard.certain:
            return heard
        return heard if event.get("thread_ts") and self.meant(str(event.get("text"))) else None

    def changed(self, event: Event, *, shared: bool = False) -> Change | None:
        """What a `message_changed` or `message_deleted` event says about something a person said."""
        around = {name: event[name] for name in ("channel", "channel_type") if name in event}
        now, before = event.get("message") or {}, event.get("previous_message") or {}
        if event.get("subtype") == "message_deleted" or now.get("subtype") == "tombstone":
            said = self._said({**before, **around}, shared=shared)
            return Change("deleted", said) if said else None
        said = self._said({**now, **around}, shared=shared)
        if said is None or now.get("text") == before.get("text"):
            return None
        edited = str((now.get("edited") or {}).get("ts") or event.get("event_ts") or "")
        return Change("edited", said, edited)

    def _said(self, event: Event, *, shared: bool) -> Heard | None:
        """Anything a person says, as the question that it would be."""
        if not self._by_person(event) or not event.get("ts"):
            return None
        text = str(event.get("text") or "")
        direct = event.get("channel_type") == "im" or str(event.get("channel", "")).startswith("D")
        question = Question(
            team=self.team,
            channel=str(event["channel"]),
            ts=str(event["ts"]),
            thread_ts=str(event.get("thread_ts") or event["ts"]),
            user=str(event["user"]),
            user_team=str(event.get("user_team") or event.get("team") or self.team),
            text=self.plain(text),
            kind="direct" if direct else "channel",
            shared=shared,
        )
        return Heard(question, certain=direct or bool(self._mention.search(text)))

    def meant(self, text: str) -> bool:
        """Whether something said in a thread is meant for the bot: it asks, and it is not addressed to anybody else."""
        if any(name != self._bot for name in re.findall(r"<@(\w+)", text)) or re.search(r"<!|^\s*@\w", text):
            return False
        words = self.plain(text)
        return words.endswith("?") or bool(_ASKS.match(words))

    def plain(self, text: str) -> str:
        """The words of a message: without the bot's mention, Slack's mark-up undone, fit for any database."""
        words = _ENTITY.sub(_spoken, self._mention.sub(" ", text))
        words = one_line(re.sub("&lt;|&gt;|&amp;", lambda found: _ESCAPED[found[0]], words))
        return words.encode(errors="replace").decode()[:LONGEST]

    def _by_person(self, event: Event) -> bool:
        bot = event.get("bot_id") or event.get("user") in (None, self._bot, "USLACKBOT")
        return not bot and event.get("subtype") in BY_PEOPLE


def _spoken(entity: re.Match[str]) -> str:
    """What people read where Slack sends `<...>`: a label if there is one, an address, nothing for an id."""
    target, label = entity[1], entity[2]
    if label:
        return label
    return "" if target.startswith(("@", "#", "!")) else target.removeprefix("mailto:")
