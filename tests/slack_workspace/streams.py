"""Streamed messages: chunks, the byte budget, and the five minutes after which a stream is dead."""

from typing import Any

from slack_workspace import limits
from slack_workspace.blocks import check_blocks, text_length
from slack_workspace.board import Board
from slack_workspace.clock import Clock
from slack_workspace.ids import with_ids
from slack_workspace.journal import Journal
from slack_workspace.options import Options
from slack_workspace.records import Message, Stream
from slack_workspace.state import State
from slack_workspace.wire import Json, SlackError

CHUNK_FIELDS = {
    "markdown_text": ({"text"}, set()),
    "task_update": ({"id", "title", "status"}, {"details", "output", "sources"}),
    "plan_update": ({"title"}, set()),
    "blocks": ({"blocks"}, set()),
}
"""Chunk type -> required and optional fields (SDK: models/messages/chunk.py)."""
TASK_STATUSES = ("pending", "in_progress", "complete", "error")


class Streams:
    def __init__(self, state: State, clock: Clock, journal: Journal, options: Options, board: Board) -> None:
        self._state = state
        self._clock = clock
        self._journal = journal
        self._options = options
        self._board = board

    def start(self, message: Message, chunks: list[Json], display_mode: str) -> None:
        """Post ``message`` as a streaming one."""
        check_chunks(chunks)
        now = self._clock.now()
        stream = Stream("streaming", now, now, display_mode)
        self._apply(message, stream, chunks)
        message.stream = stream
        self._board.post(message)
        self._watch(message, stream)

    def append(self, message: Message, chunks: list[Json]) -> None:
        stream = self._open(message)
        if not chunks:
            raise SlackError("no_text")
        check_chunks(chunks)
        self._apply(message, stream, chunks)
        stream.touched_at = self._clock.now()
        self._journal.write("state", "stream", ts=message.ts, state="appended", weight=stream.weight)
        self._watch(message, stream)

    def stop(self, message: Message, chunks: list[Json], blocks: list[Json]) -> None:
        """Finish the message; a stream that a person stopped can still be finished once."""
        stopped_by_user = message.stream is not None and message.stream.state == "stopped_by_user"
        stream = message.stream if stopped_by_user and message.stream is not None else self._open(message)
        check_chunks(chunks)
        previous = self._board.snapshot(message)
        self._apply(message, stream, chunks)
        message.blocks = [*stream.blocks, *blocks]
        stream.state = "stopped"
        self._journal.write("state", "stream", ts=message.ts, state="stopped", text=stream.text)
        self._board.changed(message, previous)

    def _open(self, message: Message) -> Stream:
        stream = message.stream
        if stream is not None and stream.state == "stopped_by_user":
            raise SlackError("stopped_by_user")
        if stream is None or stream.state != "streaming":
            raise SlackError("message_not_in_streaming_state")
        return stream

    def _apply(self, message: Message, stream: Stream, chunks: list[Json]) -> None:
        added = sum(_weight(chunk) for chunk in chunks)
        if stream.weight + added > limits.STREAM_BYTES or _characters(chunks) > limits.MARKDOWN_TEXT:
            raise SlackError("msg_too_long")
        new_blocks = [block for chunk in chunks if chunk["type"] == "blocks" for block in chunk["blocks"]]
        if len(stream.blocks) + len(new_blocks) > limits.BLOCKS_PER_MESSAGE:
            raise SlackError("msg_blocks_too_many")
        stream.weight += added
        stream.blocks += with_ids(self._state, new_blocks)
        for chunk in chunks:
            if chunk["type"] == "markdown_text":
                stream.text += chunk["text"]
            elif chunk["type"] == "task_update":
                stream.tasks[chunk["id"]] = stream.tasks.get(chunk["id"], {}) | chunk
            elif chunk["type"] == "plan_update":
                stream.plan = chunk["title"]
        message.text = stream.text
        message.blocks = list(stream.blocks)

    def _watch(self, message: Message, stream: Stream) -> None:
        """Let the stream expire when its time has come, by either reading of when that is."""
        touched = stream.touched_at
        if self._options.stream_expiry == "since_start" and touched != stream.started_at:
            return

        def expire() -> None:
            untouched = self._options.stream_expiry == "since_start" or stream.touched_at == touched
            if stream.state == "streaming" and untouched:
                stream.state = "expired"
                self._journal.write("state", "stream", ts=message.ts, state="expired", text=stream.text)

        self._clock.call_later(limits.STREAM_SECONDS, expire)


def check_chunks(chunks: list[Any]) -> None:
    for chunk in chunks:
        if not isinstance(chunk, dict) or chunk.get("type") not in CHUNK_FIELDS:
            raise SlackError("invalid_chunks", "unsupported chunk type")
        required, optional = CHUNK_FIELDS[chunk["type"]]
        missing = required - chunk.keys()
        unknown = chunk.keys() - required - optional - {"type"}
        if missing or unknown:
            raise SlackError("invalid_chunks", f"missing: {sorted(missing)}, unknown: {sorted(unknown)}")
        if chunk["type"] == "task_update" and chunk["status"] not in TASK_STATUSES:
            raise SlackError("invalid_chunks", "status must be a valid enum value")
        if chunk["type"] == "markdown_text" and not isinstance(chunk["text"], str):
            raise SlackError("invalid_chunks", "text must be a string")
        if chunk["type"] == "blocks":
            check_blocks(chunk["blocks"], too_many="msg_blocks_too_many")


def _weight(chunk: Json) -> int:
    """UTF-8 bytes of a chunk; the details and output of a task weigh double (seen: openclaw PR #143882)."""
    if chunk["type"] == "blocks":
        return text_length(chunk["blocks"])
    once = (chunk.get(name) or "" for name in ("text", "title"))
    twice = (chunk.get(name) or "" for name in ("details", "output"))
    return sum(len(str(value).encode()) for value in once) + 2 * sum(len(str(value).encode()) for value in twice)


def _characters(chunks: list[Json]) -> int:
    return sum(len(chunk["text"]) for chunk in chunks if chunk["type"] == "markdown_text")
