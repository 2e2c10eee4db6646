"""The evidence threshold that fits a question set, and the risk–coverage curve that it is chosen on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.table import Table

from bot.errors import BadInput, SetupProblem
from bot.evals.cases import Case
from bot.evals.measures import Columns
from bot.evals.record import Record, Row

SETTING = "CITEBOT_EVIDENCE_THRESHOLD"
_SHOWN = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)


class Point(NamedTuple):
    """What a threshold means for a question set.

    `coverage` is the share of all questions that are answered, `risk` the share of those answers that is wrong,
    `refused` the share of the unanswerable questions that is refused.
    """

    threshold: float
    coverage: float
    risk: float
    refused: float


class Calibration(NamedTuple):
    """The point at which most is gained, and others along the curve, most answered first."""

    chosen: Point
    curve: tuple[Point, ...]

    def document(self) -> dict[str, Any]:
        return {"chosen": self.chosen._asdict(), "curve": [point._asdict() for point in self.curve]}


def calibrate(rows: Sequence[Row]) -> Calibration:
    """The threshold at which most is gained, where a right answer gains as much as a wrong one costs.

    An answer to an unanswerable question is a wrong one; no answer neither gains nor costs. This is the cost-based
    rejection of Chow, "On Optimum Recognition Error and Reject Tradeoff", IEEE Trans. Information Theory 16, 1970,
    with equal gain and cost, which for calibrated confidences would put the threshold at one half.

    Raises:
        BadInput: no case was answered, so there is nothing to choose.
    """
    columns = Columns(rows)
    answered = np.flatnonzero(~np.isnan(columns.wrong))
    if not len(answered):
        raise BadInput("No case was answered, so no threshold can be fitted: give a question set with known answers.")
    order = answered[np.argsort(-columns.confidence[answered], kind="stable")]
    confidence, wrong = columns.confidence[order], columns.wrong[order]
    asked, unanswerable = int(columns.counted.sum()), int((columns.counted & ~columns.answerable).sum())
    shown_unanswerable = np.cumsum(~columns.answerable[order])
    # Cases of equal confidence are answered together or not at all.
    ends = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True))
    lower = np.append(confidence, 0.0)

    def point(last: int) -> Point:
        count = last + 1
        return Point(
            threshold=float((confidence[last] + lower[count]) / 2),
            coverage=count / asked,
            risk=float(wrong[:count].mean()),
            refused=1 - float(shown_unanswerable[last]) / unanswerable if unanswerable else 0.0,
        )

    gains = np.cumsum(1 - 2 * wrong)[ends]
    best = int(ends[gains.argmax()])
    reached = [int(ends[min(int(np.searchsorted(ends + 1, share * asked)), len(ends) - 1)]) for share in _SHOWN]
    return Calibration(point(best), tuple(point(last) for last in sorted(set(reached), reverse=True)))


def require_both_kinds(cases: Sequence[Case]) -> None:
    """Raises BadInput unless some questions have an answer and some have none: a threshold tells them apart."""
    if {case.answerable for case in cases} != {True, False}:
        raise BadInput(
            'A threshold can only be fitted on questions of both kinds: add some with "answerable": false, '
            "which the documents do not answer, or with true, which they do."
        )


def require_everything_answered(record: Record, name: str) -> None:
    """Raises BadInput unless the run answered whatever the confidence was."""
    if record.setup.settings.get("evidence_threshold") != 0:
        raise BadInput(f"The run {name} left out what it was not sure of: run `citebot eval CASES.jsonl --calibrate`.")


def write_setting(value: str, path: Path) -> None:
    """Sets the threshold in the file `path`, keeping its other lines.

    Raises:
        SetupProblem: the file cannot be written.
    """
    import dotenv

    try:
        dotenv.set_key(path, SETTING, value, quote_mode="never")
    except OSError as error:
        raise SetupProblem(f"The file {path} cannot be written ({error.strerror}): set {SETTING}={value}.") from error


def table(calibration: Calibration) -> Table:
    """The curve, surest answers last, with the chosen threshold marked."""
    shown = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("threshold", "answered", "of those wrong", "unanswerable refused", ""):
        shown.add_column(name, justify="right" if name else "left", no_wrap=True)
    for point in sorted({*calibration.curve, calibration.chosen}, key=lambda point: point.threshold):
        mark = "← most gained" if point == calibration.chosen else ""
        shown.add_row(
            f"{point.threshold:.3f}", f"{point.coverage:.3f}", f"{point.risk:.3f}", f"{point.refused:.3f}", mark
        )
    return shown
