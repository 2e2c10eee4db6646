"""Asks the chain every case, a bounded number at a time, and makes a row of each as its answer comes."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot import render
from bot.answering import UNVERIFIED, Answering
from bot.chain import AnswerChain
from bot.condense import carry_over
from bot.errors import KNOWN_PROBLEMS, ModelUnavailable, explain
from bot.evals import scoring
from bot.evals.cases import Case
from bot.evals.diagnosis import PROBE_DEPTH, Diagnosis, diagnose, needs_probe
from bot.evals.record import Hit, Row, Text
from bot.evals.scoring import Found
from bot.evals.sources import Sources
from bot.types import Answer
from index.search import search

GIVE_UP_AFTER = 5
"""Questions that the configured model did not answer, with none answered yet: it is not the questions that are at
fault, and a run of nothing but fallbacks would measure another model."""


@dataclass(frozen=True, slots=True)
class Runner:
    """Answers cases by the one chain that all front ends call, and scores the answers."""

    parts: Answering
    sources: Sources

    async def run(self, cases: Sequence[Case], jobs: int, done: Callable[[Row, dict[str, Text]], None]) -> None:
        """Calls `done` with each row, in the order in which answers come, and with the passages of its hits.

        Raises:
            BotProblem, IndexProblem: the first questions all failed, with the problem of the last one.
        """
        chain = AnswerChain(self.parts)
        waiting = iter(cases)
        state = _Luck()
        await asyncio.gather(*(self._work(chain, waiting, state, done) for _ in range(min(jobs, len(cases)))))
        if state.gave_up:
            raise state.gave_up

    async def _work(
        self,
        chain: AnswerChain,
        waiting: Iterator[Case],
        state: "_Luck",
        done: Callable[[Row, dict[str, Text]], None],
    ) -> None:
        for case in waiting:
            if state.gave_up:
                return
            try:
                answer = await chain.ainvoke(case.asked())
            except KNOWN_PROBLEMS as error:
                if not state.failed(error):
                    done(self._failure(case, explain(error)), {})
                continue
            if answer.notice in {"", UNVERIFIED}:
                state.answered = True
            elif state.failed(ModelUnavailable(answer.notice)):
                return
            done(*await asyncio.to_thread(self.row, case, answer))

    def row(self, case: Case, answer: Answer) -> tuple[Row, dict[str, Text]]:
        """The case with its answer scored, and the passages that the answer was made from."""
        retrieved = scoring.found(case, self.sources, answer.passages)
        stale = self.sources.stale(case)
        deep_rank = None
        if stale:
            scores = scoring.unscored(scoring.STALE)
            cause: Diagnosis | None = Diagnosis.STALE
        else:
            scores = scoring.score(case, answer, self.sources, retrieved)
            if needs_probe(case, scores["correct"], retrieved):
                deep_rank = self._deep_rank(answer, retrieved)
            cause = diagnose(case, answer, scores["correct"], retrieved, deep_rank)
        passages = {found.passage.id: found.passage for found in answer.passages}
        row = Row(
            case=case,
            answer=_trace(answer),
            hits=[
                Hit(found.passage.id, round(found.score, 4), relevant)
                for found, relevant in zip(answer.passages, retrieved.relevant, strict=True)
            ],
            scores=scores,
            ranks=list(retrieved.ranks),
            deep_rank=deep_rank,
            diagnosis=cause.value if cause else None,
            stale=stale,
        )
        return row, {name: Text(p.source, p.title, p.start, p.end, p.text) for name, p in passages.items()}

    def _deep_rank(self, answer: Answer, retrieved: Found) -> int | None:
        """The rank of the first passage with evidence in a deeper search for the same words."""
        wanted = frozenset().union(*(item.passages for item in retrieved.evidence))
        searched, question = answer.standalone_question, answer.question
        if answer.mode == "embedded" and question.history:
            searched = carry_over(question.text, question.history).search_text
        deep = search(self.parts.library, searched, PROBE_DEPTH, question.sets).passages
        return next((rank for rank, item in enumerate(deep, start=1) if item.passage.id in wanted), None)

    def _failure(self, case: Case, error: str) -> Row:
        stale = self.sources.stale(case)
        return Row(
            case=case,
            answer=render.failure_json(case.asked(), error),
            hits=[],
            scores=scoring.unscored(scoring.STALE if stale else scoring.FAILED),
            ranks=[None] * len(case.evidence),
            diagnosis=Diagnosis.STALE.value if stale else None,
            stale=stale,
        )


@dataclass(slots=True)
class _Luck:
    """Whether any question was answered, and the problem for which the run was given up."""

    answered: bool = False
    failures: int = 0
    gave_up: Exception | None = None

    def failed(self, error: Exception) -> bool:
        """Counts a failure; whether it is time to give up."""
        self.failures += 1
        if not self.answered and self.failures >= GIVE_UP_AFTER:
            self.gave_up = error
        return self.gave_up is not None


def _trace(answer: Answer) -> dict[str, object]:
    """`ask --json`, with what was withheld in full, and without the passages."""
    document = render.answer_json(answer)
    del document["passages"]
    document.pop("unverified", None)
    return document | {"withheld": [{"text": item.text, "reason": item.reason} for item in answer.withheld]}
