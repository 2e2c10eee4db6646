"""The same questions in other words: mistyped, in other forms of their words, with other names for the same things."""

import random
import re
from collections.abc import Callable

OTHER_FORMS = {
    "won": "winner of", "sang": "singer of", "sings": "sung by whom", "wrote": "writer of", "written": "writing",
    "plays": "player of", "played": "playing", "made": "making", "built": "building", "took": "taken",
    "invented": "inventor of", "discovered": "discovery of", "created": "creator of", "founded": "founder of",
    "found": "finding", "began": "beginning", "begin": "began", "came": "coming", "come": "came", "became": "becoming",
    "died": "death of", "dies": "death of", "born": "birth of", "led": "leader of", "held": "holding",
    "introduced": "introduction of", "located": "location of", "elected": "election of", "released": "release of",
    "filmed": "filming of", "signed": "signing of", "produced": "producer of", "directed": "director of",
    "means": "meaning", "mean": "meaning of", "states": "state", "wars": "war", "cells": "cell", "lives": "living",
    "ruled": "ruler of", "population": "populated", "independence": "independent", "national": "nation",
}  # fmt: skip
OTHER_NAMES = {
    "movie": "picture", "film": "motion picture", "song": "tune", "sang": "performed", "sings": "performs",
    "wrote": "authored", "war": "conflict", "battle": "fight", "president": "head of state", "us": "american",
    "usa": "america", "uk": "britain", "america": "usa", "tv": "television", "show": "programme", "start": "commence",
    "begin": "commence", "end": "finish", "dies": "is killed", "died": "passed away", "country": "nation",
    "city": "town", "largest": "biggest", "biggest": "largest", "big": "large", "first": "earliest", "last": "latest",
    "king": "monarch", "queen": "monarch", "located": "situated", "invented": "devised", "created": "made",
    "founded": "established", "car": "automobile", "doctor": "physician", "law": "statute", "game": "match",
    "team": "club", "actor": "performer", "plays": "portrays", "played": "portrayed", "house": "home",
    "buy": "purchase", "built": "constructed", "made": "produced", "job": "work", "baby": "infant",
    "book": "novel", "story": "tale", "money": "funds", "man": "guy", "woman": "lady", "used": "employed",
    "old": "aged", "england": "english", "france": "french", "india": "indian",
    "china": "chinese", "leader": "head", "won": "took", "meaning": "sense", "part": "portion", "power": "authority",
}  # fmt: skip
_TYPED = re.compile(r"[A-Za-z]{5,}")
_KEYS = "qwertyuiop asdfghjkl zxcvbnm"


def mistyped(question: str, seed: int, words: int = 1) -> str:
    """One slip in each of `words` words of five letters or more: two letters swapped, one lost, doubled or missed."""
    chance = random.Random(f"{seed} {question}")  # noqa: S311
    places = list(_TYPED.finditer(question))
    for place in sorted(chance.sample(places, min(words, len(places))), key=lambda match: -match.start()):
        word = place[0]
        at = chance.randrange(1, len(word) - 1)
        near = _KEYS[(_KEYS.find(word[at].lower()) + 1) % len(_KEYS)].strip() or "e"
        slip = chance.choice(
            (
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + near + word[at + 1 :],
            )
        )
        question = question[: place.start()] + slip + question[place.end() :]
    return question


def in_other_words(question: str, words: dict[str, str]) -> str:
    """Every word of the table exchanged."""
    return re.sub(r"[A-Za-z]+", lambda match: words.get(match[0].lower(), match[0]), question)


PERTURBATIONS: dict[str, Callable[[str], str]] = {
    "one slip": lambda question: mistyped(question, 1),
    "two slips": lambda question: mistyped(question, 2, words=2),
    "other forms": lambda question: in_other_words(question, OTHER_FORMS),
    "other names": lambda question: in_other_words(question, OTHER_NAMES),
}
