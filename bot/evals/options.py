"""What a call of `citebot eval` asks for."""

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bot.evals.catalogue import BY_NAME
from bot.evals.judge import JudgeOptions


@dataclass(frozen=True, slots=True)
class Options:
    """`finished` is the record of a run to look at again, in place of a new run."""

    cases: Path | None = None
    out: Path | None = None
    baseline: Path | None = None
    html: Path | None = None
    junit: Path | None = None
    finished: Path | None = None
    resume: bool = False
    jobs: int | None = None
    mode: str = "auto"
    tolerances: Mapping[str, float] | None = None
    allow_different: bool = False
    judge: JudgeOptions | None = None
    calibrate: bool = False
    as_json: bool = False


def parse(given: dict[str, Any], tolerances: Iterable[str]) -> Options:
    """The options as the command line gives them.

    Raises:
        click.UsageError: two of them do not go together, or a tolerance is not METRIC=AMOUNT.
    """
    model, repeats = given.pop("judge"), given.pop("judge_repeats")
    max_tokens, max_usd = given.pop("judge_max_tokens"), given.pop("judge_max_usd")
    if given["finished"]:
        idle = [name for name in ("cases", "jobs", "resume") if given[name]]
        if idle:
            raise click.UsageError(f"--from looks at a finished run: it does not go with {idle[0]}.")
    if given["calibrate"] and not (given["cases"] or given["finished"]):
        raise click.UsageError("--calibrate needs a question set on your own documents: citebot eval CASES.jsonl.")
    judge = JudgeOptions(model, repeats, max_tokens, max_usd) if model else None
    return Options(judge=judge, tolerances=dict(map(_tolerance, tolerances)), **given)


def _tolerance(text: str) -> tuple[str, float]:
    name, _, amount = text.rpartition("=")
    if name and name not in BY_NAME:
        near = difflib.get_close_matches(name, BY_NAME, n=1)
        raise click.UsageError(f"There is no metric {name}: " + (f"did you mean {near[0]}?" if near else "see --json."))
    try:
        value = float(amount)
    except ValueError:
        value = -1.0
    if not 0 <= value < math.inf:
        raise click.UsageError(f"--tolerance takes METRIC=AMOUNT, as in f1=0.02, not {text}.")
    return name, value
