"""One Web API call: its arguments as the method sees them, whatever way they were sent."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from slack_workspace.rates import Tier
from slack_workspace.records import Token
from slack_workspace.wire import Json, SlackError
from slack_workspace.world import World

NESTED = {
    "attachments": "invalid_attachments",
    "blocks": "invalid_blocks_format",
    "chunks": "invalid_chunks",
    "files": "invalid_arguments",
    "loading_messages": "invalid_arguments",
    "metadata": "invalid_metadata_format",
    "prompts": "invalid_arguments",
    "view": "invalid_arguments",
}
"""Arguments that may come as JSON inside a string, and the error when they are not JSON."""
TRUE = ("1", "true", "True")


@dataclass
class Call:
    method: str
    args: Json
    token: Token
    warnings: list[str] = field(default_factory=list)
    basic: tuple[str, str] = ("", "")
    """Client id and secret from HTTP basic authentication."""

    def text(self, name: str, default: str = "") -> str:
        value = self.args.get(name)
        return default if value is None else str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.args.get(name)
        return default if value is None else value in TRUE or value is True

    def number(self, name: str, default: int, error: str = "invalid_arguments") -> int:
        try:
            return int(self.args.get(name) or default)
        except (TypeError, ValueError):
            raise SlackError(error, f"{name} must be a number") from None

    def list(self, name: str) -> list[Any]:
        value = self.args.get(name)
        if value is None or value == "":
            return []
        if not isinstance(value, list):
            raise SlackError(NESTED[name], f"must provide an array [json-pointer:/{name}]")
        return value


Handler = Callable[[World, Call], Json]
ANYONE = ("bot", "user", "app")


@dataclass(frozen=True)
class Method:
    name: str
    handler: Handler
    tier: int = Tier.THREE
    scopes: frozenset[str] = frozenset()
    """Any one of these will do; a method that needs one by the kind of conversation checks itself."""
    required: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ("bot", "user")
    """The kinds of token it takes; none at all: it is called without."""


def method(name: str, handler: Handler, tier: int, *, scopes: str = "", required: str = "", tokens: str = "") -> Method:
    kinds = tuple(tokens.split()) if tokens else ("bot", "user")
    return Method(name, handler, tier, frozenset(scopes.split()), tuple(required.split()), kinds)


def need_scope(call: Call, any_of: frozenset[str]) -> None:
    if not any_of & call.token.scopes:
        needed = ",".join(sorted(any_of))
        raise SlackError("missing_scope", needed=needed, provided=",".join(sorted(call.token.scopes)))


async def read_arguments(request: web.Request) -> tuple[Json, list[str]]:
    """Query, form and JSON merged, and Slack's warnings about the content type."""
    args: Json = dict(request.query)
    warnings: list[str] = []
    if request.method == "GET" or not request.can_read_body:
        return args, warnings
    if request.content_type == "application/json":
        if request.charset is None:
            warnings.append("missing_charset")
        try:
            body = json.loads(await request.text())
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        args |= body
    elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        if request.charset is not None:
            warnings.append("superfluous_charset")
        args |= _strings(await request.post())
    elif await request.read():
        raise SlackError("invalid_post_type")
    return args, warnings


def decode_nested(args: Json) -> None:
    for name, error in NESTED.items():
        value = args.get(name)
        if isinstance(value, str) and value:
            try:
                args[name] = json.loads(value)
            except ValueError:
                raise SlackError(error) from None


def _strings(form: Mapping[str, Any]) -> Json:
    return {name: value for name, value in form.items() if isinstance(value, str)}
