"""The steps from a question to its answer: condense, retrieve, decide, generate, verify.

`bot.chain` offers them as a LangChain Runnable; this module imports nothing heavy, so that a single `citebot ask`
pays only for what it uses.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from bot.citing import Draft, Verifier
from bot.evidence import Findings, weigh
from bot.models import Answerer
from bot.overview import is_overview, key_findings
from bot.types import Answer, Claim, Outcome, Question, Released, Usage, Withheld
from index.clock import Stopwatch
from index.library import Library
from index.reader import Reader
from index.search import search
from index.types import RankedPassage

Retrieve = Callable[[str, tuple[str, ...]], Awaitable[list[RankedPassage]]]

LENIENCE = 0.25
"""Share of the threshold below which a chat model is not asked: it can rephrase and combine what the reader cannot,
and the verifier has the last word."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Everything a question needs. One instance serves any number of questions, also at the same time."""

    library: Library
    reader: Reader
    answerer: Answerer
    passages: int
    evidence_threshold: float

    async def retrieve(self, question: str, sets: tuple[str, ...]) -> list[RankedPassage]:
        """The passages to read for a standalone question."""
        result = await asyncio.to_thread(search, self.library, question, self.passages, sets)
        return result.passages

    async def stream(self, question: Question, retrieve: Retrieve | None = None) -> AsyncIterator[Released | Answer]:
        """Claims as they are verified, then the whole answer.

        `retrieve` takes the place of the method of that name, for whoever wants to watch it.

        Raises:
            IndexProblem: the index cannot be asked.
            ModelUnavailable: the chat model gave nothing that could be used.
        """
        clock = Stopwatch()
        standalone, usage = question.text, Usage()
        if question.history:
            standalone, usage = await self.answerer.condense(question.text, question.history)
        clock.lap("condense")
        found = await (retrieve or self.retrieve)(standalone, question.sets)
        findings = await asyncio.to_thread(self._weigh, standalone, found)
        clock.lap("retrieve")

        verifier = Verifier([item.found.passage for item in findings.evidence])
        claims: list[Claim] = []
        withheld: list[Withheld] = []
        if findings.confidence >= self._threshold:
            async for item in self.answerer.drafts(standalone, findings):
                clock.lap("generate")
                if isinstance(item, Draft):
                    checked = verifier.check(item)
                    clock.lap("verify")
                    if isinstance(checked, Released):
                        claims.append(checked.claim)
                        yield checked
                    else:
                        withheld.append(checked)
                else:
                    usage += item
        yield Answer(
            question=question,
            standalone_question=standalone,
            outcome=Outcome.ANSWERED if claims else Outcome.NOT_FOUND,
            mode=self.answerer.mode,
            model=self.answerer.model,
            claims=tuple(claims),
            citations=verifier.citations,
            withheld=tuple(withheld),
            passages=tuple(item.found for item in findings.evidence),
            confidence=findings.confidence,
            usage=usage,
            timings_ms=dict.fromkeys(("condense", "retrieve", "generate", "verify"), 0.0)
            | clock.laps
            | {"total": clock.total},
            prompts=self.answerer.prompts,
        )

    @property
    def _threshold(self) -> float:
        return self.evidence_threshold * (1.0 if self.answerer.mode == "embedded" else LENIENCE)

    def _weigh(self, question: str, found: list[RankedPassage]) -> Findings:
        if is_overview(question):
            return key_findings(self.library, found)
        return weigh(self.reader, question, found)


async def whole_answer(events: AsyncIterator[Released | Answer]) -> Answer:
    """The answer at the end of a stream, for whoever does not want it piece by piece."""
    last: Released | Answer | None = None
    async for event in events:
        last = event
    if not isinstance(last, Answer):
        raise RuntimeError("the stream ended without an answer")  # noqa: TRY004 - nobody passed a wrong type
    return last
