"""Every kind of block, with its limits.

Sources: SDK models; docs: Block Kit reference; slackblocks' limits.json for ``data_table``, which the
SDK does not know.
"""

from slack_workspace.blocks import elements as el
from slack_workspace.blocks.schema import (
    ANY,
    BOOL,
    Schema,
    by_type,
    integer,
    items,
    one_of,
    plain,
    ref,
    string,
    text,
    thing,
    typed,
)

BLOCK_ID = string(255)
TASK_STATUS = one_of("pending", "in_progress", "complete", "error")
LEVELS = one_of("default", "info", "warning", "error", "success")
STYLE = thing("", bold=BOOL, italic=BOOL, strike=BOOL, code=BOOL, underline=BOOL, highlight=BOOL, unlink=BOOL)


def _inline(kind: str, required: str, /, **fields: Schema) -> Schema:
    return typed(kind, required, style=STYLE, **fields)


INLINE = by_type(
    text=_inline("text", "text", text=string()),
    link=_inline("link", "url", url=string(3000), text=string(None, 0), unsafe=BOOL),
    emoji=_inline("emoji", "name", name=string(), unicode=string(), skin_tone=integer(1, 6)),
    user=_inline("user", "user_id", user_id=string()),
    usergroup=_inline("usergroup", "usergroup_id", usergroup_id=string()),
    channel=_inline("channel", "channel_id", channel_id=string()),
    team=_inline("team", "team_id", team_id=string()),
    broadcast=_inline("broadcast", "range", range=one_of("here", "channel", "everyone")),
    date=_inline("date", "timestamp format", timestamp=ANY, format=string(), url=string(), fallback=string()),
    color=_inline("color", "value", value=string()),
)
_SECTION = typed("rich_text_section", "elements", elements=items(INLINE))
_BORDER = integer(0, 1)
RICH_TEXT_PART = by_type(
    rich_text_section=_SECTION,
    rich_text_list=typed(
        "rich_text_list",
        "elements style",
        elements=items(by_type(rich_text_section=_SECTION)),
        style=one_of("bullet", "ordered"),
        indent=integer(0, 8),
        offset=integer(0, 10_000),
        border=_BORDER,
    ),
    rich_text_preformatted=typed(
        "rich_text_preformatted", "elements", elements=items(INLINE), border=_BORDER, language=string()
    ),
    rich_text_quote=typed("rich_text_quote", "elements", elements=items(INLINE), border=_BORDER),
)
CELL = by_type(
    raw_text=typed("raw_text", "text", text=string()),
    raw_number=typed("raw_number", "value", value=ANY, text=string()),
    rich_text=ref("rich_text"),
)
COLUMN: Schema = {"anyOf": [{"type": "null"}, thing("", align=one_of("left", "center", "right"), is_wrapped=BOOL)]}


def _block(kind: str, required: str = "", /, **fields: Schema) -> Schema:
    return typed(kind, required, block_id=BLOCK_ID, **fields)


BLOCKS: dict[str, Schema] = {
    "section": _block(
        "section", text=text(3000), fields=items(text(2000), 10, 1), accessory=el.IN_SECTION, expand=BOOL
    ),
    "divider": _block("divider"),
    "header": _block("header", "text", text=plain(150), level=integer(1, 4)),
    "context": _block("context", "elements", elements=items(el.IN_CONTEXT, 10, 1)),
    "actions": _block("actions", "elements", elements=items(el.IN_ACTIONS, 25, 1)),
    "context_actions": _block("context_actions", "elements", elements=items(el.IN_CONTEXT_ACTIONS, 5, 1)),
    "markdown": _block("markdown", "text", text=string(12_000)),
    "rich_text": _block("rich_text", "elements", elements=items(RICH_TEXT_PART)),
    "image": _block(
        "image",
        "alt_text",
        alt_text=string(2000, 0),
        image_url=string(3000),
        slack_file=el.SLACK_FILE,
        title=plain(2000),
    ),
    "input": _block(
        "input",
        "label element",
        label=plain(2000),
        element=el.IN_INPUT,
        hint=plain(2000),
        optional=BOOL,
        dispatch_action=BOOL,
    ),
    "file": _block("file", "external_id source", external_id=string(), source=one_of("remote")),
    "call": _block("call", "call_id", call_id=string(), api_decoration_available=BOOL, call=ANY),
    "video": _block(
        "video",
        "alt_text video_url thumbnail_url title",
        alt_text=string(),
        video_url=string(),
        thumbnail_url=string(),
        title=plain(199),
        title_url=string(),
        description=plain(200),
        provider_icon_url=string(),
        provider_name=string(),
        author_name=string(49),
    ),
    "table": _block("table", "rows", rows=items(items(CELL, 20, 1), 100, 1), column_settings=items(COLUMN, 20)),
    "data_table": _block(
        "data_table",
        "rows",
        rows=items(items(CELL, 20, 1), 201, 2),
        caption=string(),
        column_settings=items(ANY, 20),
        page_size=integer(1, 100),
        row_header_column_index=integer(0, 19),
    ),
    "task_card": _block(
        "task_card",
        "task_id title status",
        task_id=string(),
        title=string(),
        details=by_type(rich_text=ref("rich_text")),
        output=by_type(rich_text=ref("rich_text")),
        sources=items(by_type(url=el.URL_SOURCE)),
        status=TASK_STATUS,
    ),
    "plan": _block("plan", "title", title=string(), tasks=items(by_type(task_card=ref("task_card")))),
    "card": _block(
        "card",
        hero_image=by_type(image=el.IMAGE_ELEMENT),
        icon=by_type(image=el.IMAGE_ELEMENT),
        title=text(150),
        subtitle=text(150),
        body=text(200),
        actions=items(by_type(button=el.BUTTON)),
    ),
    "carousel": _block("carousel", "elements", elements=items(by_type(card=ref("card")), 10, 1)),
    "container": _block(
        "container",
        "child_blocks",
        title=plain(150),
        rich_text_title=by_type(rich_text=ref("rich_text")),
        subtitle=text(150),
        child_blocks=items(ref("block"), 10, 1),
        width=one_of("narrow", "standard", "wide", "full"),
        icon=by_type(image=el.IMAGE_ELEMENT),
        is_collapsible=BOOL,
        default_collapsed=BOOL,
        has_header_divider=BOOL,
    ),
    "alert": _block("alert", "text", text=text(200), level=LEVELS),
    "auth_provider": _block(
        "auth_provider",
        "value name is_connected",
        value=string(150),
        name=plain(75),
        is_connected=BOOL,
        description=plain(150),
        icon_url=string(3000),
        auth_url=string(3000),
        disconnect_url=string(3000),
        connected_identity=plain(75),
        connected_context=plain(75),
        accessory=by_type(overflow=el.OVERFLOW),
        fallback=items(ref("block")),
    ),
}

VIEW_FIELDS: dict[str, Schema] = {
    "blocks": items(ref("block"), 100),
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
VIEW = by_type(
    modal=typed(
        "modal",
        "title blocks",
        title=plain(24),
        submit=plain(24),
        close=plain(24),
        clear_on_close=BOOL,
        notify_on_close=BOOL,
        submit_disabled=BOOL,
        **VIEW_FIELDS,
    ),
    home=typed("home", "blocks", **VIEW_FIELDS),
)
DEFS: dict[str, Schema] = {**BLOCKS, "block": by_type(**{kind: ref(kind) for kind in BLOCKS}), "view": VIEW}
