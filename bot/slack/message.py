"""A message as it is sent, and how parts are put into as many messages as Slack's limits ask for. Nothing is cut off.

Where reports disagree on a limit, the lowest counts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.slack.text import mrkdwn

Json = dict[str, Any]

TEXT = 3_900
"""Characters of `text`: chat.update refuses 4,000 (docs), chat.postMessage has (seratch/ChatGPT-in-Slack#102)."""
BLOCKS_BYTES = 11_500
"""All text of a message's blocks: 13,172 characters were refused (bolt-js#2509), and 12,000 is documented for Markdown.
Whether Slack counts characters or bytes is not known."""
STREAM_BYTES = 10_000
"""What a streamed message may hold with its closing blocks: 10,600 bytes were refused (openclaw#143882)."""
PIECE = 600
"""Bytes of one piece of a part that is too long: even if every character of it is escaped, it fits in TEXT."""
PART = 2_500
"""Bytes of a part that need not be taken to pieces."""
ACTIONS = 25
"""Elements of an actions block (docs: Block Kit)."""
URL = 3_000
"""Characters of an address (docs: Block Kit)."""


@dataclass(frozen=True, slots=True)
class Message:
    """`text` is what notifications say. With blocks, people see those; without, the text (mrkdwn)."""

    text: str
    blocks: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What stays together if it can: lines of rich text, and the button that belongs to them.

    `lines` are rich_text_section and rich_text_quote elements. Neighbours of one `kind` share a block. The first
    line of a part that `continues` goes on with the last line before it. `spoken` parts are in notifications.
    """

    kind: str
    lines: tuple[Json, ...]
    button: Json | None = None
    continues: bool = False
    spoken: bool = False

    @property
    def bytes(self) -> int:
        return weight(self.lines) + weight(self.button)

    @property
    def notification(self) -> str:
        if not self.spoken:
            return ""
        return mrkdwn("".join(element["text"] for each in self.lines for element in each["elements"]))


def weight(value: object) -> int:
    """UTF-8 bytes of everything in a block that is text or address."""
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, list | tuple):
        return sum(weight(each) for each in value)
    if isinstance(value, dict):
        return sum(weight(each) for name, each in value.items() if name in ("text", "url", "elements"))
    return 0


def words(text: str, **style: bool) -> Json:
    """Text in a rich_text line, already inert."""
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def line(*elements: Json, quote: bool = False) -> Json:
    """A line of rich text; empty elements are left out, since Slack refuses them."""
    shown = [element for element in elements if element["text"]] or [words(" ")]
    return {"type": "rich_text_quote" if quote else "rich_text_section", "elements": shown}


def button(label: str, action_id: str, value: str) -> Json:
    return {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": label},
        "value": value,
    }


def cut(text: str, most: int) -> Iterator[str]:
    """The text in pieces of at most `most` bytes, at spaces where there are any; joined they are the text again."""
    rest = text
    while len(rest.encode()) > most:
        head = rest.encode()[:most].decode(errors="ignore")
        at = head.rfind(" ") + 1 or len(head)
        yield rest[:at]
        rest = rest[at:]
    yield rest


def pages(parts: Iterable[Part], first_room: int = BLOCKS_BYTES) -> list[list[Part]]:
    """The parts in order, on as few messages as they need; `first_room` is what the first can take, in bytes.

    Only the first can be left empty, when the first part does not fit it.
    """
    out: list[list[Part]] = [[]]
    room, text_room, buttons = first_room, TEXT, ACTIONS - 2
    for part in (piece for whole in parts for piece in _split(whole)):
        spoken = len(part.notification)
        if part.bytes > room or spoken > text_room or (part.button and not buttons):
            out.append([])
            room, text_room, buttons = BLOCKS_BYTES, TEXT, ACTIONS - 2
        out[-1].append(part)
        room -= part.bytes
        text_room -= spoken
        buttons -= part.button is not None
    return out


def as_message(parts: Sequence[Part], *, row: Sequence[Json] = (), below: Sequence[Json] = (), text: str) -> Message:
    """One page: its rich text, one row with the parts' buttons and those of `row`, and the blocks `below`.

    `text` is the notification where no part is spoken.
    """
    blocks: list[Json] = []
    kind = None
    for part in parts:
        if part.kind != kind:
            blocks.append({"type": "rich_text", "elements": []})
            kind = part.kind
        _add(blocks[-1]["elements"], part)
    buttons = [*(part.button for part in parts if part.button), *row]
    if buttons:
        blocks.append({"type": "actions", "elements": buttons})
    spoken = "".join(part.notification for part in parts).strip()
    return Message(spoken or text, (*blocks, *below))


def _add(lines: list[Json], part: Part) -> None:
    first, *rest = part.lines
    if part.continues and lines and lines[-1]["type"] == first["type"]:
        lines[-1] = {**lines[-1], "elements": [*lines[-1]["elements"], *first["elements"]]}
    else:
        lines.append(first)
    lines += rest


def _split(part: Part) -> Iterator[Part]:
    """The part, or where it is too long for one, pieces of it of which each goes on where the one before ended."""
    if part.bytes <= PART and len(part.notification) <= TEXT:
        yield part
        return
    button, continues = part.button, part.continues
    for whole in part.lines:
        for elements in _groups(whole["elements"]):
            yield replace(part, lines=({**whole, "elements": elements},), button=button, continues=continues)
            button, continues = None, True
        continues = False


def _groups(elements: Iterable[Json]) -> Iterator[list[Json]]:
    """Elements in groups of at most PIECE bytes; an address may be longer."""
    group: list[Json] = []
    room = PIECE
    for element in ({**whole, "text": piece} for whole in elements for piece in cut(whole["text"], PIECE)):
        if group and weight(element) > room:
            yield group
            group, room = [], PIECE
        group.append(element)
        room -= weight(element)
    if group:
        yield group
