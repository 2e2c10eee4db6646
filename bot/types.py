"""What flows from a question to its answer. Everything here is frozen: a step makes new values, it edits none."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from index.types import RankedPassage

Mode = Literal["embedded", "openai"]


class Outcome(StrEnum):
    ANSWERED = "answered"
    NOT_FOUND = "not_found"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Turn:
    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """`history` holds the earlier turns, oldest first; `sets` limits the search to those document sets, if any."""

    text: str
    id: str = ""
    history: tuple[Turn, ...] = ()
    sets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question as it is understood without its history. `context` helps to find passages, but is not asked."""

    question: str
    context: str = ""

    @property
    def search_text(self) -> str:
        return f"{self.context} {self.question}".strip()


@dataclass(frozen=True, slots=True)
class Citation:
    """Words of a source: `quote == document_text[start:end]`, offsets in code points of the extracted text.

    `highlight` marks the words inside the quote that answer the question, as document offsets, where they are known.
    """

    number: int
    source: str
    title: str
    start: int
    end: int
    quote: str
    passage_id: str
    highlight: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer and the numbers of the citations that carry it."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Withheld:
    """A sentence of the model that did not pass, and why. `after` is how many claims were released before it."""

    text: str
    reason: str
    after: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that a chat model counted, and how many calls they took. All zero in embedded mode."""

    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.calls + other.calls,
        )


@dataclass(frozen=True, slots=True)
class Released:
    """A claim whose citations were verified, as it leaves the chain; `citations` are those not sent before."""

    claim: Claim
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer. An answered one has claims and every claim has citations; no other has either.

    `notice` says why this is not what the configured model would have answered, where that is so. With `marked`,
    the user has asked to see withheld sentences too, marked as unverified.
    """

    question: Question
    standalone_question: str
    outcome: Outcome
    mode: Mode
    model: str
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    passages: tuple[RankedPassage, ...] = ()
    confidence: float = 0.0
    usage: Usage = Usage()
    timings_ms: dict[str, float] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    notice: str = ""
    marked: bool = False

    def __post_init__(self) -> None:
        numbers = {citation.number for citation in self.citations}
        cited = [claim.citations for claim in self.claims]
        if self.outcome is Outcome.ANSWERED:
            sound = bool(cited) and all(cited) and all(number in numbers for row in cited for number in row)
        else:
            sound = not cited and not numbers
        if not sound:
            raise ValueError(f"an answer with outcome {self.outcome} cannot have these claims and citations")

    @property
    def text(self) -> str:
        return " ".join(claim.text for claim in self.claims)
