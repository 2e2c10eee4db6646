"""Two runs of the same cases, pair by pair: what got better, what got worse, and whether that may pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.errors import BadInput
from bot.evals.changes import Change, changes
from bot.evals.record import CaseSet, IndexFacts, Record, Row


@dataclass(frozen=True, slots=True)
class Flip:
    """A case that is right in one run and wrong in the other."""

    id: str
    question: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`differences` names what else differs between the runs: settings, code, prompts."""

    baseline: str
    changes: list[Change]
    better: list[Flip]
    worse: list[Flip]
    pairs: int
    stale: list[str]
    only_new: int
    only_old: int
    differences: list[str]

    @property
    def regressions(self) -> list[Change]:
        return [change for change in self.changes if change.regression]


class Asked(Protocol):
    """What a run asked of what: a record, or a run before it begins."""

    @property
    def cases(self) -> CaseSet: ...

    @property
    def index(self) -> IndexFacts: ...


def require_comparable(old: Asked, new: Asked, name: str) -> None:
    """Checks that both runs ask the same cases of the same index.

    Raises:
        BadInput: they do not; it says what differs.
    """
    reasons = []
    if old.cases.digest != new.cases.digest:
        reasons.append(f"the case sets differ ({old.cases.count} cases then, {new.cases.count} now)")
    if old.index.fingerprint != new.index.fingerprint:
        facts = ("embedder", "documents", "passages")
        pairs = [(fact, getattr(old.index, fact), getattr(new.index, fact)) for fact in facts]
        differing = "; ".join(f"{fact}: {then} then, {now} now" for fact, then, now in pairs if then != now)
        reasons.append(f"the indexes differ ({differing or 'other texts, or cut another way'})")
    if reasons:
        raise BadInput(
            f"The run cannot be compared with {name}: {' and '.join(reasons)}: make a new baseline, or add "
            "--allow-different to compare the cases that both have."
        )


def compare(
    old: Record,
    new: Record,
    *,
    name: str,
    tolerances: Mapping[str, float] | None = None,
    allow_different: bool = False,
) -> Comparison:
    """Pairs the runs by case. `tolerances` maps measures to how much worse they may become; "" is for all shares.

    Cases whose source changed between the runs are stale and not counted, and neither are those of one run only.

    Raises:
        BadInput: the runs asked other cases or another index, and `allow_different` is not set.
    """
    if not allow_different:
        require_comparable(old, new, name)
    before = {row.case.id: row for row in old.rows}
    shared = [(before[row.case.id], row) for row in new.rows if _same_case(before.get(row.case.id), row)]
    stale = [now.case.id for then, now in shared if _stale(then, now, old, new)]
    left_out = set(stale)
    pairs = [pair for pair in shared if pair[1].case.id not in left_out]
    flips = [(then, now) for then, now in pairs if then.value("correct") is not None]
    return Comparison(
        baseline=name,
        changes=changes(pairs, tolerances or {}, judged=_same_judge(old, new)),
        better=[_flip(then, now) for then, now in flips if _right(then, now) == (0.0, 1.0)],
        worse=[_flip(then, now) for then, now in flips if _right(then, now) == (1.0, 0.0)],
        pairs=len(pairs),
        stale=stale,
        only_new=len(new.rows) - len(shared),
        only_old=len(old.rows) - len(shared),
        differences=_differences(old, new),
    )


def _same_case(then: Row | None, now: Row) -> bool:
    asked = ("question", "history", "answers", "evidence", "answerable")
    return then is not None and all(getattr(then.case, name) == getattr(now.case, name) for name in asked)


def _stale(then: Row, now: Row, old: Record, new: Record) -> bool:
    return bool(then.stale or now.stale) or any(
        old.index.sources.get(name) != new.index.sources.get(name) for name in now.case.sources
    )


def _same_judge(old: Record, new: Record) -> bool:
    if old.judge is None or new.judge is None:
        return False
    return (old.judge.model, old.judge.prompt_digest) == (new.judge.model, new.judge.prompt_digest)


def _right(then: Row, now: Row) -> tuple[float | None, float | None]:
    return then.value("correct"), now.value("correct")


def _flip(then: Row, now: Row) -> Flip:
    return Flip(now.case.id, now.case.question, then.diagnosis or "correct", now.diagnosis or "correct")


def _differences(old: Record, new: Record) -> list[str]:
    """What else is not the same in both runs, as "name: before -> after"."""
    found = []
    pairs = {
        "mode": (old.setup.mode, new.setup.mode),
        "model": (old.setup.model, new.setup.model),
        "commit": (old.setup.commit, new.setup.commit),
        "machine": (old.setup.machine, new.setup.machine),
        "jobs": (old.setup.jobs, new.setup.jobs),
    }
    for label, before, after in (
        ("setting", old.setup.settings, new.setup.settings),
        ("prompt", old.setup.prompts, new.setup.prompts),
        ("version of", old.setup.versions, new.setup.versions),
    ):
        pairs |= {f"{label} {key}": (before.get(key), after.get(key)) for key in sorted({*before, *after})}
    for label, (then, now) in pairs.items():
        if then != now:
            found.append(f"{label}: {then} → {now}")
    if not _same_judge(old, new) and old.judge and new.judge:
        found.append("judge: another model or prompt, so its scores are not compared")
    return found
