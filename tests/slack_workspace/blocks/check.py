"""The block validator, shared by every method that takes blocks or a view."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from slack_workspace import limits
from slack_workspace.blocks.catalog import DEFS
from slack_workspace.wire import Json, SlackError

TEXT_FIELDS = ("text", "title", "subtitle", "body", "label", "description", "caption")


@dataclass(frozen=True)
class Problem:
    pointer: str
    """JSON pointer to what is wrong, as in ``/blocks/0/text``."""
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"

    def as_json(self) -> Json:
        return {"pointer": self.pointer, "code": self.code, "message": self.message}


def problems_of_blocks(
    blocks: object, pointer: str = "/blocks", most: int = limits.BLOCKS_PER_MESSAGE
) -> list[Problem]:
    """What Slack would object to in an array of blocks."""
    if not isinstance(blocks, list):
        return [Problem(pointer, "failed_constraint", "must provide an array")]
    found = [problem for index, block in enumerate(blocks) for problem in _schema("block", block, f"{pointer}/{index}")]
    if len(blocks) > most:
        found.insert(0, Problem(pointer, "failed_constraint", f"no more than {most} items allowed"))
    if not found:
        found += [*_rules(blocks, pointer), *_duplicates(blocks, pointer)]
    return found


def problems_of_view(view: object) -> list[Problem]:
    """What Slack would object to in a modal or a Home tab."""
    found = _schema("view", view, "/view")
    if found or not isinstance(view, dict):
        return found
    found = problems_of_blocks(view["blocks"], "/view/blocks", limits.BLOCKS_PER_VIEW)
    if view["type"] == "modal" and "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
        found.append(Problem("/view", "failed_constraint", "missing required field: submit"))
    return found


def check_blocks(blocks: object, too_many: str = "invalid_blocks") -> None:
    """Raise what ``chat.*`` answers to blocks that a message cannot have; ``too_many`` is the name for that case."""
    if isinstance(blocks, list) and len(blocks) > limits.BLOCKS_PER_MESSAGE:
        raise SlackError(too_many, f"no more than {limits.BLOCKS_PER_MESSAGE} items allowed [json-pointer:/blocks]")
    found = problems_of_blocks(blocks)
    if found:
        raise SlackError("invalid_blocks", *(str(problem) for problem in found))
    if isinstance(blocks, list):
        markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
        if text_length(blocks) > limits.BLOCKS_TEXT or markdown > limits.BLOCKS_MARKDOWN:
            raise SlackError("msg_blocks_too_long")


def check_view(view: object) -> None:
    found = problems_of_view(view)
    if found:
        raise SlackError("invalid_arguments", *(str(problem) for problem in found))


def text_length(value: object) -> int:
    """Characters of all that people can read in blocks."""
    if isinstance(value, list):
        return sum(text_length(each) for each in value)
    if not isinstance(value, dict):
        return 0
    shown = sum(len(value[name]) for name in TEXT_FIELDS if isinstance(value.get(name), str))
    return shown + sum(text_length(each) for each in value.values() if isinstance(each, dict | list))


def _schema(kind: str, value: object, pointer: str) -> list[Problem]:
    found = []
    for error in _validator(kind).iter_errors(value):
        where = "".join([pointer, *(f"/{step}" for step in error.absolute_path)])
        found.append(Problem(where, "failed_constraint", _say(error)))
    return found


@functools.cache
def _validator(kind: str) -> Any:
    strict = extend(Draft202012Validator, {"byType": _by_type})
    return strict({"$ref": f"#/$defs/{kind}", "$defs": DEFS})


def _by_type(validator: Any, kinds: Json, value: object, _schema: Json) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        yield ValidationError("must provide an object")
    elif "type" not in value:
        yield ValidationError("missing required field: type")
    elif not isinstance(value["type"], str) or value["type"] not in kinds:
        yield ValidationError(f"unsupported type: {value['type']}", path=["type"])
    else:
        yield from validator.descend(value, kinds[value["type"]])


def _say(error: Any) -> str:
    """The words Slack uses, as far as they have been seen in public issues."""
    limit = error.validator_value
    words: dict[str, Callable[[], str]] = {
        "maxLength": lambda: f"must be less than {limit + 1} characters",
        "minLength": lambda: f"must be more than {limit - 1} characters",
        "maxItems": lambda: f"no more than {limit} items allowed",
        "minItems": lambda: f"must provide at least {limit} items",
        "required": lambda: f"missing required field: {next(name for name in limit if name not in error.instance)}",
        "additionalProperties": lambda: f"invalid additional property: {_unknown(error)}",
        "enum": lambda: "must be a valid enum value",
        "type": lambda: f"must provide a {limit}",
        "minimum": lambda: f"must be at least {limit}",
        "maximum": lambda: f"must be at most {limit}",
    }
    say = words.get(error.validator)
    return say() if say else str(error.message)


def _unknown(error: Any) -> str:
    return str(next(name for name in error.instance if name not in error.schema["properties"]))


def _rules(blocks: list[Json], pointer: str) -> Iterator[Problem]:
    """What a schema says badly: one of two fields, fields that exclude each other, one table per message."""
    for index, block in enumerate(blocks):
        where = f"{pointer}/{index}"
        kind = block["type"]
        if kind == "section" and not (block.get("text") or block.get("fields")):
            yield Problem(where, "failed_constraint", "must define either `text` or `fields`")
        elif kind == "image" and not (block.get("image_url") or block.get("slack_file")):
            yield Problem(where, "failed_constraint", "must define either `image_url` or `slack_file`")
        elif kind == "card" and not any(block.get(name) for name in ("hero_image", "title", "actions", "body")):
            yield Problem(where, "failed_constraint", "must define one of `hero_image`, `title`, `actions`, `body`")
        elif kind == "container":
            if not (block.get("title") or block.get("rich_text_title")):
                yield Problem(where, "failed_constraint", "must define either `title` or `rich_text_title`")
            if block.get("is_collapsible") and block.get("has_header_divider"):
                yield Problem(where, "failed_constraint", "`has_header_divider` cannot be used when collapsible")
            if block.get("default_collapsed") and not block.get("is_collapsible"):
                yield Problem(where, "failed_constraint", "`default_collapsed` needs `is_collapsible`")
            yield from _rules(block["child_blocks"], f"{where}/child_blocks")
    if sum(block["type"] == "table" for block in blocks) > 1:
        yield Problem(pointer, "only_one_table_allowed", "only one table is allowed per message")


def _duplicates(blocks: list[Json], pointer: str) -> Iterator[Problem]:
    """Block ids are unique in the payload, action ids in their block (docs: Block Kit)."""
    seen: set[str] = set()
    for block in _flat(blocks):
        inside = [*_list(block, "elements"), *_list(block, "actions"), block.get("accessory"), block.get("element")]
        actions = [element["action_id"] for element in inside if isinstance(element, dict) and "action_id" in element]
        for action_id in sorted({each for each in actions if actions.count(each) > 1}):
            yield Problem(pointer, "failed_constraint", f"`action_id` must be unique: {action_id}")
        if block.get("block_id") in seen:
            yield Problem(pointer, "failed_constraint", f"`block_id` must be unique: {block['block_id']}")
        seen |= {block["block_id"]} if "block_id" in block else set()


def _flat(blocks: list[Json]) -> Iterator[Json]:
    for block in blocks:
        yield block
        yield from _flat(_list(block, "child_blocks"))
        if block["type"] == "carousel":
            yield from _flat(block["elements"])


def _list(block: Json, name: str) -> list[Any]:
    value = block.get(name)
    return value if isinstance(value, list) else []
