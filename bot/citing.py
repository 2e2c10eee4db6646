"""Model text and passages -> claims whose quotes stand in the source. Pure; no quote gets past it unfound.

The protocol: sentences, each followed by `<cite n="2">words of passage 2</cite>`, one tag or several.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.quoting import Location, Quotable
from bot.support import objection
from bot.types import Citation, Claim, Released, Withheld
from index.chunking import sentences
from index.types import Passage

_OPEN = re.compile(r"<cite\s{1,3}n\s{0,3}=\s{0,3}[\"']?(\d{1,4})[\"']?\s{0,3}>", re.IGNORECASE)
_CLOSE = re.compile(r"</cite\s{0,3}>", re.IGNORECASE)
_LONGEST_TAG = 32
_MARKUP = re.compile(r"</?cite[^<>]*>|\[\d{1,3}\]|^\s*(?:[-*•]|\d{1,2}[.)])\s+|\*\*|__", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that a draft relies on and the passage number it names for them, counted from 1.

    `highlight` marks the answering words as offsets in `words`, where the answerer knows them.
    """

    number: int
    words: str
    highlight: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as the answerer wrote it, not yet checked. Without quotes it can only be withheld."""

    text: str
    quotes: tuple[Quote, ...]


class DraftParser:
    """Cuts a stream of model text into drafts. The drafts do not depend on how the stream was cut.

    A draft is complete when other text follows its last tag, or at `close`. The work is linear in the text: what
    is kept between chunks is at most the beginning of one tag.
    """

    def __init__(self) -> None:
        self._tail = ""
        self._sentence: list[str] = []
        self._quotes: list[Quote] = []
        self._number: int | None = None
        self._words: list[str] = []

    def feed(self, chunk: str) -> Iterator[Draft]:
        """The drafts that `chunk` completes."""
        return self._parse(self._tail + chunk, final=False)

    def close(self) -> Iterator[Draft]:
        """The drafts that are left at the end of the stream. A tag that was never closed cites nothing."""
        yield from self._parse(self._tail, final=True)
        yield from self._finish()

    def _parse(self, text: str, *, final: bool) -> Iterator[Draft]:
        self._tail = ""
        position = 0
        while (at := text.find("<", position)) >= 0:
            yield from self._take(text[position:at])
            if opening := _OPEN.match(text, at):
                # Inside an open tag, the earlier one was never closed: it cites nothing.
                self._number, self._words = int(opening[1]), []
                position = opening.end()
            elif closing := _CLOSE.match(text, at):
                if self._number is not None:
                    self._quotes.append(Quote(self._number, "".join(self._words)))
                self._number, self._words = None, []
                position = closing.end()
            elif not final and len(text) - at < _LONGEST_TAG and ">" not in text[at:]:
                self._tail = text[at:]
                return
            else:
                yield from self._take("<")
                position = at + 1
        yield from self._take(text[position:])

    def _take(self, text: str) -> Iterator[Draft]:
        if self._number is not None:
            self._words.append(text)
            return
        if self._quotes and text.strip():
            yield from self._finish()
        self._sentence.append(text)

    def _finish(self) -> Iterator[Draft]:
        """A citation stands for the sentence before it; sentences further back cite nothing."""
        text = clean("".join(self._sentence))
        if text:
            *uncited, (start, end) = sentences(text)
            yield from (Draft(text[a:b].strip(), ()) for a, b in uncited)
            yield Draft(text[start:end], tuple(self._quotes))
        self._sentence, self._quotes = [], []


def clean(text: str) -> str:
    """A model's sentence as plain text on one line: no tags, markers, list bullets or emphasis."""
    return " ".join(_MARKUP.sub(" ", text).split())


class Verifier:
    """Checks drafts of one answer against the passages they were written from, and numbers the citations.

    Passages are numbered from 1, as the answerer saw them.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._quotables: dict[int, Quotable] = {}
        self._citations: dict[tuple[str, int, int], Citation] = {}

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations released so far, in the order of their numbers."""
        return tuple(self._citations.values())

    def check(self, draft: Draft) -> Released | Withheld:
        """The draft as a claim with every quote found, or the reason why it is withheld."""
        if not draft.quotes:
            return Withheld(draft.text, "it cites nothing")
        located = [(quote, self._locate(quote)) for quote in draft.quotes]
        if any(place is None for _, place in located):
            return Withheld(draft.text, "its quote is not in the passages")
        if reason := self._objection(draft.text, [place for _, place in located if place]):
            return Withheld(draft.text, reason)
        before = len(self._citations)
        numbers = [self._cite(quote, *place).number for quote, place in located if place]
        return Released(Claim(draft.text, tuple(dict.fromkeys(numbers))), self.citations[before:])

    @staticmethod
    def _objection(claim: str, places: Sequence[tuple[Passage, Location]]) -> str | None:
        """Why the claim is not carried by the words at `places`, taken together; None if it is."""
        quotes = [passage.text[place.start : place.end] for passage, place in places]
        if any(claim == " ".join(quote.split()) for quote in quotes):
            return None
        around = [_sentence_around(passage.text, place) for passage, place in places]
        return objection(claim, " ".join(quotes), " ".join(around), places[0][0].text)

    def _locate(self, quote: Quote) -> tuple[Passage, Location] | None:
        """Where the quote stands: in the passage it names, verbatim or nearly; else verbatim in another one."""
        named = quote.number - 1
        others = [n for n in range(len(self._passages)) if n != named]
        nearly: tuple[Passage, Location] | None = None
        for n in [named, *others] if 0 <= named < len(self._passages) else others:
            place = self._quotable(n).find(quote.words)
            if place and (place.exact or n == named):
                if place.exact:
                    return self._passages[n], place
                nearly = self._passages[n], place
        return nearly

    def _quotable(self, n: int) -> Quotable:
        if n not in self._quotables:
            self._quotables[n] = Quotable(self._passages[n].text)
        return self._quotables[n]

    def _cite(self, quote: Quote, passage: Passage, place: Location) -> Citation:
        start, end = passage.start + place.start, passage.start + place.end
        highlight = None
        if quote.highlight and place.exact:
            highlight = (start + quote.highlight[0], start + quote.highlight[1])
        return self._citations.setdefault(
            (passage.source, start, end),
            Citation(
                number=len(self._citations) + 1,
                source=passage.source,
                title=passage.title,
                start=start,
                end=end,
                quote=passage.text[place.start : place.end],
                passage_id=passage.id,
                highlight=highlight,
            ),
        )


def _sentence_around(text: str, place: Location) -> str:
    spanned = [(a, b) for a, b in sentences(text) if a < place.end and place.start < b]
    return text[spanned[0][0] : spanned[-1][1]]
