"""Is a claim carried by the words it cites? Rules for what changes a meaning most: numbers, names, negation, certainty.

The quote stands in a sentence; numbers and names may come from that sentence. What the rules cannot see, such as
exchanged roles, is left to the reader (`bot.verifying`).
"""

import re
from functools import cache
from typing import Any

from bot.quantities import quantities
from index import onnx
from index.lexical import stems

_NEGATION = re.compile(
    r"\b(?:not(?!\s+only)|no(?!\s+(?:doubt|matter))|never|none|nobody|nothing|nor|neither|without|cannot|nowhere)\b|n\s?['’]t\b",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(
    r"\b(?:lack\w*|fail\w*|refus\w+|den(?:y|ies|ied)|reject\w*|absent|absence|unlike|otherwise|hardly|barely|rarely|seldom|"
    r"instead|rather than|doubt\w*|s[ck]eptic\w*|prohibit\w*|forbid\w*|forbidden|barred|prevent\w*|exclud\w+|except\w*|"
    r"only|few|little|different|false|wrong|ban(?:ned|s)?|free (?:of|from)|oblivious|ignorant|neutral|oppos\w+|against|"
    r"(?:un|in|im|dis)(?:able|willing|aware|known|sure|certain|likely|clear|available|convinced|changed|affected|related|"
    r"necessary|important|capable|complete|correct|accurate|valid|visible|dependent|eligible|possible|proper|agree\w*|"
    r"approv\w+|believ\w+|regard\w*|qualif\w+|allow\w*|perpendicular))\b",
    re.IGNORECASE,
)
_UNCERTAIN = re.compile(
    r"\b(?:[Mm]ay(?!\s+(?:not|\d))|might(?!\s+not)|could(?!\s+not)|possibly|perhaps|probably|likely|hope[sd]?|reportedly|allegedly|"
    r"alleged|some(?!\s+\d)|sometimes|often|usually|generally|mainly|most(?=\s+[a-z]+s\b))\b"
)
_GUARDED = re.compile(
    r"\b(?:[Mm]ay|might|can|could|would|should|possib\w+|perhaps|probabl\w+|likely|unlikely|potential\w*|hop\w+|expect\w*|want\w*|"
    r"wish\w*|seek\w*|aim\w*|plan\w*|propos\w+|suggest\w*|appear\w*|seem\w*|believ\w+|think\w*|thought|consider\w*|report\w*|"
    r"alleg\w+|claim\w*|predict\w*|estimat\w+|some\w*|several|many|most\w*|often|frequent\w*|common\w*|usual\w*|general\w*|"
    r"main\w*|typical\w*|tend\w*|partly|among|includ\w+|example|certain|able|allow\w*|permit\w*|optimis\w+|confident|not|if|"
    r"various|a few|a number of)\b|n['’]t\b",
    re.IGNORECASE,
)
_ABSOLUTE = re.compile(
    r"\b(?:(?<!above )all|every|everyone|everybody|always|(?<!almost )entirely|(?<!almost )completely|it is certain|"
    r"definitely|undoubtedly|only|exclusively|solely|guarantee[sd]?|proven|proves|proved)\b",
    re.IGNORECASE,
)
_ALL = re.compile(r"\b(?:all|every|everyone|everybody|always)\b", re.IGNORECASE)
_SOME = re.compile(r"\b(?:some|most|many|several|few|often|sometimes|usually)\b", re.IGNORECASE)
_KNOWN_PAIR = re.compile(r"\b(?:the|these|those|both|his|her|their)\s+two\b", re.IGNORECASE)
"""Says how many were spoken of, not how many there are."""
_NAME = re.compile(r"(?:[A-ZÀ-Þ][\w.’'À-ÿ-]*)(?:\s+(?:of\s+(?:the\s+)?|the\s+)?[A-ZÀ-Þ][\w.’'À-ÿ-]*)*")
_DEMONYMS = {
    "american": "united states us america washington",
    "us": "united states america american americans washington",
    "united": "us uk un eu american british",
    "british": "uk britain united kingdom england",
    "uk": "united kingdom britain british",
    "dutch": "netherlands holland",
    "french": "france",
    "german": "germany",
    "spanish": "spain",
    "english": "england",
    "irish": "ireland",
    "welsh": "wales",
    "swiss": "switzerland",
    "greek": "greece",
    "polish": "poland",
    "turkish": "turkey",
    "danish": "denmark",
    "russian": "moscow kremlin russia",
    "kremlin": "russia russian moscow",
    "ukrainian": "kyiv ukraine",
}
"""Names of a people and their country that share no stem, and capitals that stand for them."""
_FUNCTION_WORDS = frozenset(
    """a an the of in on at to for and or but by with from as that this these those it its he she they his her their who
    which what when where how why there some many most all no not if since during after before while although because
    according i we you""".split()
)
_NOT_NAMES = frozenset(
    stems(
        """january february march april may june july august september october november december jan feb mar apr jun jul
        aug sept sep oct nov dec mr mrs ms dr i"""
    )
)
_NEAR_SPELLING = 80
_ROOT = 5
"""Letters. Words that share so many at the start are forms of one name: Ukraine, Ukrainian."""


def objection(claim: str, quote: str, sentence: str, passage: str = "") -> str | None:
    """Why `claim` is not carried by `quote`, which stands in `sentence`; None if the rules find nothing against it.

    The text of the passage tells whether the first word of the claim is a name.
    """
    if missing := quantities(_KNOWN_PAIR.sub("", claim)) - quantities(sentence):
        return f"it says {', '.join(sorted(missing))}, which its quote does not"
    if missing_names := [name for name in names(claim, passage) if not _named(name, sentence)]:
        return f"it names {', '.join(missing_names)}, which its quote does not"
    return _polarity(claim, quote, sentence) or _certainty(claim, quote, sentence)


def _polarity(claim: str, quote: str, sentence: str) -> str | None:
    if _NEGATION.search(quote) and not _is_negative(claim):
        return "its quote is negated, the sentence is not"
    if _NEGATION.search(claim) and not _is_negative(sentence):
        return "it is negated, its quote is not"
    return None


def _certainty(claim: str, quote: str, sentence: str) -> str | None:
    absolute = [word[0].lower() for word in _ABSOLUTE.finditer(claim) if not _stands(word[0], sentence)]
    if absolute:
        return f"it says “{absolute[0]}”, which its quote does not"
    if _ALL.search(claim) and _SOME.search(quote) and not _ALL.search(quote):
        return "it speaks of all, its quote of some"
    if _UNCERTAIN.search(quote) and not _GUARDED.search(claim):
        return "its quote is less certain than it is"
    return None


def names(claim: str, passage: str = "") -> list[str]:
    """Proper names of a sentence: runs of capitalised words, without function words.

    A first word alone is one if the models' vocabulary does not know it, or `passage` capitalises it elsewhere.
    """
    found = []
    for match in _NAME.finditer(claim):
        words = [word.strip(".’'") for word in match[0].split()]
        words = [word for word in words if word.lower() not in _FUNCTION_WORDS]
        opens = not claim[: match.start()].strip(" \"'“‘(")
        if opens and len(match[0].split()) == 1 and words and not _is_name(words[0], passage):
            continue
        if words:
            found.append(" ".join(words))
    return found


def _named(name: str, sentence: str) -> bool:
    """Whether any word of `name` stands in `sentence`, in another form, a near spelling, or as an acronym."""
    said = [word.replace(".", "").lower() for word in re.findall(r"[\w.’'À-ÿ-]+", sentence)]
    said_stems = set(stems(sentence)) | set(said)
    for word in re.findall(r"[\w.À-ÿ]+", name):
        plain = word.replace(".", "").lower()
        forms = {plain, *stems(plain), *_DEMONYMS.get(plain, "").split()}
        if forms & (said_stems | _NOT_NAMES) or any(_near(plain, other) for other in said_stems):
            return True
        if word.isupper() and plain in _acronyms(sentence):
            return True
    initials = "".join(word[0] for word in name.split()).lower()
    return len(initials) > 1 and initials in said_stems


def _near(one: str, other: str) -> bool:
    from rapidfuzz import fuzz

    if min(len(one), len(other)) < _ROOT:
        return False
    return one[:_ROOT] == other[:_ROOT] or fuzz.ratio(one, other) >= _NEAR_SPELLING


def _acronyms(sentence: str) -> set[str]:
    return {
        "".join(word[0] for word in match[0].split() if word[0].isupper()).lower() for match in _NAME.finditer(sentence)
    }


def _is_name(word: str, passage: str) -> bool:
    capitalised = re.search(rf"[a-z,;]\s+{re.escape(word)}\b", passage) is not None
    return capitalised or len(_tokenizer().encode(word, add_special_tokens=False).ids) > 1


@cache
def _tokenizer() -> Any:
    return onnx.tokenizer()


def _is_negative(text: str) -> bool:
    return bool(_NEGATION.search(text) or _NEGATIVE.search(text))


def _stands(word: str, sentence: str) -> bool:
    return bool(set(stems(word)) & set(stems(sentence)))
