"""A claim is withheld when its quote says another number, name, polarity or certainty; other words are welcome."""

import pytest

from bot.support import objection

SENTENCE = (
    "In preparation for the Trump-Putin name, White Home particular envoy Steve Witkoff met final week with Putin in "
    "Moscow to debate the 30-day proposal."
)
QUOTE = "Steve Witkoff met final week with Putin in Moscow"


@pytest.mark.parametrize(
    "claim",
    [
        "Steve Witkoff met Putin in Moscow last week.",
        "The White House sent its special envoy, Witkoff, to Moscow to discuss the thirty-day proposal.",
        "Last week Putin received Witkoff.",
        "Moscow was where the two of them spoke.",
    ],
)
def test_the_same_facts_in_other_words_are_carried(claim: str) -> None:
    assert objection(claim, QUOTE, SENTENCE) is None


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("Steve Witkoff met Putin in Moscow in May 2024.", "it says 2024, month 5, which its quote does not"),
        ("Sergei Lavrov met Putin in Moscow.", "it names Sergei Lavrov, which its quote does not"),
        ("Lavrov met Putin in Moscow.", "it names Lavrov, which its quote does not"),
        ("Steve Witkoff and Marco Rubio met Putin.", "it names Marco Rubio, which its quote does not"),
        ("Steve Witkoff did not meet Putin in Moscow.", "it is negated, its quote is not"),
        ("Steve Witkoff never met Putin.", "it is negated, its quote is not"),
        ("Steve Witkoff always meets Putin in Moscow.", "it says “always”, which its quote does not"),
    ],
)
def test_other_facts_are_not(claim: str, reason: str) -> None:
    assert objection(claim, QUOTE, SENTENCE) == reason


@pytest.mark.parametrize(
    ("claim", "quote", "carried"),
    [
        ("Ukraine is in a strong position.", "Ukraine just isn’t in a powerful negotiating place", False),
        ("Ukraine lacks a strong position.", "Ukraine just isn’t in a powerful negotiating place", True),
        ("All deacons serve as musicians.", "Deacons may serve as musicians", False),
        ("Deacons serve as musicians.", "Deacons may serve as musicians", False),
        ("Deacons can serve as musicians.", "Deacons may serve as musicians", True),
        ("The U.S. wants a truce.", "the United States wants a truce", True),
        ("American officials want a truce.", "U.S. officials want a truce", True),
        ("Zelensky refuted it.", "refuted by Zelenskyy", True),
    ],
)
def test_polarity_certainty_and_forms_of_names(claim: str, quote: str, carried: bool) -> None:  # noqa: FBT001
    assert (objection(claim, quote, quote) is None) is carried


def test_a_first_word_is_a_name_where_the_passage_uses_it_as_one() -> None:
    passage = "Support for Labor is strong in the west. The Liberals' main support lies in the east."
    quote = "The Liberals' main support lies in the east"
    assert objection("Labor has its main support in the east.", quote, quote, passage) is not None
    assert objection("Support is strongest in the east for the Liberals.", quote, quote, passage) is None
