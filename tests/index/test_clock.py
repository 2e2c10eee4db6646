"""The stopwatch books each step's time under its name."""

from index.clock import Stopwatch


def test_laps_of_one_name_add_up_and_all_fit_the_total() -> None:
    clock = Stopwatch()
    clock.lap("embed")
    clock.lap("fuse")
    before = dict(clock.laps)
    clock.lap("embed")
    assert list(clock.laps) == ["embed", "fuse"]
    assert clock.laps["embed"] > before["embed"] > 0
    assert clock.laps["fuse"] == before["fuse"]
    assert sum(clock.laps.values()) <= clock.total
