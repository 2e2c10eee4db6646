"""Numbers, shares, clock times and months of a text, however they are written: "three", "3" and "III" are the same."""

import re
from collections.abc import Iterator
from functools import lru_cache

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(
    r"\b(?:(Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)|(May)(?=\s+\d|\s+of\b)|(?<=[nyfelm] )(May))\b"
)
"""With a capital; May, a verb too, only before a number or after "in", "by", "of", "since", "until" or "from"."""
_CLOCK = re.compile(r"\b(\d{1,2})(?:[:.](\d\d))?\s*([ap])\.?\s?m\b\.?|\b(\d{1,2}):(\d\d)\b")
_FRACTION = re.compile(r"\b(\d+)\s*/\s*(\d+)\b")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|per\s?cent\b)")
_PERCENT_RANGE = re.compile(r"(\d+(?:\.\d+)?)(?=\s*(?:to|and|or|-|–)\s*\d+(?:\.\d+)?\s*(?:%|per\s?cent\b))")
_OUT_OF = re.compile(r"(?<![\w.])(\d{1,2})\s+(?:out\s+of|in)\s+(\d{1,3})\b")
_SPOKEN_SHARES = (
    (re.compile(r"\b(?:3|three)[\s-]quarters?\b"), " 75% "),
    (re.compile(r"\b(?:an?|one|1)[\s-](?:quarter|fourth)\b"), " 25% "),
    (re.compile(r"\b(?:(?:an?|one|1)[\s-])?half\b"), " 50% "),
    (re.compile(r"\b(?:2|two)[\s-](?:thirds|3rds)\b"), " 66.7% "),
    (re.compile(r"\b(?:an?|one|1)[\s-](?:third|3rd)\b"), " 33.3% "),
)
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_SCALED = re.compile(rf"(\d+(?:\.\d+)?)[\s-]*({'|'.join(_SCALES)})\b")
_NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)[a-z]{0,3}\b")
_ROMAN = re.compile(r"\b([IVX]{2,5})\b")
_SMALL = {"second": 2, "twice": 2, "double": 2, "triple": 3, "noon": 12, "dozen": 12, "sole": 1}


@lru_cache(maxsize=256)
def quantities(text: str) -> frozenset[str]:
    """Canonical names of all quantities in `text`: "1300", "25%", "13:00", "month 2".

    The number one is left out: "one of them" counts nothing.
    """
    return frozenset(_found(text)) - {"1"}


def agree(one: str, other: str, tolerance: float) -> bool:
    """Whether two canonical quantities of the same kind differ by at most `tolerance`, a share of the larger."""
    try:
        a, b = float(one.rstrip("%")), float(other.rstrip("%"))
    except ValueError:
        return False
    return one.endswith("%") == other.endswith("%") and abs(a - b) <= tolerance * max(abs(a), abs(b))


def _found(text: str) -> Iterator[str]:
    yield from (f"{_roman(match[1])}" for match in _ROMAN.finditer(text))
    yield from (f"month {_MONTHS.index(match[0][:3].lower()) + 1}" for match in _MONTH.finditer(text))
    text = _digits(text)
    for match in _CLOCK.finditer(text):
        hour, minute = int(match[1] or match[4]), int(match[2] or match[5] or 0)
        yield f"{hour % 12 + 12 * (match[3] == 'p') if match[3] else hour}:{minute:02}"
    text = _CLOCK.sub(" ", text)
    yield from _shares(text)
    for pattern in (_FRACTION, _OUT_OF, _PERCENT_RANGE, _PERCENT):
        text = pattern.sub(" ", text)
    yield from (f"{float(match[1]):.12g}" for match in _NUMBER.finditer(text))
    yield from (str(value) for word, value in _SMALL.items() if re.search(rf"\b{word}\b", text))


def _shares(text: str) -> Iterator[str]:
    for fraction in (_FRACTION, _OUT_OF):
        for match in fraction.finditer(text):
            if 0 < int(match[1]) < int(match[2]):
                yield f"{100 * int(match[1]) / int(match[2]):.3g}%"
    for percent in (_PERCENT_RANGE, _PERCENT):
        yield from (f"{float(match[1]):.3g}%" for match in percent.finditer(text))


def _digits(text: str) -> str:
    """Lower case, with spoken numbers and shares in digits and no separators within numbers."""
    from text_to_num import alpha2digit

    lowered = re.sub(r"\s+-\s+", "-", text.lower())
    for spoken, share in _SPOKEN_SHARES:
        lowered = spoken.sub(share, lowered)
    lowered = re.sub(r"(?<=\d)\s?,\s?(?=\d{3}\b)", "", lowered)
    lowered = _SCALED.sub(lambda match: f"{float(match[1]) * _SCALES[match[2]]:.12g}", lowered)
    words = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", lowered)
    return str(alpha2digit(words, "en", 1.0))


def _roman(numeral: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in numeral]
    return sum(-value if value < max(values[n:]) else value for n, value in enumerate(values))
