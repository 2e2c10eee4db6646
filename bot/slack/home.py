"""The App Home: how to ask, a few examples, what is indexed and how fresh it is."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.render import counted, one_line
from bot.slack import names
from bot.slack.links import web_link
from bot.slack.message import Json, cut, line, words
from bot.slack.prompts import Prompt
from bot.slack.text import inert
from index.catalog import Entry

DOCUMENTS = 25
"""The freshest documents are listed, no more: the list is for a glance."""
_TITLE_BYTES = 200
_RECENT_DAYS = 30

_WAYS = (
    ("Mention me", " in a channel. I answer in the thread, and your next question there needs no mention."),
    ("Write to me", " in the Messages tab."),
    (names.COMMAND, " and your question, anywhere: only you see the answer, until you share it."),
    ("Answer this", ", in the menu of any message, answers that message."),
)
_PROMISE = (
    "Every sentence of my answers stands on words of your documents, which I show. "
    "When the documents do not hold the answer, I say so."
)


def home_view(entries: Sequence[Entry], examples: Sequence[Prompt], now: datetime) -> Json:
    """The Home tab. `entries` is what the catalogue holds; `now` has a time zone."""
    blocks: list[Json] = [_header("Ask your documents"), _rich(line(words(_PROMISE)))]
    blocks.append(_list([line(words(way, bold=True), words(rest)) for way, rest in _WAYS]))
    if examples:
        blocks.append(_header("For example"))
        blocks.append(_list([line(words(inert(example.message))) for example in examples]))
    blocks.append(_header("What I know"))
    if not entries:
        return _home(
            [*blocks, _rich(line(words("Nothing is indexed yet. Run citebot index on the server where I live.")))]
        )
    fresh = sorted(entries, key=lambda entry: entry.indexed_at, reverse=True)
    passages = sum(entry.passages for entry in entries)
    total = f"{counted(len(entries), 'document')} in {counted(passages, 'passage')}, last updated "
    blocks.append(_rich(line(words(total), words(f"{_when(fresh[0], now)}.", bold=True))))
    blocks.append(_list([_entry(entry, now) for entry in fresh[:DOCUMENTS]]))
    if more := len(fresh) - DOCUMENTS:
        blocks += [_rich(line(words(f"and {more:,} more")))] if more > 0 else []
    return _home(blocks)


def _entry(entry: Entry, now: datetime) -> Json:
    title = next(cut(inert(one_line(entry.title) or one_line(entry.source)), _TITLE_BYTES))
    url = web_link(entry.source)
    named = {"type": "link", "url": url, "text": title} if url and title else words(title)
    return line(named, words(f", {_when(entry, now)}"))


def _when(entry: Entry, now: datetime) -> str:
    """How long ago, as people say it."""
    then = datetime.fromisoformat(entry.indexed_at)
    days = (now.astimezone(UTC).date() - then.astimezone(UTC).date()).days
    if days <= 0:
        return "today"
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if days <= _RECENT_DAYS else f"on {then.day} {then:%B %Y}"


def _home(blocks: Sequence[Json]) -> Json:
    return {"type": "home", "blocks": list(blocks)}


def _header(text: str) -> Json:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _rich(*lines: Json) -> Json:
    return {"type": "rich_text", "elements": list(lines)}


def _list(items: Sequence[Json]) -> Json:
    return _rich({"type": "rich_text_list", "style": "bullet", "elements": list(items)})
