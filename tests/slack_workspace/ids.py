"""Slack gives every block and every interactive element an id, if the app did not."""

from slack_workspace.state import State
from slack_workspace.wire import Json


def with_ids(state: State, blocks: list[Json]) -> list[Json]:
    """The blocks as Slack stores them; those given are left as they are."""
    return [_with_ids(state, block) for block in blocks]


def _with_ids(state: State, block: Json) -> Json:
    stored = {**block, "block_id": block.get("block_id") or state.new_id("b")}
    if block["type"] in ("actions", "context_actions"):
        stored["elements"] = [_with_action_id(state, element) for element in block["elements"]]
    for role in ("accessory", "element"):
        if isinstance(block.get(role), dict) and block[role].get("type") != "image":
            stored[role] = _with_action_id(state, block[role])
    if block["type"] == "container":
        stored["child_blocks"] = with_ids(state, block["child_blocks"])
    return stored


def _with_action_id(state: State, element: Json) -> Json:
    return {**element, "action_id": element.get("action_id") or state.new_id("a")}
