"""A small vocabulary to write Block Kit down as JSON Schema."""

from typing import Any

Schema = dict[str, Any]

BOOL: Schema = {"type": "boolean"}
ANY: Schema = {}


def string(most: int | None = None, least: int = 1) -> Schema:
    schema: Schema = {"type": "string", "minLength": least}
    return schema if most is None else {**schema, "maxLength": most}


def one_of(*values: str) -> Schema:
    return {"enum": list(values)}


def integer(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def items(of: Schema, most: int | None = None, least: int = 0) -> Schema:
    schema: Schema = {"type": "array", "items": of, "minItems": least}
    return schema if most is None else {**schema, "maxItems": most}


def thing(required: str = "", /, **fields: Schema) -> Schema:
    """An object with exactly these fields; ``required`` names those that must be there."""
    return {"type": "object", "properties": fields, "required": required.split(), "additionalProperties": False}


def typed(kind: str, required: str = "", /, **fields: Schema) -> Schema:
    """An object whose ``type`` is ``kind``."""
    return thing(f"type {required}", type={"const": kind}, **fields)


def by_type(**kinds: Schema) -> Schema:
    """One of several kinds of object, told apart by ``type``; the keyword is ours (see ``check``)."""
    return {"byType": kinds}


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def plain(most: int = 3000) -> Schema:
    """A ``plain_text`` object."""
    return by_type(plain_text=typed("plain_text", "text", text=string(most), emoji=BOOL))


def text(most: int = 3000) -> Schema:
    """A ``plain_text`` or ``mrkdwn`` object."""
    return by_type(
        plain_text=typed("plain_text", "text", text=string(most), emoji=BOOL),
        mrkdwn=typed("mrkdwn", "text", text=string(most), verbatim=BOOL),
    )
