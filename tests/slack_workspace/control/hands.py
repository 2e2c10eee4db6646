"""What people do with messages and threads."""

from slack_workspace.control.base import Part
from slack_workspace.records import File, Message, Question
from slack_workspace.shapes import rich_text
from slack_workspace.state import Thread
from slack_workspace.wire import Json, NotPossible


class Hands(Part):
    async def say(
        self,
        user: str,
        channel: str,
        text: str,
        thread_ts: str | None = None,
        *,
        files: dict[str, bytes] | None = None,
    ) -> Message:
        """Somebody writes; ``channel`` may be their own id for their DM with the app.

        ``text`` is as Slack sends it on: ``<@U0ASKBOT>`` for a mention, ``&lt;`` for a smaller-than sign. Returns once
        the events are on the wire, acknowledged or not. A bot user may write too: nothing tells it from an app's post.
        """
        world, person, place = self._world, self._person(user), self._place(user, channel)
        if place.archived:
            raise NotPossible(f"{channel} is archived.")
        if place.kind == "im" and (not world.options.messages_tab or world.options.messages_tab_read_only):
            raise NotPossible("Nobody can write to the app: its Messages tab is off or read-only.")
        if thread_ts is not None and not world.state.thread(place.id, thread_ts):
            raise NotPossible(f"There is no thread {thread_ts} in {place.id}.")
        message = Message(place.id, world.state.new_ts(), user, text, person.team, thread_ts)
        message.client_msg_id = f"client-{message.ts}"
        if person.app:
            message.app, message.bot_id, message.client_msg_id = person.app, world.state.apps[person.app].bot_id, None
        for name, content in (files or {}).items():
            file = File(world.state.new_id("F"), name, user, content=content, channels=[place.id], complete=True)
            world.state.files[file.id] = file
            message.files.append(file.id)
            message.subtype = "file_share"
        if text:
            message.blocks = rich_text(text)
        if place.kind == "im" and user in world.state.contexts:
            message.app_context = world.state.contexts[user]
        world.journal.write("person", "say", user=user, channel=place.id, ts=message.ts, text=text)
        world.board.post(message)
        await self._sent()
        return message

    async def ask(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Like ``say``, and the workspace's rules then demand exactly one answer to it."""
        message = await self.say(user, channel, text, thread_ts)
        now = self._world.clock.now()
        self._world.state.questions.append(Question(user, message.channel, message.ts, text, now))
        return message

    async def edit(self, user: str, channel: str, ts: str, text: str) -> Message:
        message = self._own(user, channel, ts)
        previous = self._world.board.snapshot(message)
        message.text, message.blocks = text, rich_text(text)
        message.edited_by, message.edited_ts = user, self._world.state.new_ts()
        self._world.journal.write("person", "edit", user=user, channel=message.channel, ts=ts, text=text)
        self._world.board.changed(message, previous)
        await self._sent()
        return message

    async def delete(self, user: str, channel: str, ts: str) -> None:
        message = self._own(user, channel, ts)
        self._world.journal.write("person", "delete", user=user, channel=message.channel, ts=ts)
        self._world.board.delete(message)
        await self._sent()

    async def react(self, user: str, channel: str, ts: str, name: str) -> None:
        message = self._world.state.existing(self._place(user, channel).id, ts)
        if not self._world.board.react(message, user, name):
            raise NotPossible(f"{user} has already reacted with {name}.")
        await self._sent()

    async def unreact(self, user: str, channel: str, ts: str, name: str) -> None:
        message = self._world.state.existing(self._place(user, channel).id, ts)
        if not self._world.board.unreact(message, user, name):
            raise NotPossible(f"{user} has not reacted with {name}.")
        await self._sent()

    async def press_stop(self, user: str, channel: str, thread_ts: str) -> list[str]:
        """The Stop button of an agent session; gives the ``ts`` of the streams it stopped."""
        thread: Thread = (self._place(user, channel).id, thread_ts)
        stopped = self._world.threads.press_stop(thread, user)
        await self._sent()
        return stopped

    async def change_context(self, user: str, entities: list[Json]) -> None:
        """Somebody looks at something else with the agent open beside it."""
        if not self._world.options.agent_view:
            raise NotPossible("The app has no agent view.")
        context = {"entities": entities} if entities else {}
        self._world.state.contexts[user] = context
        event = {"type": "app_context_changed", "context": context, "event_ts": self._world.state.new_ts()}
        self._world.events.emit(event, seen_by=user)
        await self._sent()

    def _own(self, user: str, channel: str, ts: str) -> Message:
        message = self._world.state.existing(self._place(user, channel).id, ts)
        if message.user != user:
            raise NotPossible(f"{ts} is not {user}'s message.")
        return message
