"""Follow-up questions made to stand alone without a model: the last turns' names and topic are carried over."""

import re
from collections.abc import Sequence

from bot.types import Turn

_REFERS_BACK = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|that|this|these|those|there|then|one|ones|else|more|"
    r"other|others|same|former|latter|both|again|also|too|instead)\b",
    re.IGNORECASE,
)
_SHORT = 4
"""Words. A question this short leans on what was said before, if it has no name of its own."""
_NAME = re.compile(r"\b[A-Z][\w.’'-]*(?:\s+(?:of\s+)?[A-Z][\w.’'-]*)*")


def carry_over(question: str, history: Sequence[Turn]) -> str:
    """The question, preceded by the last user turn where it leans on the conversation."""
    asked = [turn.text for turn in history if turn.role == "user"]
    if not asked or not leans_back(question):
        return question
    return f"{asked[-1].strip()} {question}"


def leans_back(question: str) -> bool:
    """Whether the question can hardly be understood alone."""
    named = _NAME.search(question.strip()[1:]) is not None
    short = len(question.split()) <= _SHORT
    return bool(_REFERS_BACK.search(question)) or (short and not named)
