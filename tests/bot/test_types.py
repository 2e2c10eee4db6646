"""An answer that breaks the promise cannot be made."""

import pytest

from bot.types import Answer, Citation, Claim, Outcome, Question

CITATION = Citation(1, "a.txt", "A", 0, 3, "abc", "p")
CLAIM = Claim("abc", (1,))


def answer(outcome: Outcome, claims: tuple[Claim, ...], citations: tuple[Citation, ...]) -> Answer:
    return Answer(Question("q"), "q", outcome, "embedded", "m", claims, citations)


def test_an_answered_answer_has_cited_claims() -> None:
    assert answer(Outcome.ANSWERED, (CLAIM,), (CITATION,)).text == "abc"


@pytest.mark.parametrize(
    ("outcome", "claims", "citations"),
    [
        (Outcome.ANSWERED, (), ()),
        (Outcome.ANSWERED, (), (CITATION,)),
        (Outcome.ANSWERED, (Claim("abc", ()),), (CITATION,)),
        (Outcome.ANSWERED, (Claim("abc", (2,)),), (CITATION,)),
        (Outcome.NOT_FOUND, (), (CITATION,)),
        (Outcome.NOT_FOUND, (CLAIM,), (CITATION,)),
        (Outcome.FAILED, (CLAIM,), ()),
    ],
)
def test_anything_else_is_refused(outcome: Outcome, claims: tuple[Claim, ...], citations: tuple[Citation, ...]) -> None:
    with pytest.raises(ValueError, match="cannot have these claims"):
        answer(outcome, claims, citations)
