"""A document's text cut into passages: whole sentences, whole paragraphs where they fit, sized in model tokens.

Passages tile the text: the first starts at 0, each starts where the one before ended, the last ends at the end.
So every character is covered, neighbours are known, and white space between sentences belongs to the one before.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

Span = tuple[int, int]
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
_WRAP_COLUMNS = range(45, 101)


def sentences(text: str) -> list[Span]:
    """Sentence spans that tile `text`; no sentence crosses a paragraph."""
    import nupunkt

    return [
        (start + a, start + b)
        for start, end in paragraphs(text)
        for a, b in nupunkt.sent_spans(text[start:end]) or [(0, end - start)]
    ]


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


def passages(text: str, count_tokens: CountTokens) -> list[Span]:
    """Passage spans that tile `text`, each at most LIMIT_TOKENS and LIMIT_CHARACTERS long."""
    units = [piece for span in sentences(text) for piece in _fitting(text, span, count_tokens)]
    sizes = count_tokens([text[start:end] for start, end in units])
    paragraph_starts = {start for start, _ in paragraphs(text)}
    spans: list[Span] = []
    begin, tokens = 0, 0
    for number, (start, end) in enumerate(units):
        upcoming = tokens + sizes[number]
        if start in paragraph_starts:
            upcoming = tokens + _paragraph_size(number, units, sizes, paragraph_starts)
        too_long = tokens + sizes[number] > TARGET_TOKENS or end - begin > LIMIT_CHARACTERS
        if start > begin and (too_long or (upcoming > TARGET_TOKENS and tokens >= TARGET_TOKENS // 2)):
            spans.append((begin, start))
            begin, tokens = start, 0
        tokens += sizes[number]
    if begin < len(text):
        spans.append((begin, len(text)))
    return spans


def passage_id(collection: str, text: str) -> str:
    """A digest of the set and the words, so that equal passages of a set share one vector wherever they stand."""
    return hashlib.sha256(f"{collection}\0{text.strip()}".encode()).hexdigest()[:32]


def _paragraph_size(number: int, units: list[Span], sizes: list[int], paragraph_starts: set[int]) -> int:
    """Tokens of the paragraph that begins with unit `number`, counted no further than a whole passage."""
    total = sizes[number]
    for at in range(number + 1, len(units)):
        if units[at][0] in paragraph_starts or total > TARGET_TOKENS:
            break
        total += sizes[at]
    return total


def _fitting(text: str, span: Span, count_tokens: CountTokens) -> Iterator[Span]:
    """The span itself, or halves of it, cut at white space where there is any, until each fits one passage."""
    start, end = span
    if end - start <= LIMIT_CHARACTERS and count_tokens([text[start:end]])[0] <= TARGET_TOKENS:
        yield span
        return
    middle = (start + end) // 2
    gaps = [match.end() for match in re.finditer(r"\s+", text[start:end]) if match.end() < end - start]
    cut = min((start + gap for gap in gaps), key=lambda gap: abs(gap - middle), default=middle)
    yield from _fitting(text, (start, cut), count_tokens)
    yield from _fitting(text, (cut, end), count_tokens)
