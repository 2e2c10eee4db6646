"""Scores and diagnoses of single answers, each made by hand from a real index."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.evals import scoring
from bot.evals.cases import Case
from bot.evals.diagnosis import Diagnosis, diagnose, fixes, needs_probe
from bot.evals.sources import Sources
from bot.types import Answer, Citation, Claim, Outcome, Question
from index.build import index_sources
from index.library import Library
from index.types import Passage, RankedPassage

GOLD, OTHER = "The envoy met Putin in Moscow.", "It rained all day in Jeddah."


@pytest.fixture
def passages(library: Library, tmp_path: Path) -> dict[str, Passage]:
    """One passage each of two documents, by the sentence that they hold."""
    for name, text in (("gold.txt", GOLD), ("other.txt", OTHER)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    index_sources(library, [str(tmp_path / "gold.txt"), str(tmp_path / "other.txt")])
    found = [library.catalog.passages_of(entry.id)[0] for entry in library.catalog.entries()]
    return {passage.text: passage for passage in found}


def case(**changes: object) -> Case:
    values: dict[str, object] = {
        "answerable": True,
        "answers": ("Moscow",),
        "evidence": (GOLD,),
        "sources": ("gold.txt",),
    }
    return Case("c", "Where did they meet?", **(values | changes))  # type: ignore[arg-type]


def answer(cited: Passage | None, read: Sequence[Passage]) -> Answer:
    """An answer that quotes the whole of one passage, or none."""
    common = {"mode": "embedded", "model": "m", "passages": tuple(RankedPassage(p, 0.1, 0.1, 0.1) for p in read)}
    if cited is None:
        return Answer(Question("Where?"), "Where?", Outcome.NOT_FOUND, **common)  # type: ignore[arg-type]
    citation = Citation(1, cited.source, cited.title, cited.start, cited.end, cited.text, cited.id)
    claims = (Claim(cited.text, (1,)),)
    return Answer(
        Question("Where?"),
        "Where?",
        Outcome.ANSWERED,
        claims=claims,
        citations=(citation,),
        **common,  # type: ignore[arg-type]
    )


def scored(library: Library, asked: Case, given: Answer) -> dict[str, scoring.Score]:
    sources = Sources(library.catalog)
    return scoring.score(asked, given, sources, scoring.found(asked, sources, given.passages))


def diagnosed(library: Library, asked: Case, given: Answer, deep_rank: int | None = None) -> Diagnosis | None:
    retrieved = scoring.found(asked, Sources(library.catalog), given.passages)
    return diagnose(asked, given, scoring.correct(asked, given), retrieved, deep_rank)


def test_a_right_answer_from_the_second_passage(library: Library, passages: dict[str, Passage]) -> None:
    gold, other = passages[GOLD], passages[OTHER]
    scores = scored(library, case(), answer(gold, [other, gold]))
    assert scores["correct"] == scores["answer_contains"] == 1
    assert scores["exact_match"] == 0
    assert scores["recall@1"] == 0
    assert scores["recall@3"] == 1
    assert scores["mrr@10"] == 0.5
    assert scores["citation_precision"] == scores["citation_recall"] == scores["quote_validity"] == 1


def test_an_answer_that_quotes_something_else(library: Library, passages: dict[str, Passage]) -> None:
    scores = scored(library, case(), answer(passages[OTHER], [passages[GOLD], passages[OTHER]]))
    assert scores["correct"] == scores["citation_precision"] == scores["citation_recall"] == 0
    assert scores["quote_validity"] == 1


def test_what_cannot_be_scored_says_why(library: Library, passages: dict[str, Passage]) -> None:
    gold = passages[GOLD]
    abstained = scored(library, case(), answer(None, [gold]))
    assert abstained["correct"] == abstained["f1"] == 0
    assert abstained["citation_recall"] == abstained["quote_validity"] == scoring.ABSTAINED
    rightly = scored(library, case(answerable=False, answers=(), evidence=()), answer(None, [gold]))
    assert rightly["correct"] == 1
    assert rightly["f1"] == rightly["recall@5"] == scoring.UNANSWERABLE
    bare = scored(library, case(answers=()), answer(gold, [gold]))
    assert bare["correct"] == bare["exact_match"] == scoring.NO_ACCEPTED
    assert bare["recall@1"] == 1
    unknown = scored(library, case(evidence=()), answer(gold, [gold]))
    assert unknown["recall@5"] == unknown["citation_recall"] == scoring.NO_EVIDENCE
    absent = scored(library, case(evidence=("Nobody wrote this.",)), answer(gold, [gold]))
    assert absent["ndcg@10"] == scoring.NOT_INDEXED


def test_every_score_has_a_name_in_the_list(library: Library, passages: dict[str, Passage]) -> None:
    assert tuple(scored(library, case(), answer(passages[GOLD], [passages[GOLD]]))) == scoring.PER_CASE


UNANSWERABLE = {"answerable": False, "answers": (), "evidence": ()}


@pytest.mark.parametrize(
    ("changes", "cited", "read", "cause"),
    [
        ({}, GOLD, [GOLD], None),
        ({}, OTHER, [GOLD, OTHER], Diagnosis.UNUSED),
        ({"answers": ("Paris",)}, GOLD, [GOLD], Diagnosis.WRONG),
        ({}, None, [OTHER, GOLD], Diagnosis.SHOULD_HAVE_ANSWERED),
        ({}, OTHER, [OTHER], Diagnosis.NOT_RETRIEVED),
        ({"evidence": ("Nobody wrote this.",)}, OTHER, [OTHER], Diagnosis.NOT_INDEXED),
        ({"evidence": (), "sources": ("gone.txt",)}, OTHER, [OTHER], Diagnosis.NOT_INDEXED),
        ({"evidence": ()}, OTHER, [OTHER, GOLD], Diagnosis.UNUSED),
        ({"evidence": ()}, OTHER, [OTHER], Diagnosis.NOT_RETRIEVED),
        (UNANSWERABLE, GOLD, [GOLD], Diagnosis.SHOULD_HAVE_ABSTAINED),
        (UNANSWERABLE, None, [GOLD], None),
        ({"answers": ()}, OTHER, [OTHER], None),
    ],
)
def test_a_failure_is_put_down_to_the_first_step_that_failed(  # noqa: PLR0917 - a table of situations
    library: Library,
    passages: dict[str, Passage],
    changes: dict[str, object],
    cited: str | None,
    read: list[str],
    cause: Diagnosis | None,
) -> None:
    given = answer(passages[cited] if cited else None, [passages[text] for text in read])
    assert diagnosed(library, case(**changes), given) == cause


def test_evidence_that_a_deeper_search_finds_was_retrieved_too_low(
    library: Library, passages: dict[str, Passage]
) -> None:
    assert diagnosed(library, case(), answer(None, [passages[OTHER]]), deep_rank=17) == Diagnosis.TOO_LOW


def test_a_deeper_search_is_made_only_where_it_can_tell_something(
    library: Library, passages: dict[str, Passage]
) -> None:
    sources = Sources(library.catalog)
    missed = scoring.found(case(), sources, [RankedPassage(passages[OTHER], 0.1, 0.1, 0.1)])
    read = scoring.found(case(), sources, [RankedPassage(passages[GOLD], 0.1, 0.1, 0.1)])
    assert needs_probe(case(), 0.0, missed)
    assert not needs_probe(case(), 1.0, missed)
    assert not needs_probe(case(), 0.0, read)
    assert not needs_probe(case(answerable=False), 0.0, missed)


def test_the_summary_puts_the_largest_step_first() -> None:
    causes = ["stale"] * 4 + ["retrieved but unused"] * 2 + ["not indexed"] + [None] * 5
    right: list[scoring.Score] = [*["the case is stale"] * 4, *[0.0] * 3, *[1.0] * 5]
    first, second, last = fixes(causes, right)
    assert (first.diagnosis, first.cases, first.correct_if_mended) == (Diagnosis.UNUSED, 2, 7 / 8)
    assert (second.diagnosis, second.correct_if_mended) == (Diagnosis.NOT_INDEXED, 6 / 8)
    assert (last.diagnosis, last.correct_if_mended) == (Diagnosis.STALE, None)
