"""Text of documents, models and people, made inert for Slack: it notifies nobody and links nowhere.

Slack reads text in three dialects: mrkdwn (the `text` argument and mrkdwn objects), Markdown (`markdown_text` and
markdown blocks) and, inside rich_text blocks, none. Whether mentions and addresses act in Markdown, and what is done
to entities there, is not documented; so what could start one is broken by an invisible character in every dialect
first, and escaped by the rules of the dialect after that. Either alone would do.
"""

import re

from bot.render import safe

JOINER = "\u2060"
"""WORD JOINER: no width, and no line may break there. Quotes are compared without it (`bot.quoting`)."""

_STARTS = re.compile(
    r"""
      <(?=[^\s\u2060])              # <!channel>, <@U1>, <#C1>, <https://...>, <b>
    | &(?=[#\w])                    # the same, half escaped: &lt;!channel&gt;
    | @(?=\w)                       # @here, a@example.org
    | :(?=/)                        # https://
    | (?<=\w)\.(?=[^\W\d_]{2})      # example.org
    | \](?=[(\[:])                  # [words](https://...), [words][1], [1]: https://...
    | !(?=\[)                       # ![picture](https://...)
    """,
    re.VERBOSE,
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SPECIAL = re.compile(r"[\\`*~<|]|(?<![^\W_])_|_(?![^\W_])")
_LINE_START = re.compile(r"^(\s*)(?:(\d{1,9})(?=[.)](?:\s|$))|(?=[#>+=-]))", re.MULTILINE)


def inert(text: str) -> str:
    """The text as people read it, for plain_text and rich_text: no control character, nothing that acts.

    Doing it again changes nothing.
    """
    return _STARTS.sub(rf"\g<0>{JOINER}", _LONE_SURROGATE.sub("\ufffd", safe(text)))


def mrkdwn(text: str) -> str:
    """For mrkdwn objects and the `text` argument (docs.slack.dev, "Formatting message text": three entities)."""
    return inert(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def markdown(text: str) -> str:
    """For `markdown_text` and markdown blocks: reads as the text itself, with no formatting of its own."""
    return _LINE_START.sub(r"\1\2\\", _SPECIAL.sub(r"\\\g<0>", inert(text)))
