"""The elements that stand inside blocks, with their limits (SDK: models/blocks; docs: Block Kit reference)."""

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

ACTION_ID = string(255)
URL = string(3000)

CONFIRM = thing(
    "", title=plain(100), text=text(300), confirm=plain(30), deny=plain(30), style=one_of("primary", "danger")
)
OPTION = thing("text value", text=text(75), value=string(150), description=text(75), url=URL)
OPTION_GROUP = thing("label options", label=plain(75), options=items(OPTION, 100, 1))
DISPATCH = thing("", trigger_actions_on=items(one_of("on_enter_pressed", "on_character_entered")))
FEEDBACK = thing("text value", text=plain(75), value=string(2000), accessibility_label=string(75))
SLACK_FILE = thing("", id=string(), url=string())
IMAGE_ELEMENT = typed("image", "alt_text", image_url=URL, alt_text=string(2000, 0), slack_file=SLACK_FILE)
URL_SOURCE = typed("url", "url text", url=URL, text=string())

BUTTON = typed(
    "button",
    "text",
    text=plain(75),
    action_id=ACTION_ID,
    url=URL,
    value=string(2000),
    style=one_of("primary", "danger"),
    confirm=CONFIRM,
    accessibility_label=string(75),
    agent_prompt=string(4000),
    agent_prompt_display=string(),
    visible_to_user_ids=items(string()),
)
FEEDBACK_BUTTONS = typed(
    "feedback_buttons",
    "positive_button negative_button",
    action_id=ACTION_ID,
    positive_button=FEEDBACK,
    negative_button=FEEDBACK,
)
ICON_BUTTON = typed(
    "icon_button",
    "icon text",
    icon=string(),
    text=plain(75),
    action_id=ACTION_ID,
    value=string(2000),
    confirm=CONFIRM,
    accessibility_label=string(75),
    visible_to_user_ids=items(string()),
)
OVERFLOW = typed("overflow", "options", action_id=ACTION_ID, options=items(OPTION, 5, 1), confirm=CONFIRM)
WORKFLOW_BUTTON = typed(
    "workflow_button",
    "text workflow",
    text=plain(75),
    action_id=ACTION_ID,
    workflow=ANY,
    style=one_of("primary", "danger"),
    accessibility_label=string(75),
)


def _input(kind: str, required: str = "", /, **fields: Schema) -> Schema:
    common = {"action_id": ACTION_ID, "placeholder": plain(150), "confirm": CONFIRM, "focus_on_load": BOOL}
    return typed(kind, required, **common, **fields)


_CHOICES: dict[str, Schema] = {"options": items(OPTION, 100, 1), "option_groups": items(OPTION_GROUP, 100, 1)}
_MANY: dict[str, Schema] = {"max_selected_items": integer(1, 10_000)}
_TYPED_IN: dict[str, Schema] = {"initial_value": string(None, 0), "dispatch_action_config": DISPATCH}
_FILTER = {"filter": ANY, "default_to_current_conversation": BOOL}

SELECTS: dict[str, Schema] = {
    "static_select": _input("static_select", initial_option=OPTION, **_CHOICES),
    "multi_static_select": _input("multi_static_select", initial_options=items(OPTION), **_CHOICES, **_MANY),
    "external_select": _input("external_select", initial_option=OPTION, min_query_length=integer(0, 3000)),
    "multi_external_select": _input(
        "multi_external_select", initial_options=items(OPTION), min_query_length=integer(0, 3000), **_MANY
    ),
    "users_select": _input("users_select", initial_user=string()),
    "multi_users_select": _input("multi_users_select", initial_users=items(string()), **_MANY),
    "conversations_select": _input(
        "conversations_select", initial_conversation=string(), response_url_enabled=BOOL, **_FILTER
    ),
    "multi_conversations_select": _input(
        "multi_conversations_select", initial_conversations=items(string()), **_MANY, **_FILTER
    ),
    "channels_select": _input("channels_select", initial_channel=string(), response_url_enabled=BOOL),
    "multi_channels_select": _input("multi_channels_select", initial_channels=items(string()), **_MANY),
}
PICKERS: dict[str, Schema] = {
    "datepicker": _input("datepicker", initial_date=string()),
    "timepicker": _input("timepicker", initial_time=string(), timezone=string()),
    "datetimepicker": _input("datetimepicker", initial_date_time=integer(1_000_000_000, 9_999_999_999)),
    "checkboxes": _input("checkboxes", "options", options=items(OPTION, 10, 1), initial_options=items(OPTION, 10)),
    "radio_buttons": _input("radio_buttons", "options", options=items(OPTION, 10, 1), initial_option=OPTION),
}
FIELDS: dict[str, Schema] = {
    "plain_text_input": _input(
        "plain_text_input",
        multiline=BOOL,
        min_length=integer(0, 3000),
        max_length=integer(1, 3000),
        **_TYPED_IN,
    ),
    "email_text_input": _input("email_text_input", **_TYPED_IN),
    "url_text_input": _input("url_text_input", **_TYPED_IN),
    "number_input": _input(
        "number_input",
        "is_decimal_allowed",
        is_decimal_allowed=BOOL,
        min_value=string(),
        max_value=string(),
        **_TYPED_IN,
    ),
    "rich_text_input": _input(
        "rich_text_input",
        initial_value=ref("rich_text"),
        dispatch_action_config=DISPATCH,
        min_lines=integer(1, 100),
        max_lines=integer(1, 100),
    ),
    "file_input": _input("file_input", filetypes=items(string()), max_files=integer(1, 10)),
}

BUTTONS: dict[str, Schema] = {"button": BUTTON, "overflow": OVERFLOW, "workflow_button": WORKFLOW_BUTTON}
IN_ACTIONS = by_type(**BUTTONS, **SELECTS, **PICKERS)
IN_SECTION = by_type(image=IMAGE_ELEMENT, **BUTTONS, **SELECTS, **PICKERS)
IN_INPUT = by_type(**SELECTS, **PICKERS, **FIELDS)
IN_CONTEXT_ACTIONS = by_type(feedback_buttons=FEEDBACK_BUTTONS, icon_button=ICON_BUTTON)
IN_CONTEXT = by_type(
    image=IMAGE_ELEMENT,
    plain_text=typed("plain_text", "text", text=string(3000), emoji=BOOL),
    mrkdwn=typed("mrkdwn", "text", text=string(3000), verbatim=BOOL),
)
