"""What a human finally sees: tests assert on this, not on calls."""

from collections.abc import Mapping
from dataclasses import dataclass

from slack_workspace import plain
from slack_workspace.records import Message, View
from slack_workspace.wire import Json
from slack_workspace.world import World


@dataclass(frozen=True)
class RenderedMessage:
    ts: str
    author: str
    from_app: bool
    """By the app under test."""
    text: str
    """The text; where there are blocks too, people see it only in notifications, except in a streamed message."""
    blocks: tuple[Json, ...]
    streaming: bool
    streamed: bool
    edited: bool
    reactions: Mapping[str, tuple[str, ...]]
    files: tuple[str, ...]
    tasks: tuple[Json, ...]
    plan: str | None
    replies: int
    unfurls: bool
    """Slack would add previews of links."""
    metadata: Json | None

    @property
    def shown(self) -> str:
        """All words on the screen, a line for each piece."""
        own = [self.text] if self.text and (self.streamed or not self.blocks) else []
        tasks = [f"({task['status']}) {task['title']}" for task in self.tasks]
        return "\n".join([*own, *([self.plan] if self.plan else []), *tasks, *plain.lines(list(self.blocks))])

    @property
    def pings(self) -> list[str]:
        """Whom it notifies by mentions, as ``<!channel>`` or ``<@U...>``."""
        return plain.pings(self.text, list(self.blocks))

    @property
    def links(self) -> list[str]:
        return plain.links(self.text, list(self.blocks))

    @property
    def images(self) -> list[str]:
        return plain.images(self.text, list(self.blocks))


@dataclass(frozen=True)
class RenderedView:
    title: str
    blocks: tuple[Json, ...]
    submit: str | None
    errors: Mapping[str, str]
    """Block id -> what is wrong with the input."""
    depth: int
    """1 for a root modal, 2 and 3 for pushed ones."""
    body: Json

    @property
    def shown(self) -> str:
        return "\n".join(plain.lines(list(self.blocks)))


@dataclass(frozen=True)
class Rendered:
    """A thread, or the top level of a channel."""

    channel: str
    thread_ts: str | None
    messages: tuple[RenderedMessage, ...]
    status: str | None
    """The line "<app> is thinking...", as "askbot is thinking...". None: there is none."""
    loading_messages: tuple[str, ...]
    title: str | None
    session: str | None
    stop_button: bool
    whispers: Mapping[str, tuple[RenderedMessage, ...]]
    """User id -> the ephemeral messages only they see here."""
    modals: Mapping[str, RenderedView]
    """User id -> their topmost modal, wherever they are."""

    @property
    def answers(self) -> tuple[RenderedMessage, ...]:
        """The messages of the app under test."""
        return tuple(message for message in self.messages if message.from_app)

    def transcript(self) -> str:
        """All of it as text, without ids and times, for golden files."""
        out = [line for message in self.messages for line in _told(message)]
        for user, whispers in self.whispers.items():
            out += [f"(only {user} sees) {line}" for message in whispers for line in _told(message)]
        if self.status is not None:
            out.append(f"[{self.status}]")
        if self.stop_button:
            out.append("[Stop]")
        for user, view in self.modals.items():
            out += [f"== modal of {user}: {view.title} ==", *view.shown.splitlines()]
            out += [f"!! {block}: {error}" for block, error in view.errors.items()]
        return "\n".join(out) + "\n"


def render(world: World, channel: str, thread_ts: str | None) -> Rendered:
    state = world.state
    messages = state.thread(channel, thread_ts) if thread_ts else state.top_level(channel)
    thread = (channel, thread_ts or "")
    status, session = state.statuses.get(thread), state.sessions.get(thread)
    whispers: dict[str, list[RenderedMessage]] = {}
    for message in state.ephemeral:
        if message.channel == channel and message.thread_ts == thread_ts:
            whispers.setdefault(str(message.ephemeral_for), []).append(_rendered(world, message))
    stack = {user: views for user, views in state.modals.items() if views}
    return Rendered(
        channel=channel,
        thread_ts=thread_ts,
        messages=tuple(_rendered(world, message) for message in messages),
        status=f"{state.app.name} {status.text}" if status else None,
        loading_messages=tuple(status.loading_messages) if status else (),
        title=state.titles.get(thread) or (session.title or None if session else None),
        session=session.status if session else None,
        stop_button=session is not None and session.status == "processing" and world.threads.stoppable,
        whispers={user: tuple(seen) for user, seen in whispers.items()},
        modals={
            user: render_view(views[-1], world.surfaces.errors.get(user, {}), len(views))
            for user, views in stack.items()
        },
    )


def render_view(view: View, errors: Mapping[str, str], depth: int) -> RenderedView:
    title, submit = view.body.get("title"), view.body.get("submit")
    return RenderedView(
        title=title["text"] if title else "",
        blocks=tuple(view.body["blocks"]),
        submit=submit["text"] if submit else None,
        errors=dict(errors),
        depth=depth,
        body=view.body,
    )


def _rendered(world: World, message: Message) -> RenderedMessage:
    state, stream = world.state, message.stream
    user = state.users.get(message.user)
    return RenderedMessage(
        ts=message.ts,
        author=message.username or (user.name if user else message.user),
        from_app=state.own(message),
        text=message.text,
        blocks=tuple(message.blocks) if message.app else (),
        streaming=message.streaming,
        streamed=stream is not None,
        edited=message.edited_ts is not None,
        reactions={name: tuple(users) for name, users in message.reactions.items()},
        files=tuple(state.files[file].name for file in message.files),
        tasks=tuple(stream.tasks.values()) if stream else (),
        plan=stream.plan if stream else None,
        replies=len(state.replies(message)) if message.thread_ts in (None, message.ts) else 0,
        unfurls=bool(plain.links(message.text, message.blocks)) and message.unfurl_links is not False,
        metadata=message.metadata,
    )


def _told(message: RenderedMessage) -> list[str]:
    first, *rest = message.shown.splitlines() or [""]
    marks = " (edited)" if message.edited else ""
    out = [f"{message.author}: {first}{marks}", *(f"    {line}" for line in rest)]
    if message.files:
        out.append(f"    (files: {', '.join(message.files)})")
    if message.reactions:
        out.append("    " + " ".join(f":{name}: {len(users)}" for name, users in message.reactions.items()))
    if message.streaming:
        out.append("    (still streaming)")
    return out
