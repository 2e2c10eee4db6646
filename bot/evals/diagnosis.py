"""Why an answer is wrong: the first step of the chain that went wrong, and what mending it would bring."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.evals import metrics
from bot.evals.cases import Case
from bot.evals.scoring import Found, Score, supported
from bot.types import Answer, Outcome

PROBE_DEPTH = 100
"""How deep a failed case's search is looked at to tell "too low" from "not retrieved"."""


class Diagnosis(StrEnum):
    STALE = "stale"
    NOT_INDEXED = "not indexed"
    NOT_RETRIEVED = "not retrieved"
    TOO_LOW = "retrieved too low"
    UNUSED = "retrieved but unused"
    WRONG = "wrong despite evidence"
    SHOULD_HAVE_ABSTAINED = "should have abstained"
    SHOULD_HAVE_ANSWERED = "should have answered"


MEANING = {
    Diagnosis.STALE: "its source changed or went since the case was written: write the case anew, or pin it again",
    Diagnosis.NOT_INDEXED: "no indexed document holds the evidence: index its source",
    Diagnosis.NOT_RETRIEVED: f"the evidence is not among the first {PROBE_DEPTH} passages: the search misses it",
    Diagnosis.TOO_LOW: "the search finds the evidence below the passages that are read: rank better, or read more",
    Diagnosis.UNUSED: "a passage with the evidence was read, but the answer stands on another",
    Diagnosis.WRONG: "the answer cites the evidence and is wrong all the same",
    Diagnosis.SHOULD_HAVE_ABSTAINED: "the question has no answer in the documents, but one was given",
    Diagnosis.SHOULD_HAVE_ANSWERED: "a passage with the evidence was read, but no answer was given",
}
"""What each means, and what to mend, for people."""


@dataclass(frozen=True, slots=True)
class Fix:
    """One cause of failures: how many cases it holds, and what "correct" would be if all of them came right."""

    diagnosis: Diagnosis
    cases: int
    correct_if_mended: float | None


def needs_probe(case: Case, right: Score, retrieved: Found) -> bool:
    """Whether a deeper search is needed to tell why this case failed."""
    return bool(
        case.answerable and right == 0.0 and case.evidence and retrieved.indexed and not any(retrieved.relevant)
    )


def diagnose(
    case: Case, answer: Answer, right: Score, retrieved: Found, deep_rank: int | None = None
) -> Diagnosis | None:
    """The cause of a wrong answer, or None for a right or unscored one.

    `deep_rank` is the rank of the first passage with evidence in a search of PROBE_DEPTH, if there was one.
    A case without evidence strings is judged by whether a passage contains an accepted answer, as in "distant
    supervision" of open-domain question answering (Chen et al., ACL 2017).
    """
    if right != 0.0:
        return None
    if not case.answerable:
        return Diagnosis.SHOULD_HAVE_ABSTAINED
    if not retrieved.indexed:
        return Diagnosis.NOT_INDEXED
    relevant = retrieved.relevant if case.evidence else _containing(case, answer)
    if not any(relevant):
        return Diagnosis.TOO_LOW if deep_rank else Diagnosis.NOT_RETRIEVED
    if answer.outcome is not Outcome.ANSWERED:
        return Diagnosis.SHOULD_HAVE_ANSWERED
    if case.evidence:
        used = any(any(flags) for flags in supported(answer, retrieved.evidence))
    else:
        used = any(metrics.answer_contains(cited.quote, case.answers) for cited in answer.citations)
    return Diagnosis.WRONG if used else Diagnosis.UNUSED


def fixes(diagnoses: Sequence[str | None], right: Sequence[Score]) -> list[Fix]:
    """The causes by how much mending each would move "correct", most first."""
    scored = [value for value in right if not isinstance(value, str)]
    counted = Counter(Diagnosis(name) for name in diagnoses if name)
    found = []
    for cause, cases in counted.items():
        mended = None if cause is Diagnosis.STALE or not scored else (sum(scored) + cases) / len(scored)
        found.append(Fix(cause, cases, mended))
    return sorted(found, key=lambda fix: (fix.correct_if_mended is None, -fix.cases, fix.diagnosis))


def _containing(case: Case, answer: Answer) -> list[bool]:
    return [bool(metrics.answer_contains(found.passage.text, case.answers)) for found in answer.passages]
