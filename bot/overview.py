"""Questions about a document as a whole, which no single passage answers: its key sentences do."""

import re
from collections.abc import Sequence

import numpy as np

from bot.evidence import Evidence, Findings
from index.chunking import sentences
from index.library import Library
from index.reader import Reading
from index.types import Passage, RankedPassage, Vectors

_THING = (
    r"(?:(?:the|this|that|these|those|your|our|my|all|whole|entire|main|attached|indexed|news|first|last)\s+)*"
    r"(?:article|document|doc|text|page|paper|report|story|piece|file|post|news|content|corpus|it|this|that|"
    r"(?:articles|documents|docs|texts|pages|papers|reports|stories|files|posts|contents))"
)
_SUMMARY = r"(?:summary|overview|gist|synopsis|takeaways?|key points?|main (?:points?|ideas?|topics?|message|subject))"
_PLEASE = (
    r"^\W*(?:(?:please|can|could|would|you|give|show|write|provide|tell|me|us|i|i'd|like|need|want|to|see|what(?:'s)?|"
    r"what’s|are|is|a|an|the|some|very|short|brief|quick|its|overall)\s+)*"
)
_THANKS = r"(?:\s+(?:for me|for us|briefly|please|in .{1,30}))*\W*$"
_PATTERNS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^\W*(?:so\s+|and\s+)?what(?:'s|’s|\s+is|\s+are|\s+was)\s+{_THING}\s+(?:all\s+)?about\W*$",
        rf"^\W*what\s+(?:does|do)\s+{_THING}\s+(?:say|talk about|cover|discuss|describe|contain)\W*$",
        rf"{_PLEASE}(?:summari[sz]e|sum\s+up|recap)\b(?:\s+{_THING})?{_THANKS}",
        rf"{_PLEASE}{_SUMMARY}\b(?:\s+(?:of|from|in|for)\s+{_THING})?{_THANKS}",
        rf"^\W*tl;?\s?dr\W*{_THING}?\W*$",
    )
]
_KEY_SENTENCES = 3
_CENTRAL_PASSAGES = 4
_LEAD_BONUS = 0.08
_DIVERSITY = 0.35
_WORDS = range(7, 61)
_LEANS_BACK = re.compile(
    r"^\W*(?:he|she|it|they|this|that|these|those|and|but|however|also|then|so|or)\b", re.IGNORECASE
)


def is_overview(question: str) -> bool:
    """Whether the question asks what a document, or all of them, is about."""
    return any(pattern.search(question) for pattern in _PATTERNS)


def key_findings(library: Library, found: Sequence[RankedPassage]) -> Findings:
    """Key sentences of the document asked about: the only one there is, else the one that retrieval put first.

    Sentences are chosen by closeness to the mean of the document's vectors, with a bonus for the lead and a
    penalty for saying what a chosen one says already (maximal marginal relevance, Carbonell and Goldstein 1998).
    """
    if not found:
        return Findings((), confidence=0.0)
    passages = library.catalog.passages_of(found[0].passage.document_id)
    stored = library.vectors.vectors([passage.id for passage in passages])
    if any(passage.id not in stored for passage in passages):
        return Findings((), confidence=0.0)
    matrix = np.stack([stored[passage.id] for passage in passages])
    centre = matrix.mean(axis=0)
    central = {0, *np.argsort(-(matrix @ centre), kind="stable")[:_CENTRAL_PASSAGES].tolist()}
    spots = [(passages[n], a, b) for n in sorted(central) for a, b in _tellable(passages[n].text)]
    if not spots:
        return Findings((), confidence=0.0)
    vectors = library.embedder.embed([passage.text[a:b] for passage, a, b in spots])
    lead = np.array([_LEAD_BONUS * (passage.ordinal == 0) for passage, _, _ in spots], dtype=np.float32)
    chosen = sorted(_diverse(vectors, vectors @ centre / np.linalg.norm(centre) + lead))
    evidence = tuple(_evidence(*spots[n]) for n in chosen)
    return Findings(evidence, confidence=1.0, quoted=len(evidence))


def _tellable(text: str) -> list[tuple[int, int]]:
    """Sentences that can stand alone: not short, not endless, not leaning on the one before."""
    return [(a, b) for a, b in sentences(text) if len(text[a:b].split()) in _WORDS and not _LEANS_BACK.match(text[a:b])]


def _diverse(vectors: Vectors, scores: Vectors) -> list[int]:
    chosen: list[int] = []
    while len(chosen) < min(_KEY_SENTENCES, len(scores)):
        redundancy = (vectors @ vectors[chosen].T).max(axis=1) if chosen else np.zeros(len(scores), dtype=np.float32)
        value = (1 - _DIVERSITY) * scores - _DIVERSITY * redundancy
        value[chosen] = -np.inf
        chosen.append(int(value.argmax()))
    return chosen


def _evidence(passage: Passage, start: int, end: int) -> Evidence:
    return Evidence(RankedPassage(passage, score=1.0, similarity=0.0, lexical=0.0), Reading(start, end, margin=0.0))
