"""Virtual time and the journal."""

import asyncio

import pytest
from slack_workspace import Clock, Journal


async def test_time_stands_until_it_is_moved() -> None:
    clock = Clock(start=100.0)
    await asyncio.sleep(0)
    assert clock.now() == 100.0
    await clock.advance(5)
    assert clock.now() == 105.0


async def test_what_falls_due_happens_in_order_each_at_its_own_moment() -> None:
    clock = Clock(start=0.0)
    seen: list[tuple[str, float]] = []
    clock.call_later(20, lambda: seen.append(("late", clock.now())))
    clock.call_later(10, lambda: seen.append(("early", clock.now())))
    clock.call_later(99, lambda: seen.append(("never", clock.now())))
    clock.call_later(15, lambda: seen.append(("cancelled", clock.now()))).cancel()
    await clock.advance(30)
    assert seen == [("early", 10.0), ("late", 20.0)]


async def test_a_timer_may_set_the_next_one_within_the_same_move() -> None:
    clock = Clock(start=0.0)
    seen: list[float] = []

    def again() -> None:
        seen.append(clock.now())
        clock.call_later(60, again)

    clock.call_later(60, again)
    await clock.advance(200)
    assert seen == [60.0, 120.0, 180.0]


async def test_a_sleeper_wakes_when_its_time_has_come() -> None:
    clock = Clock(start=0.0)
    sleeper = asyncio.create_task(clock.sleep(30))
    await asyncio.sleep(0)
    await clock.advance(29)
    assert not sleeper.done()
    await clock.advance(1)
    assert sleeper.done()


async def test_time_does_not_outrun_an_answer_on_the_wire() -> None:
    clock = Clock(start=0.0, patience=5)
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    clock.hold(answer)
    moving = asyncio.create_task(clock.advance(3))
    await asyncio.sleep(0.01)
    assert clock.now() == 0.0
    answer.set_result(None)
    await moving
    assert clock.now() == 3.0


async def test_time_gives_up_on_an_answer_that_never_comes() -> None:
    clock = Clock(start=0.0, patience=0.01)
    clock.hold(asyncio.get_running_loop().create_future())
    await clock.advance(3)
    assert clock.now() == 3.0


async def test_time_can_be_moved_until_something_is_so() -> None:
    clock = Clock(start=0.0)
    done = asyncio.create_task(clock.sleep(42))
    await clock.advance_until(done.done, step=10)
    assert clock.now() == 50.0
    with pytest.raises(TimeoutError, match="Not so after 20 virtual seconds"):
        await clock.advance_until(lambda: False, step=10, limit=20)


async def test_a_clock_can_follow_real_time() -> None:
    clock = Clock(start=0.0)
    following = asyncio.create_task(clock.follow_real_time())
    await asyncio.wait_for(clock.sleep(0.05), 5)
    assert clock.now() >= 0.05
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following


async def test_the_journal_keeps_what_was_so_when_it_was_written() -> None:
    journal = Journal(Clock())
    args = {"text": "before"}
    journal.write("call", "chat.postMessage", args=args, token="t")  # noqa: S106 - any word will do
    args["text"] = "after"
    assert journal.calls("chat.postMessage")[0].args == {"text": "before"}


async def test_a_reader_of_the_journal_waits_for_what_comes() -> None:
    journal = Journal(Clock())
    waiting = asyncio.create_task(journal.wait_for(lambda entry: entry.name == "second"))
    journal.write("state", "first")
    await asyncio.sleep(0)
    journal.write("state", "second")
    assert (await waiting).number == 1


async def test_waiting_in_vain_shows_the_end_of_the_journal() -> None:
    journal = Journal(Clock())
    journal.write("state", "the last thing that happened")
    with pytest.raises(TimeoutError, match="the last thing that happened"):
        await journal.until(lambda: None, within=0.01)
