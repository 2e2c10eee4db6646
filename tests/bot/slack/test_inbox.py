"""What the inbox promises, also to several processes on one database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.journal import connect
from bot.slack.asked import Asked, Question
from bot.slack.inbox import LEASE, ClaimLost, Inbox
from bot.types import Turn


def question(number: int = 1, text: str = "How many days off?", **changes: Any) -> Question:
    ts = f"18000000{number:02d}.000100"
    given = {"team": "T1", "channel": "C1", "ts": ts, "thread_ts": ts, "user": "U1", "user_team": "T1"}
    return Question(**{**given, "text": text, "kind": "channel", **changes})


@asynccontextmanager
async def opened(folder: Path, *owners: str) -> AsyncIterator[list[Inbox]]:
    """One inbox for each owner, each with an engine of its own, as processes have."""
    engines = [connect("", folder) for _ in owners]
    inboxes = [Inbox(engine, owner) for engine, owner in zip(engines, owners, strict=True)]
    yield inboxes
    for inbox, engine in zip(inboxes, engines, strict=True):
        await inbox.close()
        engine.dispose()


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[list[Inbox]]:
    async with opened(tmp_path, "one", "other") as inboxes:
        yield inboxes


async def claimed(inbox: Inbox, now: float = 100.0) -> Asked:
    first, *_ = await inbox.waiting(now)
    asked = await inbox.claim(first.id, now)
    assert asked is not None
    return asked


async def test_a_message_is_one_question_however_often_it_comes(two: list[Inbox]) -> None:
    stored = [await inbox.store(question()) for inbox in two * 2]
    assert stored == [True, False, False, False]


async def test_one_process_gets_the_claim(two: list[Inbox]) -> None:
    await two[0].store(question())
    claims = await asyncio.gather(*(inbox.claim(1, 100.0) for inbox in two * 4))
    assert sum(claim is not None for claim in claims) == 1


async def test_a_claim_of_a_process_that_died_runs_out(two: list[Inbox]) -> None:
    one, other = two
    await one.store(question())
    asked = await claimed(one)
    await one.save(asked.id, messages=["1.1"], stream="1.1", posting=True)
    assert await other.waiting(100.0 + LEASE) == []
    taken = await claimed(other, 100.1 + LEASE)
    assert (taken.messages, taken.stream, taken.posting, taken.attempts) == (("1.1",), "1.1", True, 2)


async def test_a_claim_lives_as_long_as_its_process_gives_signs_of_life(two: list[Inbox]) -> None:
    one, other = two
    await one.store(question())
    asked = await claimed(one)
    for now in (110.0, 120.0, 130.0):
        assert (await one.beat(now)).keys() == {asked.id}
        assert await other.waiting(now) == []


async def test_who_lost_the_claim_may_not_write(two: list[Inbox]) -> None:
    one, other = two
    await one.store(question())
    asked = await claimed(one)
    await claimed(other, 200.0)
    assert await one.beat(200.0) == {}
    with pytest.raises(ClaimLost):
        await one.save(asked.id, posting=True)
    await one.finish(asked, "too late")
    assert (await other.beat(201.0)).keys() == {asked.id}


async def test_questions_of_one_thread_are_claimed_in_their_order(two: list[Inbox]) -> None:
    root = question(1)
    later = question(2, thread_ts=root.ts)
    elsewhere = question(3)
    for each in (later, elsewhere, root):
        await two[0].store(each)
    assert [each.thread_ts for each in await two[1].waiting(100.0)] == [elsewhere.ts, root.ts]


async def test_an_edit_opens_an_answered_question_again(two: list[Inbox]) -> None:
    await two[0].store(question())
    await two[0].finish(await claimed(two[0]), "Thirty.")
    assert await two[0].waiting(100.0) == []
    assert await two[1].edit(question(text="How many in Belgium?"), "5.1")
    asked = await claimed(two[0])
    assert (asked.text, asked.revision) == ("How many in Belgium?", 2)


async def test_an_edit_during_the_answer_leaves_the_question_open(two: list[Inbox]) -> None:
    await two[0].store(question())
    asked = await claimed(two[0])
    await two[1].edit(question(text="How many in Belgium?"), "5.1")
    assert (await two[0].wishes())[asked.id] != asked.wish
    await two[0].finish(asked, "Thirty.")
    assert (await claimed(two[1])).text == "How many in Belgium?"


async def test_an_older_edit_that_comes_later_changes_nothing(two: list[Inbox]) -> None:
    await two[0].store(question(text="A"))
    await two[0].edit(question(text="A"), "5.2")
    assert not await two[0].edit(question(text="B"), "5.1")


async def test_a_deletion_that_comes_before_its_question_is_remembered(two: list[Inbox]) -> None:
    assert not await two[0].delete(question())
    assert not await two[1].store(question())
    assert await two[1].waiting(100.0) == []


async def test_a_stop_ends_what_was_asked_before_it_and_nothing_later(two: list[Inbox]) -> None:
    await two[0].store(question(1))
    asked = await claimed(two[0])
    assert not await two[0].stop("T1", "C1", asked.thread_ts, until="1700000000.000000")
    assert await two[1].stop("T1", "C1", asked.thread_ts, until="1800000099.000000")
    assert (await two[0].wishes())[asked.id].stopped


async def test_the_memory_of_a_thread_is_its_answered_questions(two: list[Inbox]) -> None:
    first, second, other = question(1, "Who?"), question(2, "Where?", thread_ts=question(1).ts), question(3)
    await two[0].store(first)
    await two[0].store(other)
    await two[0].finish(await claimed(two[0]), "Anna.")
    await two[0].finish(await claimed(two[0]), "Elsewhere.")
    await two[0].store(second)
    asked = await claimed(two[1])
    assert await two[1].history(asked) == (Turn("user", "Who?"), Turn("assistant", "Anna."))


async def test_a_dm_without_threads_is_one_conversation_for_an_hour(two: list[Inbox]) -> None:
    long_ago = "1799990000.000000"
    for each in (question(kind="direct", ts=long_ago, thread_ts=long_ago), question(1, "Who?", kind="direct")):
        await two[0].store(each)
        await two[0].finish(await claimed(two[0]), "Anna.")
    await two[0].store(question(2, kind="direct"))
    assert [turn.text for turn in await two[0].history(await claimed(two[0]))] == ["Who?", "Anna."]


async def test_follow_ups_can_be_switched_off_for_a_channel(two: list[Inbox]) -> None:
    await two[0].store(question())
    assert await two[0].in_thread("T1", "C1", question().ts)
    for on in (False, True, False):
        await two[0].set_follow_ups("T1", "C1", on=on)
        assert await two[1].in_thread("T1", "C1", question().ts) is on


async def test_a_deed_is_done_once(two: list[Inbox]) -> None:
    assert [await inbox.once("share a1") for inbox in two] == [True, False]


STEPS = st.lists(
    st.tuples(st.sampled_from("store claim save finish beat wait edit delete give_back".split()), st.integers(0, 1)),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_there_is_never_more_than_one_owner_whatever_two_processes_do(steps: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(interleaved(Path(folder), steps))


async def interleaved(folder: Path, steps: list[tuple[str, int]]) -> None:
    async with opened(folder, "one", "other") as inboxes:
        now, held, edits, stored = 1000.0, dict[int, Asked](), 0, 0
        for step, who in steps:
            inbox = inboxes[who]
            if step == "store":
                stored += await inbox.store(question())
            elif step == "claim" and (asked := await inbox.claim(1, now)):
                held[who] = asked
            elif step == "beat":
                await inbox.beat(now)
            elif step == "wait":
                now += LEASE * 0.7
            elif step == "edit":
                edits += 1
                await inbox.edit(question(text=f"edit {edits}"), f"{edits:05d}.0")
            elif step == "delete" and stored:
                await inbox.delete(question())
            elif who in held:
                await with_claim(inboxes, who, held, step)
            assert stored <= 1
            assert len(await owners(inboxes)) <= 1


async def with_claim(inboxes: list[Inbox], who: int, held: dict[int, Asked], step: str) -> None:
    """What a process does with a claim that it believes to have."""
    if step == "save":
        try:
            await inboxes[who].save(held[who].id, posting=True)
        except ClaimLost:
            assert who not in await owners(inboxes)
        else:
            assert who in await owners(inboxes)
    elif step == "finish":
        await inboxes[who].finish(held.pop(who), "done")
    elif step == "give_back":
        await inboxes[who].give_back(held.pop(who).id)


async def owners(inboxes: list[Inbox]) -> list[int]:
    return [who for who, inbox in enumerate(inboxes) if await inbox.wishes()]
