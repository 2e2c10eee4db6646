"""The embedded answerer: it shows the sentence the reader points at and never writes a word of its own."""

from collections.abc import AsyncIterator, Sequence

from bot.citing import Draft, Quote
from bot.condense import carry_over
from bot.evidence import Findings
from bot.signals import answering_sentences
from bot.types import Mode, Standalone, Turn, Usage, Withheld
from index.reader import Reading
from index.types import Passage


class EmbeddedAnswerer:
    mode: Mode = "embedded"
    model = "minilm-reader-int8"
    prompts: dict[str, str] = {}  # noqa: RUF012 - it has none, and never will

    async def condense(self, question: str, history: Sequence[Turn]) -> tuple[Standalone, Usage]:
        return carry_over(question, history), Usage()

    async def drafts(
        self,
        question: str,  # noqa: ARG002 - the findings were made for it
        findings: Findings,
        failed: Sequence[Withheld] = (),  # noqa: ARG002 - its quotes cannot fail
    ) -> AsyncIterator[Draft | Usage]:
        said = set()
        for number, item in enumerate(findings.evidence[: findings.quoted], start=1):
            if item.reading:
                draft = quoted(number, item.found.passage, item.reading)
                if draft.text not in said:
                    yield draft
                said.add(draft.text)
        yield Usage()


def quoted(number: int, passage: Passage, reading: Reading) -> Draft:
    """The source sentence or sentences around the reader's span, as their own claim."""
    text = passage.text
    start, end = answering_sentences(text, reading)
    words = text[start:end].strip()
    start = text.index(words, start)
    highlight = (max(0, reading.start - start), min(len(words), reading.end - start))
    return Draft(" ".join(words.split()), (Quote(number, words, highlight),))
