"""A document's text cut into passages: whole sentences, whole paragraphs where they fit, sized in model tokens.

Passages tile the text: the first starts at 0, each starts where the one before ended, the last ends at the end.
So every character is covered, neighbours are known, and white space between sentences belongs to the one before.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

Span = tuple[int, int]
Sized = tuple[int, int, int]
"""Start, end and number of tokens."""
CountTokens = Callable[[Sequence[str]], list[int]]
"""Number of model tokens of each text, special tokens not counted."""

VERSION = 1
TARGET_TOKENS = 160
LIMIT_TOKENS = 224
"""No passage is longer. The embedder's window is 256 with two special tokens; the rest is left for a title."""
LIMIT_CHARACTERS = 2000
"""WordPiece turns a word of more than 100 characters into one token, so tokens alone would let a blob through."""

_BLANK_LINE = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_LIST_ITEM = re.compile(r"\s*(?:[-*•‣–]|\d{1,3}[.)]|\(?[a-z]\))\s")
_WHITE_SPACE = re.compile(r"\s+")
_WRAP_COLUMNS = range(45, 101)
_BLOB = re.compile(rf"(?<!\S)\S{{{LIMIT_CHARACTERS},}}\s*")
"""More than a passage without any white space: encoded data, a drawn line. It has no sentences, and the splitter's
time grows with the square of such a stretch."""


def sentences(text: str) -> list[Span]:
    """Sentence spans that tile `text`; no sentence crosses a paragraph."""
    return [(start + a, start + b) for start, end in paragraphs(text) for a, b in _paragraph_sentences(text[start:end])]


def paragraphs(text: str) -> list[Span]:
    """Paragraph spans that tile `text`.

    A blank line ends a paragraph. So does a single line break, unless the block looks hard-wrapped (its lines
    all break near the same column) and the next line is no list item.
    """
    ends = {match.end() for match in _BLANK_LINE.finditer(text)} | {len(text)}
    start = 0
    for block_end in sorted(ends):
        lines = text[start:block_end].splitlines(keepends=True)
        wrapped = len(lines) > 1 and all(len(line) in _WRAP_COLUMNS for line in lines[:-1])
        position = start
        for line, following in pairwise(lines):
            position += len(line)
            if line.strip() and (not wrapped or _LIST_ITEM.match(following)):
                ends.add(position)
        start = block_end
    bounds = [0, *sorted(ends - {0})]
    return list(pairwise(bounds))


def passages(text: str, count_tokens: CountTokens, target: int = TARGET_TOKENS) -> list[Span]:
    """Passage spans that tile `text`, of about `target` tokens, at most LIMIT_TOKENS and LIMIT_CHARACTERS long."""
    units = list(_fitting(text, sentences(text), target, count_tokens))
    paragraph_starts = {start for start, _ in paragraphs(text)}
    spans: list[Span] = []
    begin, tokens = 0, 0
    for number, (start, end, size) in enumerate(units):
        upcoming = tokens + size
        if start in paragraph_starts:
            upcoming = tokens + _paragraph_size(number, units, paragraph_starts, target)
        too_long = tokens + size > target or end - begin > LIMIT_CHARACTERS
        if start > begin and (too_long or (upcoming > target and tokens >= target // 2)):
            spans.append((begin, start))
            begin, tokens = start, 0
        tokens += size
    if begin < len(text):
        spans.append((begin, len(text)))
    # Pieces that meet inside a word can have more tokens together than apart.
    return [(start, end) for start, end, _ in _fitting(text, spans, LIMIT_TOKENS, count_tokens)]


def passage_id(collection: str, text: str) -> str:
    """A digest of the set and the words, so that equal passages of a set share one vector wherever they stand."""
    return hashlib.sha256(f"{collection}\0{text.strip()}".encode()).hexdigest()[:32]


def _paragraph_sentences(paragraph: str) -> Iterator[Span]:
    import nupunkt

    position = 0
    for blob in (*_BLOB.finditer(paragraph), None):
        start, end = blob.span() if blob else (len(paragraph), len(paragraph))
        for a, b in nupunkt.sent_spans(paragraph[position:start]):
            yield position + a, position + b
        if start < end:
            yield start, end
        position = end


def _paragraph_size(number: int, units: Sequence[Sized], paragraph_starts: set[int], enough: int) -> int:
    """Tokens of the paragraph that begins with unit `number`, counted no further than `enough`."""
    total = units[number][2]
    for at in range(number + 1, len(units)):
        start, _, size = units[at]
        if start in paragraph_starts or total > enough:
            break
        total += size
    return total


def _fitting(text: str, spans: Iterable[Span], limit: int, count_tokens: CountTokens) -> Iterator[Sized]:
    """The spans with their sizes; one that is too long is cut in two until each piece is at most `limit` tokens."""
    pieces = [piece for span in spans for piece in _short(text, span)]
    for (start, end), size in zip(pieces, count_tokens([text[a:b] for a, b in pieces]), strict=True):
        if size <= limit:
            yield start, end, size
        else:
            yield from _fitting(text, _halves(text, start, end), limit, count_tokens)


def _short(text: str, span: Span) -> Iterator[Span]:
    """The span, cut in two until each piece is at most LIMIT_CHARACTERS long."""
    start, end = span
    if end - start <= LIMIT_CHARACTERS:
        yield span
    else:
        for half in _halves(text, start, end):
            yield from _short(text, half)


def _halves(text: str, start: int, end: int) -> tuple[Span, Span]:
    """The span cut in two: after the white space nearest its middle, or in the middle if it has none."""
    middle = (start + end) // 2
    gaps = [match.end() for match in _WHITE_SPACE.finditer(text, start, end) if match.end() < end]
    cut = min(gaps, key=lambda gap: abs(gap - middle), default=middle)
    return (start, cut), (cut, end)
