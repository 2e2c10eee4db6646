"""What blocks and texts say to a reader: words, mentions that notify, links and images."""

import re
from collections.abc import Iterator
from typing import Any

from slack_workspace.wire import Json

NOTIFYING = re.compile(r"<!(?:channel|here|everyone)(?:\|[^>]*)?>|<@[UW]\w+(?:\|[^>]*)?>|<!subteam\^\w+(?:\|[^>]*)?>")
URL = re.compile(r"https?://[^\s<>|)\]\"']+")
MARKDOWN_IMAGE = re.compile(r"!\[[^\]]*\]\((https?://[^\s)]+)[^)]*\)")
BUTTONS = ("button", "icon_button", "workflow_button")


def lines(blocks: list[Json]) -> Iterator[str]:
    """The blocks as a reader would read them aloud, one line for each piece."""
    for block in blocks:
        yield from _lines(block)


def _lines(block: Json) -> Iterator[str]:
    match block:
        case {"type": "divider"}:
            yield "---"
        case {"type": "image", "alt_text": alt_text}:
            yield f"(image: {alt_text})"
        case {"type": "actions" | "context_actions" | "context", "elements": elements}:
            yield " ".join(_label(element) for element in elements)
        case {"type": "input", "label": label}:
            yield f"{label['text']}: ____"
        case {"type": "rich_text", "elements": elements}:
            yield "".join(_rich(elements)).rstrip("\n")
        case {"type": "task_card", "status": status, "title": title}:
            yield f"({status}) {title}"
        case {"type": "plan", "title": title}:
            yield title
            yield from lines(block.get("tasks", []))
        case {"type": "table" | "data_table", "rows": rows}:
            yield from (" | ".join(_cell(cell) for cell in row) for row in rows)
        case _:
            yield from _composed(block)


def _composed(block: Json) -> Iterator[str]:
    yield from _texts(block)
    yield from lines(block.get("child_blocks", []))
    yield from lines(block["elements"] if block["type"] == "carousel" else [])
    if isinstance(block.get("accessory"), dict):
        yield _label(block["accessory"])
    if block.get("actions"):
        yield " ".join(_label(element) for element in block["actions"])


def _texts(block: Json) -> Iterator[str]:
    if isinstance(block.get("rich_text_title"), dict):
        yield from _lines(block["rich_text_title"])
    values = [block.get(name) for name in ("title", "subtitle", "text", "body", "name", "description")]
    for value in [*values, *block.get("fields", [])]:
        text = value.get("text") if isinstance(value, dict) else value
        if text:
            yield str(text)


def _label(element: Json) -> str:
    kind = element["type"]
    if kind in BUTTONS:
        return f"[{element['text']['text']}]"
    if kind == "feedback_buttons":
        buttons = (element["positive_button"], element["negative_button"])
        return " ".join(f"[{button['text']['text']}]" for button in buttons)
    if kind == "image":
        return f"(image: {element['alt_text']})"
    if kind in ("mrkdwn", "plain_text"):
        return str(element["text"])
    if kind == "overflow":
        return "[...]"
    placeholder = element.get("placeholder", {}).get("text", kind)
    return f"[{placeholder} v]"


def _rich(elements: list[Json]) -> Iterator[str]:
    for element in elements:
        inside = element.get("elements")
        if inside is not None:
            mark = "- " if element["type"] == "rich_text_list" else ""
            if mark:
                yield from (f"{mark}{''.join(_rich(item['elements']))}\n" for item in inside)
            else:
                yield f"{''.join(_rich(inside))}\n"
        elif element["type"] == "user":
            yield f"@{element['user_id']}"
        elif element["type"] == "broadcast":
            yield f"@{element['range']}"
        else:
            yield str(element.get("text") or element.get("url") or element.get("name") or "")


def _cell(cell: Json) -> str:
    return "".join(_rich(cell["elements"])).strip() if cell["type"] == "rich_text" else str(cell.get("text", ""))


def pings(text: str, blocks: list[Json]) -> list[str]:
    """Whom this would notify. ``markdown`` is counted like mrkdwn: whether Slack does so is not known."""
    found = NOTIFYING.findall(text)
    for thing in _things(blocks):
        if thing.get("type") in ("mrkdwn", "markdown"):
            found += NOTIFYING.findall(str(thing["text"]))
        elif thing.get("type") == "user":
            found.append(f"<@{thing['user_id']}>")
        elif thing.get("type") == "usergroup":
            found.append(f"<!subteam^{thing['usergroup_id']}>")
        elif thing.get("type") == "broadcast":
            found.append(f"<!{thing['range']}>")
    return list(dict.fromkeys(found))


def links(text: str, blocks: list[Json]) -> list[str]:
    """Every address a reader could follow or whose picture would be loaded."""
    found = URL.findall(text)
    for thing in _things(blocks):
        for name in ("text", "url", "image_url", "title_url", "video_url", "thumbnail_url"):
            if isinstance(thing.get(name), str):
                found += URL.findall(thing[name])
    return list(dict.fromkeys(found))


def images(text: str, blocks: list[Json]) -> list[str]:
    """Every picture that would be loaded."""
    found = MARKDOWN_IMAGE.findall(text)
    for thing in _things(blocks):
        if thing.get("type") == "image" and thing.get("image_url"):
            found.append(thing["image_url"])
        elif thing.get("type") == "markdown":
            found += MARKDOWN_IMAGE.findall(thing["text"])
    return list(dict.fromkeys(found))


def _things(value: Any) -> Iterator[Json]:
    if isinstance(value, list):
        for each in value:
            yield from _things(each)
    elif isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _things(each)
