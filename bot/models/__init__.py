"""Who writes answers: a chat model behind an OpenAI-compatible endpoint, or the embedded reader. One protocol."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from bot.citing import Draft
from bot.evidence import Findings
from bot.types import Mode, Standalone, Turn, Usage, Withheld


class Answerer(Protocol):
    """Writes drafts from findings. What it writes is checked by someone else."""

    @property
    def mode(self) -> Mode: ...

    @property
    def model(self) -> str: ...

    @property
    def prompts(self) -> dict[str, str]:
        """Digests of the prompts it uses, by name."""
        ...

    async def condense(self, question: str, history: Sequence[Turn]) -> tuple[Standalone, Usage]:
        """The question made to stand alone, given the turns before it."""
        ...

    def drafts(
        self, question: str, findings: Findings, failed: Sequence[Withheld] = ()
    ) -> AsyncIterator[Draft | Usage]:
        """Sentences with the quotes they rely on, as they are written; then what the model counted.

        Quotes name findings by their place, from 1. No draft at all means that nothing there answers. With
        `failed`, this is a second try, after all of those sentences were withheld.

        Raises:
            ModelUnavailable: the model refused, or gave no usable answer.
        """
        ...
