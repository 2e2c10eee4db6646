"""Messages: posting, changing, deleting and reacting, by people and apps alike, and the events that follow."""

from collections.abc import Callable

from slack_workspace.events import Events
from slack_workspace.ids import with_ids
from slack_workspace.journal import Journal
from slack_workspace.records import Message
from slack_workspace.shapes import message_json
from slack_workspace.state import State
from slack_workspace.wire import Json


class Board:
    def __init__(self, state: State, journal: Journal, events: Events) -> None:
        self._state = state
        self._journal = journal
        self._events = events
        self.on_post: list[Callable[[Message], None]] = []
        """Called with every new message, before its events go out."""
        self.on_delete: list[Callable[[Message], None]] = []

    def post(self, message: Message) -> Message:
        message.blocks = with_ids(self._state, message.blocks)
        self._state.add_message(message)
        for listener in self.on_post:
            listener(message)
        self._note("posted", message)
        self._events.posted(message)
        return message

    def whisper(self, message: Message) -> Message:
        """An ephemeral message: seen by one person, in no history, without events."""
        message.blocks = with_ids(self._state, message.blocks)
        self._state.ephemeral.append(message)
        self._note("whispered", message, user=message.ephemeral_for)
        return message

    def snapshot(self, message: Message) -> Json:
        """What the message is like now, for the ``previous_message`` of a later change."""
        return message_json(self._state, message)

    def changed(self, message: Message, previous: Json) -> None:
        """Tell of a change already made to ``message``."""
        message.blocks = with_ids(self._state, message.blocks)
        self._note("changed", message)
        if message.ephemeral_for is None:
            self._events.changed(message, previous)

    def delete(self, message: Message) -> None:
        if message.ephemeral_for is not None:
            self._state.ephemeral.remove(message)
            self._note("deleted", message)
            return
        previous = message_json(self._state, message)
        replies = self._state.replies(message) if message.thread_ts is None else []
        self._state.remove_message(message)
        for listener in self.on_delete:
            listener(message)
        self._note("deleted", message)
        if replies:
            self._events.tombstone(message, previous)
        else:
            self._events.deleted(message.channel, previous)

    def react(self, message: Message, user: str, name: str) -> bool:
        """Add a reaction; False if this user had already added it."""
        users = message.reactions.setdefault(name, [])
        if user in users:
            return False
        users.append(user)
        self._reaction("reaction_added", message, user, name)
        return True

    def unreact(self, message: Message, user: str, name: str) -> bool:
        """Remove a reaction; False if there was none."""
        users = message.reactions.get(name, [])
        if user not in users:
            return False
        users.remove(user)
        if not users:
            del message.reactions[name]
        self._reaction("reaction_removed", message, user, name)
        return True

    def _reaction(self, kind: str, message: Message, user: str, name: str) -> None:
        channel = self._state.channels[message.channel]
        item = {"type": "message", "channel": message.channel, "ts": message.ts}
        event = {"type": kind, "user": user, "reaction": name, "item": item, "item_user": message.user}
        self._journal.write("message", kind, channel=message.channel, ts=message.ts, user=user, reaction=name)
        if self._state.app_in(channel):
            self._events.emit({**event, "event_ts": self._state.new_ts()}, channel)

    def _note(self, what: str, message: Message, **more: str | None) -> None:
        self._journal.write(
            "message", what, channel=message.channel, ts=message.ts, text=message.text, app=message.app, **more
        )
