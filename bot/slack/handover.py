"""What is said when people take over, and what the bot says about itself in a channel."""

from bot.render import one_line
from bot.slack import names
from bot.slack.links import web_link
from bot.slack.message import BLOCKS_BYTES, PIECE, Json, Message, button, cut, line, words
from bot.slack.text import inert, mrkdwn


def asked_human(question: str, by: str, permalink: str) -> Message:
    """For the channel where people help: who asked what, and the way to the thread. `by` is a display name."""
    who, asked = inert(one_line(by)), inert(one_line(question))
    shown, *rest = cut(asked, BLOCKS_BYTES - 1_000)
    lines = [
        line(words(f"{who} asked something that the documents do not answer:")),
        line(words(shown + "…" * bool(rest)), quote=True),
    ]
    if url := web_link(permalink):
        lines.append(line({"type": "link", "url": url, "text": "Answer in the thread"}))
    return Message(mrkdwn(next(cut(f"{who} asks: {asked}", PIECE))), ({"type": "rich_text", "elements": lines},))


def passed_on() -> Message:
    """For whoever asked."""
    return _plain("I have passed your question on. Someone will answer in this thread.")


def not_done() -> Message:
    """For whoever clicked in vain."""
    return _plain("That did not work: Slack did not take the message. Please try again in a few minutes.")


def thanks() -> Message:
    """For whoever filled in the feedback form."""
    return _plain("Thank you. Someone will look at it.")


def follow_ups_help(*, on: bool) -> Message:
    """How to ask here, and the channel's switch: for `/ask` without a question."""
    now = (
        "In threads I am part of, I answer follow-up questions without being mentioned."
        if on
        else "In this channel I answer only when I am mentioned."
    )
    label = "Only when mentioned" if on else "Answer follow-ups"
    text = f"Ask me with `{names.COMMAND}` and your question (only you see the answer), or mention me. {now}"
    switch: Json = button(label, names.FOLLOW_UPS, "off" if on else "on")
    return Message(
        text,
        (
            {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}},
            {"type": "actions", "elements": [switch]},
        ),
    )


def follow_ups_switched(*, on: bool) -> Message:
    """For the channel, after someone used the switch."""
    if on:
        return _plain("From now on I answer follow-up questions in my threads here, without being mentioned.")
    return _plain("From now on I answer in this channel only when I am mentioned.")


def _plain(text: str) -> Message:
    return Message(mrkdwn(text), ({"type": "context", "elements": [{"type": "plain_text", "text": text}]},))
