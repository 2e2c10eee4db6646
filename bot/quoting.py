"""Where in a passage do these words stand? Typography may differ, and a slip of the pen is forgiven; words may not."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MAX_SLIPS = 2
"""Edits that are forgiven in any quote, or else MAX_SLIP_SHARE of its characters."""
MAX_SLIP_SHARE = 0.03
MIN_CHARACTERS = 3

_SAME = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
        "\u00ad": None,
        "\u200b": None,
        "\u200c": None,
        "\u200d": None,
        "\u2060": None,
        "\ufeff": None,
    }
)
_EDGES = " \t\n\"'"


@dataclass(frozen=True, slots=True)
class Location:
    """The stretch `text[start:end]`; `exact` if it needed no forgiving."""

    start: int
    end: int
    exact: bool


class Quotable:
    """A text in which quotes are looked up; its normal form is made once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._normal, self._origin = _normalise(text)

    def find(self, quote: str) -> Location | None:
        """Where `quote` stands, or None.

        First verbatim up to typography (white space, quote marks, dashes, ellipses, Unicode form, case). Failing
        that, one contiguous stretch within MAX_SLIPS edits or MAX_SLIP_SHARE of its length.
        """
        wanted = _normalise(quote)[0].strip(_EDGES)
        if len(wanted) < MIN_CHARACTERS:
            return None
        at = self._find_at_word(wanted)
        if at is not None:
            return self._located(at, at + len(wanted), exact=True)
        return self._nearly(wanted)

    def _find_at_word(self, wanted: str) -> int | None:
        """The first place where `wanted` begins and ends with whole words."""
        at = self._normal.find(wanted)
        while at >= 0:
            if _at_border(self._normal, at) and _at_border(self._normal, at + len(wanted)):
                return at
            at = self._normal.find(wanted, at + 1)
        return None

    def _nearly(self, wanted: str) -> Location | None:
        from rapidfuzz import fuzz
        from rapidfuzz.distance import Levenshtein

        slips = max(MAX_SLIPS, int(len(wanted) * MAX_SLIP_SHARE))
        # Forgiving two of six letters would make other words of it.
        if len(wanted) < 6 * slips or len(wanted) > len(self._normal) + slips:
            return None
        near = fuzz.partial_ratio_alignment(wanted, self._normal)
        if near is None:
            return None
        best = min(
            (
                (
                    Levenshtein.distance(wanted, self._normal[start:end], score_cutoff=slips),
                    end - start,
                    start,
                    end,
                )
                for start in range(max(0, near.dest_start - slips), near.dest_start + slips + 1)
                for end in range(near.dest_end - slips, min(len(self._normal), near.dest_end + slips) + 1)
                if start < end and _at_border(self._normal, start) and _at_border(self._normal, end)
            ),
            default=None,
        )
        if best is None or best[0] > slips:
            return None
        return self._located(best[2], best[3], exact=False)

    def _located(self, start: int, end: int, *, exact: bool) -> Location:
        begin, until = self._origin[start], self._origin[end - 1] + 1
        return Location(begin, until, exact)


def _at_border(text: str, position: int) -> bool:
    """Whether `position` does not fall inside a word."""
    return not (0 < position < len(text) and text[position - 1].isalnum() and text[position].isalnum())


def _normalise(text: str) -> tuple[str, list[int]]:
    """The text's normal form, and for each of its characters the offset in `text` that it came from."""
    characters: list[str] = []
    origin: list[int] = []
    last = " "
    for offset, raw in enumerate(text):
        for character in _plain(raw):
            if character == last == " ":
                continue
            characters.append(character)
            origin.append(offset)
            last = character
    return "".join(characters), origin


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """The normal form of one character: any number of characters, white space as " "."""
    folded = unicodedata.normalize("NFKD", character).translate(_SAME).casefold()
    return "".join(" " if each.isspace() else each for each in folded)
