"""One case and its answer -> scores. A score that cannot be had is not 0: in its place stands the reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot import render
from bot.evals import metrics
from bot.evals.cases import Case
from bot.evals.sources import Evidence, Sources
from bot.types import Answer, Outcome
from index.types import RankedPassage

Score = float | str
"""A number, or why there is none."""

FAILED = "the question failed"
STALE = "the case is stale"
UNANSWERABLE = "the question has no answer"
ABSTAINED = "no answer was given"
NO_ACCEPTED = "the case names no accepted answer"
NO_EVIDENCE = "the case names no evidence"
NOT_INDEXED = "its evidence is not indexed"

RECALL_AT = (1, 3, 5, 10)


@dataclass(frozen=True, slots=True)
class Found:
    """What retrieval found for a case: the evidence strings, the rank of each, and which passages are relevant."""

    evidence: tuple[Evidence, ...]
    ranks: tuple[int | None, ...]
    relevant: tuple[bool, ...]
    indexed: bool


def found(case: Case, sources: Sources, passages: Sequence[RankedPassage]) -> Found:
    """Sets the retrieved passages, best first, against the places of the case's evidence. Ranks count from 1.

    `indexed` says whether some of the evidence is in the index; without evidence, whether some of the sources are.
    """
    evidence = tuple(sources.locate(case))
    ids = [item.passage.id for item in passages]
    ranks = tuple(
        next((rank for rank, name in enumerate(ids, start=1) if name in item.passages), None) for item in evidence
    )
    held = frozenset().union(*(item.passages for item in evidence))
    if evidence:
        indexed = any(item.places for item in evidence)
    else:
        indexed = not case.sources or any(sources.named(name) for name in case.sources)
    return Found(evidence, ranks, tuple(name in held for name in ids), indexed)


def score(case: Case, answer: Answer, sources: Sources, retrieved: Found) -> dict[str, Score]:
    """Every metric of the case by name, as a number or as the reason why there is none."""
    return {
        **_answer_scores(case, answer),
        **_retrieval_scores(case, retrieved),
        **_citation_scores(case, answer, sources, retrieved),
    }


def unscored(reason: str) -> dict[str, Score]:
    """The scores of a case that has none."""
    return dict.fromkeys(PER_CASE, reason)


def correct(case: Case, answer: Answer) -> Score:
    """1 if an answerable question got an answer that contains an accepted one, or any other was abstained from."""
    if not case.answerable:
        return float(answer.outcome is Outcome.NOT_FOUND)
    if not case.answers:
        return NO_ACCEPTED
    return metrics.answer_contains(answer.text, case.answers)


def _answer_scores(case: Case, answer: Answer) -> dict[str, Score]:
    reason = UNANSWERABLE if not case.answerable else NO_ACCEPTED if not case.answers else ""
    short = render.short_answer(answer) or answer.text
    scored: dict[str, Callable[[], float]] = {
        "exact_match": lambda: metrics.exact_match(short, case.answers),
        "f1": lambda: metrics.token_f1(short, case.answers),
        "answer_contains": lambda: metrics.answer_contains(answer.text, case.answers),
        "exact_match_text": lambda: metrics.exact_match(answer.text, case.answers),
        "f1_text": lambda: metrics.token_f1(answer.text, case.answers),
    }
    return {"correct": correct(case, answer)} | {name: reason or value() for name, value in scored.items()}


def _retrieval_scores(case: Case, retrieved: Found) -> dict[str, Score]:
    reason = _no_evidence(case, retrieved)
    total = len(frozenset().union(*(item.passages for item in retrieved.evidence)))
    scored: dict[str, Callable[[], float]] = {
        **{f"recall@{k}": lambda k=k: metrics.recall(retrieved.ranks, k) for k in RECALL_AT},  # type: ignore[misc]
        "mrr@10": lambda: metrics.reciprocal_rank(retrieved.relevant),
        "ndcg@10": lambda: metrics.ndcg(retrieved.relevant, total),
    }
    return {name: reason or value() for name, value in scored.items()}


def _citation_scores(case: Case, answer: Answer, sources: Sources, retrieved: Found) -> dict[str, Score]:
    if answer.outcome is not Outcome.ANSWERED:
        return dict.fromkeys(("citation_precision", "citation_recall", "quote_validity"), ABSTAINED)
    valid = sum(sources.holds(citation) for citation in answer.citations) / len(answer.citations)
    if reason := _no_evidence(case, retrieved):
        return {"citation_precision": reason, "citation_recall": reason, "quote_validity": valid}
    statements = supported(answer, retrieved.evidence)
    return {
        "citation_precision": metrics.citation_precision(statements),
        "citation_recall": metrics.citation_recall(statements),
        "quote_validity": valid,
    }


def supported(answer: Answer, evidence: Sequence[Evidence]) -> list[list[bool]]:
    """For each claim, whether each of its citations quotes some of the gold evidence."""
    places = [place for item in evidence for place in item.places]
    good = {cited.number for cited in answer.citations if any(place.overlaps(cited) for place in places)}
    return [[number in good for number in claim.citations] for claim in answer.claims]


def _no_evidence(case: Case, retrieved: Found) -> str:
    if not case.answerable:
        return UNANSWERABLE
    if not case.evidence:
        return NO_EVIDENCE
    return "" if retrieved.indexed else NOT_INDEXED


PER_CASE = (
    "correct",
    "exact_match",
    "f1",
    "answer_contains",
    "exact_match_text",
    "f1_text",
    *(f"recall@{k}" for k in RECALL_AT),
    "mrr@10",
    "ndcg@10",
    "citation_precision",
    "citation_recall",
    "quote_validity",
)
"""The names of all scores of a case, in the order in which they are shown."""
