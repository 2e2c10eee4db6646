"""What the workspace remembers. Ids are Slack's own kind: T team, U user, B bot, C/G/D conversation, F file, V view."""

from dataclasses import dataclass, field
from typing import Literal

from slack_workspace.wire import Json

ChannelKind = Literal["channel", "group", "im", "mpim"]
StreamState = Literal["streaming", "stopped", "stopped_by_user", "expired"]


@dataclass
class Team:
    id: str
    name: str
    domain: str
    enterprise: str | None = None


@dataclass
class App:
    id: str
    name: str
    bot_user: str
    bot_id: str


@dataclass
class User:
    id: str
    name: str
    real_name: str
    team: str
    app: str | None = None
    """Set for a bot user: the id of its app."""
    guest: Literal["", "restricted", "ultra_restricted"] = ""
    deleted: bool = False


@dataclass
class Channel:
    id: str
    name: str
    kind: ChannelKind
    team: str
    members: set[str]
    archived: bool = False
    connected_teams: tuple[str, ...] = ()
    """Further teams of a Slack Connect channel."""

    @property
    def shared(self) -> bool:
        return bool(self.connected_teams)


@dataclass
class Token:
    value: str
    kind: Literal["bot", "app", "user"]
    team: str
    app: str
    user: str
    scopes: frozenset[str]
    revoked: bool = False
    expires_at: float | None = None


@dataclass
class Stream:
    """The streaming side of a message."""

    state: StreamState
    started_at: float
    touched_at: float
    display_mode: str = "timeline"
    weight: int = 0
    """UTF-8 bytes so far, the details and output of tasks twice."""
    text: str = ""
    tasks: dict[str, Json] = field(default_factory=dict)
    plan: str | None = None
    blocks: list[Json] = field(default_factory=list)


@dataclass
class Message:
    channel: str
    ts: str
    user: str
    text: str = ""
    team: str = ""
    thread_ts: str | None = None
    app: str | None = None
    """The id of the app that posted it, None for a person."""
    bot_id: str | None = None
    subtype: str | None = None
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    metadata: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edited_by: str | None = None
    edited_ts: str | None = None
    unfurl_links: bool | None = None
    """As the app asked; None: it said nothing, and Slack unfurls."""
    unfurl_media: bool | None = None
    username: str | None = None
    icon: str | None = None
    client_msg_id: str | None = None
    broadcast: bool = False
    ephemeral_for: str | None = None
    markdown: bool = False
    """The text came as ``markdown_text``."""
    stream: Stream | None = None
    app_context: Json | None = None

    @property
    def root_ts(self) -> str:
        """The thread this message belongs to, or would start."""
        return self.thread_ts or self.ts

    @property
    def streaming(self) -> bool:
        return self.stream is not None and self.stream.state == "streaming"


@dataclass
class File:
    id: str
    name: str
    user: str
    title: str = ""
    mimetype: str = "text/plain"
    content: bytes = b""
    alt_txt: str | None = None
    channels: list[str] = field(default_factory=list)
    complete: bool = False
    declared_length: int = 0


@dataclass
class View:
    id: str
    user: str
    body: Json
    """The view as the app sent it, with generated block ids."""
    hash: str
    app: str
    root: str
    previous: str | None = None


@dataclass
class Status:
    text: str
    loading_messages: list[str]
    until: float


@dataclass
class Session:
    """An agent session, of one thread."""

    status: str
    title: str = ""
    initiator: str | None = None


@dataclass(frozen=True)
class UserError:
    """Something Slack told a person that went wrong."""

    user: str
    action: str
    error: str


@dataclass
class Question:
    """What a person asked and expects exactly one answer to."""

    user: str
    channel: str
    ts: str | None
    """The message that asks; None for a slash command."""
    text: str
    asked_at: float
