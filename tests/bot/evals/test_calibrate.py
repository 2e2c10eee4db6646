"""The threshold is put where most is gained, and the curve says what each threshold means."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadInput, SetupProblem
from bot.evals.calibrate import calibrate, require_both_kinds, require_everything_answered, write_setting
from bot.evals.record import Record, Row

JUDGED = st.lists(st.tuples(st.sampled_from([0.1, 0.3, 0.3, 0.6, 0.9]), st.booleans(), st.booleans()), min_size=1)


Judged = tuple[float, bool, bool]


@pytest.fixture(scope="session")
def rows(make_row: Callable[..., Row]) -> Callable[..., list[Row]]:
    """Makes a row of each (confidence, answerable, right); nothing unanswerable is right."""

    def made(*judged: Judged) -> list[Row]:
        return [
            make_row(str(n), confidence=sure, answerable=answerable, correct=float(right and answerable))
            for n, (sure, answerable, right) in enumerate(judged)
        ]

    return made


def test_the_threshold_of_a_worked_example(rows: Callable[..., list[Row]]) -> None:
    # Answered from the surest on, the gain is 1, 2, 1, 0, 1.
    fitted = calibrate(
        rows((0.9, True, True), (0.8, True, True), (0.6, False, False), (0.4, True, False), (0.2, True, True))
    )
    assert fitted.chosen.threshold == pytest.approx(0.7)
    assert fitted.chosen.coverage == pytest.approx(2 / 5)
    assert fitted.chosen.risk == 0.0
    assert fitted.chosen.refused == 1.0
    assert fitted.curve[0].coverage == 1.0
    assert fitted.curve[0].risk == pytest.approx(2 / 5)
    assert fitted.curve[0].refused == 0.0


@given(JUDGED)
def test_no_threshold_gains_more_than_the_chosen_one(rows: Callable[..., list[Row]], judged: list[Judged]) -> None:
    def gain(threshold: float) -> int:
        return sum(1 if right and answerable else -1 for sure, answerable, right in judged if sure >= threshold)

    chosen = calibrate(rows(*judged)).chosen.threshold
    assert gain(chosen) == max(gain(sure) for sure, _, _ in judged)


@pytest.mark.parametrize("kinds", [(True, True), (False,), ()])
def test_a_set_of_one_kind_tells_nothing_apart(make_row: Callable[..., Row], kinds: tuple[bool, ...]) -> None:
    with pytest.raises(BadInput, match="questions of both kinds"):
        require_both_kinds([make_row(answerable=kind).case for kind in kinds])


def test_nothing_answered_is_one_clear_error(make_row: Callable[..., Row]) -> None:
    with pytest.raises(BadInput, match="no threshold can be fitted"):
        calibrate([make_row(outcome="not_found", correct=0.0)])


def test_a_run_that_left_things_out_cannot_be_calibrated_on(
    make_row: Callable[..., Row], make_record: Callable[..., Record]
) -> None:
    with pytest.raises(BadInput, match="left out what it was not sure of"):
        require_everything_answered(make_record([make_row()]), "run.json")


def test_writing_the_setting_keeps_the_other_lines(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# mine\nOPENAI_API_KEY=abc\nCITEBOT_EVIDENCE_THRESHOLD=0.2\n", encoding="utf-8")
    write_setting("0.432", path)
    assert path.read_text(encoding="utf-8") == "# mine\nOPENAI_API_KEY=abc\nCITEBOT_EVIDENCE_THRESHOLD=0.432\n"
    write_setting("0.5", tmp_path / "new")
    assert (tmp_path / "new").read_text(encoding="utf-8") == "CITEBOT_EVIDENCE_THRESHOLD=0.5\n"


def test_a_file_that_cannot_be_written_names_the_line_to_set(tmp_path: Path) -> None:
    with pytest.raises(SetupProblem, match=r"set CITEBOT_EVIDENCE_THRESHOLD=0\.5"):
        write_setting("0.5", tmp_path / "nowhere" / ".env")
