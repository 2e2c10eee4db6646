"""What must be true when a test ends, whatever happened in between."""

from collections.abc import Iterator

from slack_workspace.records import Message, Question
from slack_workspace.world import World

ATTRIBUTION = "question_ts"
"""The ``event_payload`` key by which an app may say which question a message belongs to."""


def problems(world: World) -> list[str]:
    """What breaks the rules, one sentence each."""
    return [*_answers(world), *_streams(world), *_threads(world), *_deliveries(world), *_anomalies(world)]


def _answers(world: World) -> Iterator[str]:
    """Each question that still stands has one answer, one that was deleted has none.

    The app's messages in the thread count, or in a DM those below the question. Where their metadata carry
    ``question_ts``, messages of one question are one answer, which may be several when a stream was rolled over;
    otherwise every message counts as an answer of its own.
    """
    threads: dict[tuple[str, str], list[Question]] = {}
    for question in world.state.questions:
        if question.ts is None:
            if not _command_answered(world, question):
                yield f"The command of {question.user} ({question.text!r}) got no answer."
        else:
            threads.setdefault((question.channel, _root(world, question)), []).append(question)
    for (channel, root), questions in threads.items():
        standing = [each for each in questions if world.state.message(channel, str(each.ts)) is not None]
        answers = [message for message in _below(world, channel, root, questions) if world.state.own(message)]
        attributed = [_attribution(message) for message in answers]
        if answers and all(attributed):
            for question in standing:
                if question.ts not in attributed:
                    yield f"The question {question.text!r} got no answer."
            for ts in sorted({str(ts) for ts in attributed} - {str(each.ts) for each in standing}):
                yield f"There is an answer to {ts} in {channel}, which is no question that still stands."
        elif len(answers) != len(standing):
            texts = [each.text for each in standing]
            yield f"{len(standing)} questions {texts} got {len(answers)} answers."


def _root(world: World, question: Question) -> str:
    message = world.state.message(question.channel, str(question.ts))
    if message is None:
        gone = (each for each in world.state.deleted if (each.channel, each.ts) == (question.channel, question.ts))
        message = next(gone, None)
    return message.root_ts if message else str(question.ts)


def _below(world: World, channel: str, root: str, questions: list[Question]) -> list[Message]:
    first = min(str(question.ts) for question in questions)
    found = [message for message in world.state.thread(channel, root) if message.ts > first]
    if world.state.channels[channel].kind == "im":
        others = [str(each.ts) for each in world.state.questions if each.channel == channel and str(each.ts) > first]
        until = min(others, default="9")
        top = world.state.top_level(channel)
        found += [message for message in top if first < message.ts < until and message.thread_ts is None]
    return found


def _attribution(message: Message) -> str | None:
    payload = (message.metadata or {}).get("event_payload", {})
    value = payload.get(ATTRIBUTION)
    return str(value) if value else None


def _command_answered(world: World, question: Question) -> bool:
    shown = [message for message in world.state.ephemeral if message.ephemeral_for == question.user]
    shown += [each for each in world.state.messages.get(question.channel, {}).values() if world.state.own(each)]
    return any(float(message.ts) >= question.asked_at for message in shown)


def _streams(world: World) -> Iterator[str]:
    for messages in world.state.messages.values():
        for message in messages.values():
            if message.stream is not None and message.stream.state in ("streaming", "expired"):
                yield f"The stream {message.ts} was left {message.stream.state}: {message.text[-60:]!r}"


def _threads(world: World) -> Iterator[str]:
    for thread, status in world.state.statuses.items():
        yield f"The status {status.text!r} in {thread} was left standing."
    for thread, session in world.state.sessions.items():
        if session.status == "processing":
            yield f"The agent session in {thread} was left processing."


def _deliveries(world: World) -> Iterator[str]:
    for delivery in world.deliveries.all:
        if not delivery.acked:
            state = "is waiting" if delivery.pending else "was missed"
            yield f"The delivery {delivery.id} ({delivery.name}) was never acknowledged; it {state}."


def _anomalies(world: World) -> Iterator[str]:
    for entry in world.journal.entries("anomaly"):
        yield f"Anomaly {entry.name}: {entry.data}"
    for error in world.state.user_errors:
        yield f"{error.user} was shown {error.error} for {error.action}."
