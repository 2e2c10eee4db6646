"""Is a claim carried by the words it cites? Rules for what changes a meaning most: numbers, names, negation, certainty.

The quote stands in a sentence; numbers and names may come from that sentence.
"""

import re
from functools import cache
from typing import Any

from bot.polarity import certainty_objection, negation_objection
from bot.quantities import agree, quantities
from index import onnx
from index.lexical import stems

_NAME = re.compile(r"(?:[A-ZÀ-Þ][\w.’'À-ÿ-]*)(?:\s+(?:of\s+(?:the\s+)?|the\s+)?[A-ZÀ-Þ][\w.’'À-ÿ-]*)*")
_NOT_NAMES = frozenset(
    stems(
        """a an the of in on at to for and or but by with from as that this these those it its he she they his her
        their who which what when where how why there some many most all no not if since during after before while
        although because according i we you january february march april may june july august september october
        november december jan feb mar apr jun jul aug sept sep oct nov dec mr mrs ms dr sir"""
    )
)
"""Function words, titles, and months, which are quantities."""
_SAME_PLACE = [
    set(names.split())
    for names in (
        "american americans america us usa united states washington",
        "british britain uk united kingdom england english london",
        "dutch netherlands holland",
        "french france paris",
        "german germany berlin",
        "spanish spain",
        "irish ireland",
        "welsh wales",
        "swiss switzerland",
        "greek greece",
        "polish poland",
        "turkish turkey",
        "danish denmark",
        "russian russia moscow kremlin",
        "ukrainian ukraine kyiv",
        "chinese china beijing",
    )
]
"""Names of a people, its country and its capital, which often stand for each other."""
_NEAR_SPELLING = 80
"""Per cent of letters in common that make two spellings one name."""
_ROOT = 5
"""Letters. Words that share so many at the start are forms of one name: Ukraine, Ukrainian."""

_KNOWN_COUNT = re.compile(r"\b(?:the|these|those|both|his|her|their)\s+(?:two|three|four|five)\b", re.IGNORECASE)
"""Says how many were spoken of, not how many there are."""
_ROUGHLY = re.compile(
    r"\b(?:about|around|approximately|roughly|nearly|almost|some|over|under|more than|less than|close to|estimated|"
    r"just|up to|well)\b",
    re.IGNORECASE,
)
_ROUNDING = 0.05


def objection(claim: str, quote: str, sentence: str, passage: str = "") -> str | None:
    """Why `claim` is not carried by `quote`, which stands in `sentence`; None if the rules find nothing against it.

    The text of the passage tells whether the first word of the claim is a name.
    """
    if missing := missing_quantities(claim, sentence):
        return f"it says {', '.join(sorted(missing))}, which its quote does not"
    if strangers := [name for name in names(claim, passage) if not is_named(name, sentence)]:
        return f"it names {', '.join(strangers)}, which its quote does not"
    return negation_objection(claim, quote, sentence) or certainty_objection(claim, quote, sentence)


def missing_quantities(claim: str, sentence: str) -> set[str]:
    """Quantities of the claim that the sentence does not have; a rough one may differ by a rounding."""
    said = quantities(sentence)
    tolerance = _ROUNDING if _ROUGHLY.search(claim) else 0.0
    asked = quantities(_KNOWN_COUNT.sub("", claim)) - said
    return {quantity for quantity in asked if not any(agree(quantity, other, tolerance) for other in said)}


def names(claim: str, passage: str = "") -> list[str]:
    """Proper names of a sentence: runs of capitalised words, without function words.

    A first word alone is one if the models' vocabulary does not know it, or `passage` capitalises it elsewhere.
    """
    found = []
    for match in _NAME.finditer(claim):
        words = [re.sub(r"[’']s?$|\.$", "", word) for word in match[0].split()]
        words = [word for word in words if word and not {word.lower(), *stems(word)} & _NOT_NAMES]
        opens = not claim[: match.start()].strip(" \"'“‘(")
        if opens and len(match[0].split()) == 1 and words and not _is_name(words[0], passage):
            continue
        if words:
            found.append(" ".join(words))
    return found


def is_named(name: str, sentence: str) -> bool:
    """Whether any word of `name` stands in `sentence`, in another form, a near spelling, or as an acronym."""
    said = {word.replace(".", "").lower() for word in re.findall(r"[\w.’'À-ÿ-]+", sentence)} | set(stems(sentence))
    for word in re.findall(r"[\w.À-ÿ]+", name):
        plain = word.replace(".", "").lower()
        forms = {plain, *stems(plain)}.union(*(places for places in _SAME_PLACE if plain in places))
        if forms & said or any(_near(plain, other) for other in said):
            return True
        if word.isupper() and plain in _acronyms(sentence):
            return True
    initials = "".join(word[0] for word in name.split()).lower()
    return len(initials) > 1 and initials in said


def _near(one: str, other: str) -> bool:
    from rapidfuzz import fuzz

    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < _ROOT:
        return len(shorter) == _ROOT - 1 and longer.startswith(shorter)
    return one[:_ROOT] == other[:_ROOT] or fuzz.ratio(one, other) >= _NEAR_SPELLING


def _acronyms(sentence: str) -> set[str]:
    """Initials of every run of capitalised words, and of its ends: "The European Court of Justice" -> "ecj", "cj"."""
    found = set()
    for match in _NAME.finditer(sentence):
        initials = "".join(word[0] for word in match[0].split() if word[0].isupper()).lower()
        found |= {initials[start:] for start in range(len(initials) - 1)}
    return found


def _is_name(word: str, passage: str) -> bool:
    capitalised = re.search(rf"[a-z,;]\s+{re.escape(word)}\b", passage) is not None
    return capitalised or len(_tokenizer().encode(word, add_special_tokens=False).ids) > 1


@cache
def _tokenizer() -> Any:
    return onnx.tokenizer()
