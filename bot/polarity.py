"""Yes or no, sure or perhaps, all or some: where a claim and its quote part ways without another word changing."""

import re

from index.lexical import stems


def _any(words: str) -> re.Pattern[str]:
    """A pattern for any of the words; "lack*" stands for all words that begin so, "_" for a space."""
    alternatives = (word.replace("_", r"\s+").replace("*", r"\w*") for word in words.split())
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b", re.IGNORECASE)


_NEGATION = re.compile(
    r"\b(?:not(?!\s+only)|no(?!\s+(?:doubt|matter))|never|none|nobody|nothing|nor|neither|without|cannot|nowhere)\b"
    r"|n\s?['’]t\b",
    re.IGNORECASE,
)
_NEGATIVE = _any(
    """lack* fail* refus* deny denies denied reject* absent absence unlike otherwise hardly barely rarely seldom
    instead rather_than doubt* skeptic* sceptic* prohibit* forbid* forbidden barred prevent* exclud* except*
    only few little different false wrong ban bans banned free_of free_from oblivious ignorant neutral oppos*
    against silent missing omit* escap* below abandon* abstain* avoid* refrain* end ends ended swear_off
    independent* unconstitutional unable unwilling unaware unknown unsure uncertain unlikely unclear unavailable
    unconvinced unchanged unaffected unrelated unnecessary unimportant incapable incomplete incorrect inaccurate
    invalid invisible ineligible impossible improper disagree* disapprov* disbeliev* disregard* disqualif*
    disallow* nonexistent"""
)
_NO_EQUAL = _any("first last largest biggest most best sole")
"""What is the first had none before it, and what is the largest has no equal."""

_UNCERTAIN = re.compile(
    r"\b(?:[Mm]ay(?!\s+(?:not|\d))|might(?!\s+not)|could(?!\s+not)|possibly|perhaps|probably|likely|hope[sd]?|reportedly|"
    r"allegedly|alleged|some(?!\s+\d)|sometimes|often|usually|generally|mainly|most(?=\s+[a-z]+s\b))\b"
)
_GUARDED = _any(
    """may might can could would should possib* perhaps probabl* likely unlikely potential* hop* expect* want*
    wish* seek* aim* plan* propos* suggest* appear* seem* believ* think* thought consider* report* alleg* claim*
    predict* estimat* some* several many most* often frequent* common* usual* general* main* typical* tend*
    partly among includ* example certain able allow* permit* optimis* confident not if various managed a_few
    a_number_of"""
)
_ABSOLUTE = re.compile(
    r"\b(?:(?<!above )(?<!of )all|every(?!\s+(?:day|week|month|year|hour|minute|time|two|three|four))|everyone|"
    r"everybody|always|(?<!almost )entirely|(?<!almost )completely|it is certain|definitely|undoubtedly|only|"
    r"exclusively|solely|guarantee[sd]?|proven|proves|proved)\b",
    re.IGNORECASE,
)
_EXCEPTION = _any("except* sole* unique* no_other apart_from but_for")
_ALL = _any("all every everyone everybody always")
_SOME = _any("some most many several few often sometimes usually")


def negation_objection(claim: str, quote: str, sentence: str) -> str | None:
    """Why the claim says yes where its quote, in its sentence, says no, or the reverse; None if it does not."""
    if _NEGATION.search(quote) and not _is_negative(claim):
        return "its quote is negated, the sentence is not"
    if _NEGATION.search(claim) and not (_is_negative(sentence) or _NO_EQUAL.search(sentence)):
        return "it is negated, its quote is not"
    return None


def certainty_objection(claim: str, quote: str, sentence: str) -> str | None:
    """Why the claim is surer, or wider, than its quote; None if it is not."""
    if not _EXCEPTION.search(sentence):
        for absolute in _ABSOLUTE.finditer(claim):
            if not set(stems(absolute[0])) & set(stems(sentence)):
                return f"it says “{absolute[0].lower()}”, which its quote does not"
    if _ALL.search(claim) and _SOME.search(quote) and not _ALL.search(quote):
        return "it speaks of all, its quote of some"
    if _UNCERTAIN.search(quote) and not (_GUARDED.search(claim) or _NEGATION.search(claim)):
        return "its quote is less certain than it is"
    return None


def _is_negative(text: str) -> bool:
    return bool(_NEGATION.search(text) or _NEGATIVE.search(text))
