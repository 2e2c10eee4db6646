"""What people see."""

from collections.abc import Callable
from typing import TypeVar

from slack_workspace.control.base import Part
from slack_workspace.records import Message, UserError
from slack_workspace.rendering import Rendered, RenderedView, render, render_view
from slack_workspace.wire import Json

T = TypeVar("T")


class Eyes(Part):
    def rendered(self, channel: str, thread_ts: str | None = None) -> Rendered:
        """A thread, or without ``thread_ts`` the channel itself, as it looks now.

        For a DM, ``channel`` may be the person's id.
        """
        if channel in self._world.state.users:
            channel = self._world.state.direct_message(channel).id
        return render(self._world, channel, thread_ts)

    async def until(self, condition: Callable[[], T | None], *, within: float = 5.0) -> T:
        """Wait until something is so, asked again whenever anything happens; ``within`` is in real seconds."""
        return await self._world.journal.until(condition, within=within)

    async def answered(self, question: Message, *, count: int = 1, within: float = 10.0) -> Rendered:
        """Wait until the question's thread holds so many finished messages of the app and no status line."""

        def finished() -> Rendered | None:
            thread = self.rendered(question.channel, question.root_ts)
            done = [each for each in thread.messages if each.from_app and each.ts > question.ts and not each.streaming]
            return thread if len(done) >= count and thread.status is None else None

        return await self.until(finished, within=within)

    def message(self, channel: str, ts: str) -> Message:
        """The message itself, for a click or a look at what no human sees, like ``metadata``."""
        return self._world.state.existing(channel, ts)

    def whispers(self, user: str) -> list[Message]:
        """The ephemeral messages that this person sees, oldest first."""
        return [message for message in self._world.state.ephemeral if message.ephemeral_for == user]

    def modal(self, user: str) -> RenderedView | None:
        """The topmost modal of a person."""
        stack = self._world.state.modals.get(user)
        return render_view(stack[-1], self._world.surfaces.errors.get(user, {}), depth=len(stack)) if stack else None

    def home(self, user: str) -> RenderedView | None:
        """The App Home of a person; None while nothing was published."""
        view = self._world.state.homes.get(user)
        return render_view(view, {}, depth=1) if view else None

    def prompts(self, user: str) -> list[Json]:
        """The suggested prompts in a person's conversation with the app."""
        channel = self._world.state.direct_message(user).id
        return list(self._world.state.prompts.get(channel, {}).get("prompts", []))

    def session(self, channel: str, thread_ts: str) -> str | None:
        """The status of a thread's agent session."""
        session = self._world.state.sessions.get((channel, thread_ts))
        return session.status if session else None

    def direct_message(self, user: str) -> str:
        """The id of a person's DM with the app."""
        return self._world.state.direct_message(user).id

    @property
    def user_errors(self) -> list[UserError]:
        """What Slack itself told people went wrong, as when an app does not answer a click."""
        return list(self._world.state.user_errors)
