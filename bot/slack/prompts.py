"""Questions to begin with, made from what is indexed: in the agent view, and as examples in the App Home.

Pure guesses come first; `proven` keeps those that the documents really answer.
"""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from bot.render import one_line
from bot.slack.text import inert
from bot.types import Answer, Outcome
from index.types import Document

PROMPTS = 4
"""assistant.threads.setSuggestedPrompts takes no more (docs)."""
CANDIDATES = 12
DOCUMENTS = 50
"""How many documents are looked at, and how many characters of each."""
CHARACTERS = 20_000
_LONGEST = 75

_QUESTION = re.compile(
    r"^[#>*\-\d.)\s]{0,8}((?:who|what|when|where|which|why|how|can|do|does|is|are|may|must|should)\b[^?\n]{8,70}\?)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_NAME = re.compile(r"(?<=[a-z,] )((?:[A-Z][\w-]+ ){1,3}[A-Z][\w-]+)(?![\w’'-])")
"""Several words with capitals inside a sentence."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question as a button. `about` is what its answer must name, or it would be a poor example."""

    message: str
    about: str = ""

    def json(self) -> dict[str, str]:
        return {"title": inert(self.message), "message": inert(self.message)}


def suggested_prompts(documents: Iterable[Document]) -> list[Prompt]:
    """At most four questions, unproven."""
    return candidates(documents)[:PROMPTS]


def candidates(documents: Iterable[Document]) -> list[Prompt]:
    """Questions that the documents may answer, the most promising first: their own, the topic, and names in them."""
    looked_at = [(one_line(each.title), each.text[:CHARACTERS]) for each in islice(documents, DOCUMENTS)]
    texts = [text for _, text in looked_at]
    asked = chain(_questions(texts), _overview(len(texts)), _names(texts))
    distinct = dict.fromkeys(prompt for prompt in asked if len(prompt.message) <= _LONGEST)
    return list(islice(distinct, CANDIDATES))


async def proven(prompts: Sequence[Prompt], ask: Callable[[str], Awaitable[Answer]]) -> list[Prompt]:
    """The first four that are answered from the documents, and to the point."""
    kept: list[Prompt] = []
    for prompt in prompts:
        if len(kept) == PROMPTS:
            break
        answer = await ask(prompt.message)
        if answer.outcome is Outcome.ANSWERED and prompt.about in answer.text:
            kept.append(prompt)
    return kept


def _questions(texts: Iterable[str]) -> Iterator[Prompt]:
    """Headings of documents that are questions, as a list of frequent questions has; one of each document in turn."""
    found = [_QUESTION.findall(text)[:PROMPTS] for text in texts]
    for turn in range(PROMPTS):
        yield from (Prompt(one_line(row[turn])) for row in found if len(row) > turn)


def _overview(documents: int) -> Iterator[Prompt]:
    if documents == 1:
        yield Prompt("What is the article about?")


def _names(texts: Iterable[str]) -> Iterator[Prompt]:
    counted = Counter(one_line(name) for text in texts for name in _NAME.findall(text))
    for name, _ in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
        yield Prompt(f"What do the documents say about {name}?", about=name)
