"""The steps from a question to its answer: condense, retrieve, decide, generate, verify.

`bot.chain` offers them as a LangChain Runnable; this module imports nothing heavy, so that a single `citebot ask`
pays only for what it uses.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace

from bot.citing import Draft, Verifier
from bot.errors import ModelUnavailable, explain
from bot.evidence import Findings, weigh
from bot.models import Answerer
from bot.models.embedded import EmbeddedAnswerer
from bot.overview import is_overview, key_findings
from bot.types import Answer, Claim, Outcome, Question, Released, Standalone, Usage, Withheld
from index.clock import Stopwatch
from index.library import Library
from index.reader import Reader
from index.search import search
from index.types import RankedPassage

Retrieve = Callable[[str, tuple[str, ...]], Awaitable[list[RankedPassage]]]
Event = Released | Withheld | Answer

LENIENCE = 0.25
"""Share of the threshold below which a chat model is not asked: it can rephrase and combine what the reader cannot,
and the verifier has the last word."""
UNVERIFIED = "What the chat model wrote could not be verified; these are the documents' own words."


@dataclass(slots=True)
class _Session:
    """What one question has come to so far."""

    question: Question
    standalone: Standalone
    writer: Answerer
    verifier: Verifier = field(default_factory=lambda: Verifier(()))
    claims: list[Claim] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    notice: str = ""
    clock: Stopwatch = field(default_factory=Stopwatch)


@dataclass(frozen=True, slots=True)
class Answering:
    """Everything a question needs. One instance serves any number of questions, also at the same time.

    With `mark`, withheld sentences are to be shown, marked as unverified; by default they are only counted.
    """

    library: Library
    reader: Reader
    answerer: Answerer
    passages: int
    evidence_threshold: float
    mark: bool = False

    async def retrieve(self, question: str, sets: tuple[str, ...]) -> list[RankedPassage]:
        """The passages to read for a standalone question."""
        result = await asyncio.to_thread(search, self.library, question, self.passages, sets)
        return result.passages

    async def stream(self, question: Question, retrieve: Retrieve | None = None) -> AsyncIterator[Event]:
        """Claims as they are verified and sentences as they are withheld, then the whole answer.

        `retrieve` takes the place of the method of that name, for whoever wants to watch it.

        Raises:
            IndexProblem: the index cannot be asked.
        """
        session = _Session(question, Standalone(question.text), self.answerer)
        await self._condense(session)
        found = await (retrieve or self.retrieve)(session.standalone.search_text, question.sets)
        findings = await asyncio.to_thread(self._weigh, session.standalone.question, found)
        session.clock.lap("retrieve")
        session.verifier = Verifier([item.found.passage for item in findings.evidence])
        async for event in self._write(session, findings):
            yield event
        yield Answer(
            question=question,
            standalone_question=session.standalone.question,
            outcome=Outcome.ANSWERED if session.claims else Outcome.NOT_FOUND,
            mode=session.writer.mode,
            model=session.writer.model,
            claims=tuple(session.claims),
            citations=session.verifier.citations,
            withheld=tuple(session.withheld),
            passages=tuple(item.found for item in findings.evidence),
            confidence=findings.confidence,
            usage=session.usage,
            timings_ms=session.clock.laps | {"total": session.clock.total},
            prompts=self.answerer.prompts,
            notice=session.notice,
            marked=self.mark,
        )

    async def _condense(self, session: _Session) -> None:
        session.clock.laps = dict.fromkeys(("condense", "retrieve", "generate", "verify"), 0.0)
        if session.question.history:
            try:
                condensed = await self.answerer.condense(session.question.text, session.question.history)
            except ModelUnavailable as error:
                self._fall_back(session, explain(error))
                condensed = await session.writer.condense(session.question.text, session.question.history)
            session.standalone, usage = condensed
            session.usage += usage
        session.clock.lap("condense")

    def _weigh(self, question: str, found: list[RankedPassage]) -> Findings:
        if is_overview(question):
            return key_findings(self.library, found)
        return weigh(self.reader, question, found)

    async def _write(self, session: _Session, findings: Findings) -> AsyncIterator[Event]:
        """The configured model's sentences; if all are withheld, its second try; else the documents' own words."""
        lenience = 1.0 if session.writer.mode == "embedded" else LENIENCE
        if findings.confidence < self.evidence_threshold * lenience:
            return
        if session.writer.mode == "openai":
            try:
                async for event in self._attempt(session, findings):
                    yield event
                if session.withheld and not session.claims:
                    async for event in self._attempt(session, findings):
                        yield event
            except ModelUnavailable as error:
                session.notice = explain(error)
            if session.claims or not (session.withheld or session.notice):
                return
            self._fall_back(session, session.notice or UNVERIFIED)
            if findings.confidence < self.evidence_threshold:
                return
        async for event in self._attempt(session, findings):
            yield event

    async def _attempt(self, session: _Session, findings: Findings) -> AsyncIterator[Event]:
        async for item in session.writer.drafts(session.standalone.question, findings, tuple(session.withheld)):
            session.clock.lap("generate")
            if not isinstance(item, Draft):
                session.usage += item
                continue
            checked = session.verifier.check(item)
            session.clock.lap("verify")
            if isinstance(checked, Released):
                session.claims.append(checked.claim)
            else:
                checked = replace(checked, after=len(session.claims))
                session.withheld.append(checked)
            yield checked

    @staticmethod
    def _fall_back(session: _Session, reason: str) -> None:
        session.writer, session.notice = EmbeddedAnswerer(), reason


async def whole_answer(events: AsyncIterator[Event]) -> Answer:
    """The answer at the end of a stream, for whoever does not want it piece by piece."""
    last: Event | None = None
    async for event in events:
        last = event
    if not isinstance(last, Answer):
        raise RuntimeError("the stream ended without an answer")  # noqa: TRY004 - nobody passed a wrong type
    return last
