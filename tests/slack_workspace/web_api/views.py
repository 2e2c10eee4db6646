"""``views.*`` and ``blocks.validate``."""

import json

from slack_workspace.blocks import Problem, problems_of_blocks, problems_of_view
from slack_workspace.rates import Tier
from slack_workspace.shapes import view_json
from slack_workspace.web_api.call import Call, method
from slack_workspace.wire import Json, SlackError
from slack_workspace.world import World


def open_(world: World, call: Call) -> Json:
    user = _triggered(world, call)
    return {"view": view_json(world.state, world.surfaces.open(user, _view(call)))}


def push(world: World, call: Call) -> Json:
    user = _triggered(world, call)
    return {"view": view_json(world.state, world.surfaces.push(user, _view(call)))}


def update(world: World, call: Call) -> Json:
    view = world.surfaces.find(call.text("view_id"), call.text("external_id"))
    return {"view": view_json(world.state, world.surfaces.update(view, _view(call), call.text("hash")))}


def publish(world: World, call: Call) -> Json:
    user = call.text("user_id")
    if user not in world.state.users:
        raise SlackError("invalid_arguments", "no such user [json-pointer:/user_id]")
    return {"view": view_json(world.state, world.surfaces.publish(user, _view(call), call.text("hash")))}


def validate(_world: World, call: Call) -> Json:
    """What is wrong with blocks, a message or a view, by JSON pointer (docs: blocks.validate)."""
    given = [name for name in ("blocks", "message", "view") if call.args.get(name)]
    if len(given) != 1:
        raise SlackError("invalid_arguments", "provide exactly one of blocks, view, or message")
    value = call.args[given[0]]
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise SlackError("invalid_arguments", f"must be JSON [json-pointer:/{given[0]}]") from None
    problems = _problems(given[0], value)
    if problems:
        found = [problem.as_json() for problem in problems]
        raise SlackError(f"invalid_{given[0]}", errors=found)
    return {}


def _problems(kind: str, value: object) -> list[Problem]:
    if kind == "view":
        return problems_of_view(value)
    if kind == "blocks":
        return problems_of_blocks(value, pointer="")
    if not isinstance(value, dict):
        return [Problem("", "failed_constraint", "must provide an object")]
    return problems_of_blocks(value.get("blocks", []))


def _triggered(world: World, call: Call) -> str:
    return world.surfaces.exchange(call.text("trigger_id") or call.text("interactivity_pointer"))


def _view(call: Call) -> Json:
    view = call.args["view"]
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", "must provide an object [json-pointer:/view]")
    return view


METHODS = [
    method("views.open", open_, Tier.FOUR, required="view"),
    method("views.push", push, Tier.FOUR, required="view"),
    method("views.update", update, Tier.FOUR, required="view"),
    method("views.publish", publish, Tier.FOUR, required="view user_id"),
    method("blocks.validate", validate, Tier.SPECIAL),
]
