"""Links to sources: the only links the bot ever makes."""

from urllib.parse import quote, urlsplit

from bot.render import one_line
from bot.slack.message import URL

_WHOLE = 80
"""Characters of a quote that is named whole; of a longer one, the first and the last words are."""
_ENDS = 5


def web_link(source: str, words: str = "") -> str:
    """The address of a web page, scrolled to `words`; empty if the source is no web page or its address is too long.

    Text fragments: https://wicg.github.io/scroll-to-text-fragment/.
    """
    try:
        host = urlsplit(source).netloc
    except ValueError:
        return ""
    # What `urlsplit` overlooks in front of the scheme would end up in the address.
    if not source.lower().startswith(("http://", "https://")) or not host:
        return ""
    address = quote(source, safe="/:?#[]@!$&'()*+,;=%~-._", errors="replace")
    directive = _directive(words)
    if not directive:
        return address if len(address) <= URL else ""
    linked = f"{address}{'' if '#' in address else '#'}:~:text={directive}"
    return next((link for link in (linked, address) if len(link) <= URL), "")


def _directive(text: str) -> str:
    flat = one_line(text)
    found = flat.split()
    if len(flat) <= _WHOLE or len(found) <= 2 * _ENDS:
        # Words on both sides of a line break can be in different elements, which only a range spans.
        if "\n" not in text.strip() or len(found) < 2:  # noqa: PLR2004 - a range has two ends
            return _encoded(flat)
        half = min(_ENDS, len(found) // 2)
        return f"{_encoded(' '.join(found[:half]))},{_encoded(' '.join(found[-half:]))}"
    return f"{_encoded(' '.join(found[:_ENDS]))},{_encoded(' '.join(found[-_ENDS:]))}"


def _encoded(text: str) -> str:
    """Percent-encoded, with the dash too: it would mark a prefix or suffix."""
    return quote(text, safe="", errors="replace").replace("-", "%2D")
