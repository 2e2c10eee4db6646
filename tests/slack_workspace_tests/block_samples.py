"""Blocks at their best and at their limits, to hold the fake's validator against the SDK and against the real Slack."""

from collections.abc import Callable
from typing import Any

from slack_workspace.wire import Json


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(**fields: Any) -> Json:
    return {"type": "button", "text": plain("Go"), **fields}


def section(**fields: Any) -> Json:
    return {"type": "section", "text": mrkdwn("x"), **fields}


def rich(text: str = "x") -> Json:
    inside = [{"type": "rich_text_section", "elements": [{"type": "text", "text": text, "style": {"bold": True}}]}]
    return {"type": "rich_text", "elements": inside}


GOOD: list[Json] = [
    section(accessory={"type": "image", "image_url": "https://e.example/i.png", "alt_text": ""}),
    {"type": "section", "fields": [mrkdwn("a"), plain("b")]},
    {"type": "divider"},
    {"type": "header", "text": plain("Title")},
    {
        "type": "context",
        "elements": [mrkdwn("a"), {"type": "image", "image_url": "https://e.example", "alt_text": "a"}],
    },
    {"type": "actions", "elements": [button(action_id="a", value="1", style="primary"), button(action_id="b")]},
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {"text": plain("Good"), "value": "7:up", "accessibility_label": "Good answer"},
                "negative_button": {"text": plain("Bad"), "value": "7:down"},
            },
            {"type": "icon_button", "icon": "trash", "text": plain("Remove"), "action_id": "remove"},
        ],
    },
    {"type": "markdown", "text": "**bold** [1](https://e.example)"},
    rich(),
    {"type": "image", "image_url": "https://e.example/i.png", "alt_text": "a picture", "title": plain("Picture")},
    {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": "a"}, rich()]],
        "column_settings": [None, {"align": "right"}],
    },
    {"type": "data_table", "rows": [[{"type": "raw_text", "text": "a"}], [{"type": "raw_number", "value": 1}]]},
    {"type": "task_card", "task_id": "t", "title": "Search", "status": "complete", "details": rich()},
    {
        "type": "plan",
        "title": "Plan",
        "tasks": [{"type": "task_card", "task_id": "t", "title": "x", "status": "pending"}],
    },
    {"type": "card", "title": mrkdwn("Card"), "actions": [button(action_id="open")]},
    {"type": "carousel", "elements": [{"type": "card", "body": plain("Card")}]},
    {
        "type": "container",
        "title": plain("Sources"),
        "is_collapsible": True,
        "default_collapsed": True,
        "child_blocks": [{"type": "context", "elements": [mrkdwn("[1] a")]}, section()],
    },
    {"type": "alert", "text": mrkdwn("Careful"), "level": "warning"},
    {
        "type": "input",
        "label": plain("Why"),
        "element": {"type": "plain_text_input", "multiline": True},
        "optional": True,
    },
]

LIMITS: dict[str, tuple[Callable[[int], Json], int]] = {
    "section text": (lambda n: section(text=mrkdwn("x" * n)), 3000),
    "field text": (lambda n: section(fields=[mrkdwn("x" * n)]), 2000),
    "fields": (lambda n: section(fields=[mrkdwn("x")] * n), 10),
    "block_id": (lambda n: section(block_id="x" * n), 255),
    "header": (lambda n: {"type": "header", "text": plain("x" * n)}, 150),
    "context elements": (lambda n: {"type": "context", "elements": [mrkdwn("x")] * n}, 10),
    "actions elements": (lambda n: {"type": "actions", "elements": [button(action_id=str(i)) for i in range(n)]}, 25),
    "button text": (lambda n: {"type": "actions", "elements": [button(text=plain("x" * n))]}, 75),
    "button value": (lambda n: {"type": "actions", "elements": [button(value="x" * n)]}, 2000),
    "action_id": (lambda n: {"type": "actions", "elements": [button(action_id="x" * n)]}, 255),
    "button url": (lambda n: {"type": "actions", "elements": [button(url="x" * n)]}, 3000),
    "markdown": (lambda n: {"type": "markdown", "text": "x" * n}, 12_000),
    "alert": (lambda n: {"type": "alert", "text": plain("x" * n)}, 200),
    "card title": (lambda n: {"type": "card", "title": plain("x" * n)}, 150),
    "card body": (lambda n: {"type": "card", "body": plain("x" * n)}, 200),
    "carousel elements": (lambda n: {"type": "carousel", "elements": [{"type": "card", "title": plain("x")}] * n}, 10),
    "container children": (
        lambda n: {"type": "container", "title": plain("x"), "child_blocks": [{"type": "divider"}] * n},
        10,
    ),
    "table rows": (lambda n: {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * n}, 100),
    "table columns": (lambda n: {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * n]}, 20),
}
