"""What a thread shows besides its messages: the status line, the title, the agent session and its Stop button."""

from slack_workspace import limits
from slack_workspace.board import Board
from slack_workspace.clock import Clock
from slack_workspace.events import Events
from slack_workspace.journal import Journal
from slack_workspace.records import Message, Session, Status
from slack_workspace.state import State, Thread
from slack_workspace.wire import NotPossible, SlackError

STOPPED_EVENT = "agent_session_stopped"


class Threads:
    def __init__(self, state: State, clock: Clock, journal: Journal, events: Events, board: Board) -> None:
        self._state = state
        self._clock = clock
        self._journal = journal
        self._events = events
        board.on_post.append(self._posted)
        board.on_delete.append(self._deleted)

    def set_status(self, thread: Thread, text: str, loading_messages: list[str]) -> None:
        """Show ``<app> <text>``; an empty text clears it. It clears itself after two minutes or when the app posts."""
        if not text:
            self._clear(thread, "cleared")
            return
        status = Status(text, loading_messages, self._clock.now() + limits.STATUS_SECONDS)
        self._state.statuses[thread] = status
        self._journal.write("state", "status", thread=list(thread), text=text, loading_messages=loading_messages)
        self._clock.call_later(limits.STATUS_SECONDS, lambda: self._expire(thread, status))

    def set_session(self, thread: Thread, status: str, title: str = "", initiator: str | None = None) -> Session:
        """Create or change the agent session; title and initiator count only on creation."""
        session = self._state.sessions.setdefault(thread, Session(status, title, initiator))
        session.status = status
        self._journal.write("state", "session", thread=list(thread), status=status, title=session.title)
        return session

    def rename(self, thread: Thread, title: str) -> Session:
        session = self._state.sessions.get(thread)
        if session is None:
            raise SlackError("not_authorized")
        session.title = title
        self._journal.write("state", "session", thread=list(thread), status=session.status, title=title)
        return session

    @property
    def stoppable(self) -> bool:
        """Whether Slack shows a Stop button while a session is processing."""
        return self._events.subscribed(STOPPED_EVENT)

    def press_stop(self, thread: Thread, user: str) -> list[str]:
        """Stop the thread's open streams at once, and tell the app; the session's status stays as it is."""
        session = self._state.sessions.get(thread)
        if session is None or session.status != "processing" or not self.stoppable:
            raise NotPossible(f"There is no Stop button in {thread}.")
        channel, thread_ts = thread
        stopped = []
        for message in self._state.thread(channel, thread_ts):
            if message.stream is not None and message.streaming and self._state.own(message):
                message.stream.state = "stopped_by_user"
                stopped.append(message.ts)
        self._journal.write("person", "press_stop", user=user, channel=channel, thread_ts=thread_ts, streams=stopped)
        event = {
            "type": STOPPED_EVENT,
            "channel": channel,
            "thread_ts": thread_ts,
            "user": user,
            "streaming_message_ts": stopped,
            "event_ts": self._state.new_ts(),
        }
        self._events.emit(event, self._state.channels[channel])
        return stopped

    def _posted(self, message: Message) -> None:
        if self._state.own(message):
            self._clear((message.channel, message.root_ts), "cleared_by_message")

    def _deleted(self, message: Message) -> None:
        thread = (message.channel, message.root_ts)
        if not self._state.thread(*thread):
            self._clear(thread, "thread_gone")
            self._state.sessions.pop(thread, None)

    def _expire(self, thread: Thread, status: Status) -> None:
        if self._state.statuses.get(thread) is status:
            self._clear(thread, "timed_out")

    def _clear(self, thread: Thread, how: str) -> None:
        if self._state.statuses.pop(thread, None) is not None:
            self._journal.write("state", "status", thread=list(thread), text="", how=how)
