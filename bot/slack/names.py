"""Names that travel through Slack and back: action ids, callback ids, and what buttons carry. One place for all."""

import re
from typing import Literal, get_args

COMMAND = "/ask"

ANSWER_MESSAGE = "answer_message"
"""Callback id of the message shortcut "Answer this"; the manifest declares it."""

SHOW_PASSAGE = re.compile(r"show_passage\.(\d+)")
"""Action ids of the "Show passage" buttons: ids must differ within a block. The value is `of_source`'s."""
SHOW_CLOSEST = "show_closest"
ASK_HUMAN = "ask_human"
SHARE = "share"
FEEDBACK = "feedback"
FOLLOW_UPS = "follow_ups"
"""The per-channel switch; its value is "on" or "off", what it is to become."""

FEEDBACK_FORM = "feedback_form"
PASSAGE_VIEW = "passage"
CLOSEST_VIEW = "closest"

REASON_BLOCK, REASON_INPUT = "reason", "reason_choice"
EXPECTED_BLOCK, EXPECTED_INPUT = "expected", "expected_words"

Vote = Literal["good", "bad"]


def show_passage(number: int) -> str:
    return f"show_passage.{number}"


def of_source(answer_id: str, number: int) -> str:
    """What the button of source `number` carries."""
    return f"{answer_id}:{number}"


def read_source(value: str) -> tuple[str, int]:
    """The answer and the citation number that a passage button carries.

    Raises:
        ValueError: the value is not ours.
    """
    answer_id, _, number = value.rpartition(":")
    return answer_id, int(number)


def of_vote(vote: Vote, answer_id: str) -> str:
    """What a feedback button carries."""
    return f"{vote}:{answer_id}"


def read_vote(value: str) -> tuple[Vote, str]:
    """The vote and the answer that a feedback button carries.

    Raises:
        ValueError: the value is not ours.
    """
    vote, _, answer_id = value.partition(":")
    for known in get_args(Vote):
        if vote == known:
            return known, answer_id
    raise ValueError("this is not the value of a feedback button")
