"""The contents of the workspace, and how to find things in them."""

from slack_workspace.clock import Clock
from slack_workspace.records import (
    App,
    Channel,
    File,
    Message,
    Question,
    Session,
    Status,
    Team,
    Token,
    User,
    UserError,
    View,
)
from slack_workspace.wire import Json, NotPossible

Thread = tuple[str, str]
"""Channel id and ``ts`` of the root message."""


class State:
    def __init__(self, clock: Clock, app: App, team: Team) -> None:
        self._clock = clock
        self._last_ts = 0
        self._ids = 0
        self.app = app
        """The app under test."""
        self.team = team
        """The team it is installed in."""
        self.teams: dict[str, Team] = {team.id: team}
        self.apps: dict[str, App] = {app.id: app}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.tokens: dict[str, Token] = {}
        self.refresh_tokens: dict[str, str] = {}
        """Refresh token -> the access token it came with."""
        self.oauth_codes: set[str] = set()
        self.messages: dict[str, dict[str, Message]] = {}
        """Channel id -> ts -> message, oldest first."""
        self._threads: dict[Thread, dict[str, Message]] = {}
        self.ephemeral: list[Message] = []
        self.deleted: list[Message] = []
        self.files: dict[str, File] = {}
        self.modals: dict[str, list[View]] = {}
        """User id -> the stack of open modals, topmost last."""
        self.homes: dict[str, View] = {}
        self.statuses: dict[Thread, Status] = {}
        self.titles: dict[Thread, str] = {}
        self.sessions: dict[Thread, Session] = {}
        self.prompts: dict[str, Json] = {}
        """DM channel id -> what setSuggestedPrompts put there."""
        self.contexts: dict[str, Json] = {}
        """User id -> what they are looking at."""
        self.user_errors: list[UserError] = []
        self.questions: list[Question] = []
        self.files_url = ""
        """Where private files are served; set once the server listens."""

    def new_ts(self) -> str:
        """A message timestamp, unique and growing even while the clock stands."""
        self._last_ts = max(self._last_ts + 1, round(self._clock.now() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_id(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}{self._ids:08d}"

    def add_user(self, user: User) -> User:
        self.users[user.id] = user
        return user

    def add_channel(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        return channel

    def add_message(self, message: Message) -> None:
        self.messages.setdefault(message.channel, {})[message.ts] = message
        self._threads.setdefault((message.channel, message.root_ts), {})[message.ts] = message

    def remove_message(self, message: Message) -> None:
        del self.messages[message.channel][message.ts]
        del self._threads[message.channel, message.root_ts][message.ts]
        self.deleted.append(message)

    def message(self, channel: str, ts: str) -> Message | None:
        return self.messages.get(channel, {}).get(ts)

    def existing(self, channel: str, ts: str) -> Message:
        """The message a person points at."""
        message = self.message(channel, ts)
        if message is None:
            raise NotPossible(f"There is no message {ts} in {channel}.")
        return message

    def thread(self, channel: str, root_ts: str) -> list[Message]:
        """The root, if it still exists, and the replies, oldest first."""
        return list(self._threads.get((channel, root_ts), {}).values())

    def replies(self, message: Message) -> list[Message]:
        return [other for other in self.thread(message.channel, message.ts) if other is not message]

    def top_level(self, channel: str) -> list[Message]:
        """What the channel shows itself, oldest first."""
        messages = self.messages.get(channel, {}).values()
        return [message for message in messages if message.thread_ts in (None, message.ts) or message.broadcast]

    def direct_message(self, user: str) -> Channel:
        """The DM of a person with the app under test, opened on first use."""
        members = {user, self.app.bot_user}
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == members:
                return channel
        return self.add_channel(Channel(self.new_id("D"), "", "im", self.team.id, members))

    def app_in(self, channel: Channel) -> bool:
        return self.app.bot_user in channel.members

    def own(self, message: Message) -> bool:
        """Posted by the app under test."""
        return message.app == self.app.id
