"""What was asked in Slack and how far each reply is, in the project's database: stored before Slack is told "got it".

A row says what is wanted, and `is_open` while the thread does not yet show it. Whoever finds an open row without an
owner claims it for `LEASE` seconds and keeps the claim alive with `beat`; when a process dies, the claim runs out and
the next one goes on where it stopped. Any number of processes may share one database.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.errors import DatabaseUnavailable
from bot.journal import make_tables
from bot.slack.asked import Asked, Question, Waiting, Wish
from bot.slack.tables import channels, deeds, questions, tables
from bot.types import Turn

T = TypeVar("T")

LEASE = 15.0
"""Seconds that a claim holds without a sign of life; also how long a question of a killed process waits at most."""
FOLLOW_UP_SECONDS = 3600.0
"""How long a DM outside threads counts as one conversation."""
REMEMBERED = 6
"""Questions with their answers that a follow-up is understood by."""
THREADS = 4

_ASKED = [questions.c[name] for name in Asked.__dataclass_fields__]


class ClaimLost(Exception):
    """Another process took the question over: this one must not touch its reply any more."""


class Inbox:
    """The questions of one database. `owner` names this process among those that share it.

    Every method is one transaction, run in a thread of the inbox's own: however busy the others are with answering,
    storing a question takes milliseconds. Times are seconds since 1970.

    Raises:
        DatabaseUnavailable: from any method.
    """

    def __init__(self, engine: sa.Engine, owner: str) -> None:
        self._engine = engine
        self._owner = owner
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="inbox")
        make_tables(tables, engine)

    async def store(self, question: Question, edited_ts: str = "") -> bool:
        """Keeps a question; False if it is known already."""
        return await self._insert(questions, asdict(question) | {"edited_ts": edited_ts})

    async def edit(self, question: Question, edited_ts: str) -> bool:
        """A later text for a question. False: it is not known, is gone, or the text is the same or an older one."""
        news = self._key(question) & (questions.c.edited_ts < edited_ts) & ~questions.c.gone
        changed = {"text": question.text, "stopped": False, "edited_ts": edited_ts, **_REOPENED}
        if await self._update(news & (questions.c.text != question.text), **changed):
            return True
        await self._update(news, edited_ts=edited_ts)
        return False

    async def delete(self, question: Question, *, remember: bool = True) -> bool:
        """Its reply is to go. With `remember`, so is that of an unknown one: its event may still be on the way."""
        if remember and await self._insert(questions, asdict(question) | {"gone": True, "is_open": False}):
            return False
        return await self._update(self._key(question) & ~questions.c.gone, gone=True, **_REOPENED) > 0

    async def stop(self, team: str, channel: str, thread_ts: str, until: str) -> bool:
        """Ends the answers to what was asked in a thread up to `until`."""
        thread = (questions.c.team == team) & (questions.c.channel == channel) & (questions.c.thread_ts == thread_ts)
        wanted = thread & questions.c.is_open & ~questions.c.stopped & (questions.c.ts <= until)
        return await self._update(wanted, stopped=True) > 0

    async def knows(self, question: Question) -> bool:
        return bool(await self._rows(sa.select(questions.c.id).where(self._key(question))))

    async def in_thread(self, team: str, channel: str, thread_ts: str) -> bool:
        """Whether the bot takes part in this thread, and may follow it."""
        asked = sa.select(questions.c.id).where(
            questions.c.team == team,
            questions.c.channel == channel,
            questions.c.thread_ts == thread_ts,
            ~questions.c.gone,
        )
        return bool(await self._rows(asked.limit(1))) and await self.follow_ups(team, channel)

    async def follow_ups(self, team: str, channel: str) -> bool:
        """Whether questions in threads are answered in this channel without a mention; so it is unless switched off."""
        found = sa.select(channels.c.follow_ups).where(channels.c.team == team, channels.c.channel == channel)
        rows = await self._rows(found)
        return bool(rows[0]["follow_ups"]) if rows else True

    async def set_follow_ups(self, team: str, channel: str, *, on: bool) -> None:
        if not await self._insert(channels, {"team": team, "channel": channel, "follow_ups": on}):
            key = (channels.c.team == team) & (channels.c.channel == channel)
            statement = sa.update(channels).where(key).values(follow_ups=on)
            await self._run(lambda connection: connection.execute(statement))

    async def once(self, deed: str) -> bool:
        """True for the first who asks, ever."""
        return await self._insert(deeds, {"name": deed})

    async def undo(self, deed: str) -> None:
        """What was not done after all may be tried again."""
        await self._run(lambda connection: connection.execute(sa.delete(deeds).where(deeds.c.name == deed)))

    async def waiting(self, now: float, most: int = 200) -> list[Waiting]:
        """What may be claimed, oldest first: in each thread the earliest open question, if nobody works on it."""
        earlier = questions.alias()
        before = sa.exists().where(
            earlier.c.is_open,
            earlier.c.channel == questions.c.channel,
            earlier.c.thread_ts == questions.c.thread_ts,
            earlier.c.ts < questions.c.ts,
        )
        found = sa.select(questions.c.id, questions.c.user, questions.c.channel, questions.c.thread_ts).where(
            questions.c.is_open, questions.c.lease_until < now, ~before
        )
        rows = await self._rows(found.order_by(questions.c.id).limit(most))
        return [Waiting(**row) for row in rows]

    async def unclaimed(self, number: int) -> bool:
        """Whether a question still waits for somebody to take it."""
        row = (questions.c.id == number) & questions.c.is_open & (questions.c.owner == "")
        return bool(await self._rows(sa.select(questions.c.id).where(row)))

    async def claim(self, number: int, now: float) -> Asked | None:
        """Takes a question; None if another process was first or nothing is left to do."""
        free = (questions.c.id == number) & questions.c.is_open & (questions.c.lease_until < now)
        taken = {"owner": self._owner, "lease_until": now + LEASE, "attempts": questions.c.attempts + 1}
        if not await self._update(free, **taken):
            return None
        rows = await self._rows(sa.select(*_ASKED).where(self._own(number)))
        return Asked(**{**rows[0], "messages": tuple(rows[0]["messages"])}) if rows else None

    async def beat(self, now: float) -> dict[int, Wish]:
        """A sign of life: prolongs this process's claims. Says what is wanted for each; a missing one is lost."""
        await self._update((questions.c.owner == self._owner) & questions.c.is_open, lease_until=now + LEASE)
        return await self.wishes()

    async def wishes(self) -> dict[int, Wish]:
        """What is wanted for each question this process has claimed."""
        columns = [questions.c[name] for name in ("id", *Wish.__dataclass_fields__)]
        rows = await self._rows(sa.select(*columns).where(questions.c.owner == self._owner, questions.c.is_open))
        return {row["id"]: Wish(row["revision"], row["gone"], row["stopped"]) for row in rows}

    async def save(self, number: int, **progress: Any) -> None:
        """Writes how far a reply is: `messages`, `stream`, `posting`.

        Raises:
            ClaimLost: the question is no longer this process's.
        """
        if not await self._update(self._own(number), **progress):
            raise ClaimLost

    async def finish(self, asked: Asked, answer: str) -> None:
        """The thread shows what this revision wanted. The row stays open if something else is wanted by now."""
        done = {"is_open": questions.c.revision != asked.revision, "attempts": 0, "stream": "", "posting": False}
        await self._update(self._own(asked.id), answer=answer, owner="", lease_until=0.0, **done)

    async def give_back(self, number: int, until: float = 0.0) -> None:
        """Lets go of a question that is not finished; nobody takes it before `until`."""
        await self._update(self._own(number), owner="", lease_until=until)

    async def history(self, asked: Asked) -> tuple[Turn, ...]:
        """The turns before a question: of its thread, or of the last hour where a DM has no thread. Oldest first."""
        before = (questions.c.team == asked.team) & (questions.c.channel == asked.channel)
        before &= (questions.c.ts < asked.ts) & (questions.c.answer != "") & ~questions.c.gone
        if asked.kind == "direct" and asked.thread_ts == asked.ts:
            before &= questions.c.ts > f"{float(asked.ts) - FOLLOW_UP_SECONDS:.6f}"
        else:
            before &= questions.c.thread_ts == asked.thread_ts
        latest = sa.select(questions.c.text, questions.c.answer).where(before)
        rows = await self._rows(latest.order_by(questions.c.ts.desc()).limit(REMEMBERED))
        return tuple(
            turn for row in reversed(rows) for turn in (Turn("user", row["text"]), Turn("assistant", row["answer"]))
        )

    async def replies_in(self, asked: Asked) -> set[str]:
        """The messages of the bot in a thread that belong to other questions."""
        others = sa.select(questions.c.messages).where(
            questions.c.channel == asked.channel,
            questions.c.thread_ts == asked.thread_ts,
            questions.c.id != asked.id,
        )
        return {ts for row in await self._rows(others) for ts in row["messages"]}

    async def close(self) -> None:
        """Waits for what is being written."""
        await asyncio.to_thread(self._pool.shutdown)

    def _own(self, number: int) -> sa.ColumnElement[bool]:
        return (questions.c.id == number) & (questions.c.owner == self._owner)

    @staticmethod
    def _key(question: Question) -> sa.ColumnElement[bool]:
        return sa.and_(*(questions.c[name] == getattr(question, name) for name in ("team", "channel", "ts")))

    async def _insert(self, table: sa.Table, row: dict[str, Any]) -> bool:
        try:
            await self._run(lambda connection: connection.execute(sa.insert(table), row))
        except IntegrityError:
            return False
        return True

    async def _update(self, which: sa.ColumnElement[bool], **values: Any) -> int:
        statement = sa.update(questions).where(which).values(values)
        return await self._run(lambda connection: connection.execute(statement).rowcount)

    async def _rows(self, query: sa.Select[Any]) -> list[Any]:
        return await self._run(lambda connection: list(connection.execute(query).mappings()))

    async def _run(self, work: Callable[[sa.Connection], T]) -> T:
        def transaction() -> T:
            with self._engine.begin() as connection:
                return work(connection)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, transaction)
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            reason = type(error).__name__
            raise DatabaseUnavailable(f"The database does not answer ({reason}): check that it is up.") from error


_REOPENED: dict[str, Any] = {"revision": questions.c.revision + 1, "is_open": True, "attempts": 0}
