"""``conversations.*``: history and replies with cursors, information, members, opening DMs."""

import base64

from slack_workspace import limits
from slack_workspace.rates import Tier
from slack_workspace.records import Channel, ChannelKind, Message
from slack_workspace.shapes import channel_json, message_json
from slack_workspace.web_api.call import Call, method, need_scope
from slack_workspace.web_api.places import joined_channel, visible_channel
from slack_workspace.wire import Json, SlackError
from slack_workspace.world import World

PREFIXES = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
REPLIES_PAGE, HISTORY_PAGE = 1_000, 999
MPIM_MEMBERS = 8


def replies(world: World, call: Call) -> Json:
    """The thread, root first. The ``ts`` of a reply gives that one message."""
    channel = _readable(world, call)
    limit = _page_size(world, call, default=REPLIES_PAGE, most=REPLIES_PAGE)
    message = world.state.message(channel.id, call.text("ts"))
    messages = world.state.thread(channel.id, call.text("ts"))
    if message is not None and message not in messages:
        messages = [message]
    if not messages:
        raise SlackError("thread_not_found")
    root, rest = messages[:1], _between(messages[1:], call)
    return _page(world, call, [*root, *rest], limit)


def history(world: World, call: Call) -> Json:
    """The channel itself, newest first."""
    channel = _readable(world, call)
    limit = _page_size(world, call, default=100, most=HISTORY_PAGE)
    messages = _between(world.state.top_level(channel.id), call)
    return {**_page(world, call, messages[::-1], limit), "pin_count": 0}


def info(world: World, call: Call) -> Json:
    channel = visible_channel(world, call)
    _need(call, channel, "read")
    body = channel_json(world.state, channel)
    if call.flag("include_num_members"):
        body["num_members"] = len(channel.members)
    return {"channel": body}


def members(world: World, call: Call) -> Json:
    channel = visible_channel(world, call)
    _need(call, channel, "read")
    people = sorted(channel.members)
    start, limit = _cursor(call), call.number("limit", 100, "invalid_limit")
    if not 1 <= limit <= REPLIES_PAGE:
        raise SlackError("invalid_limit")
    more = start + limit < len(people)
    cursor = _next_cursor(start + limit) if more else ""
    return {"members": people[start : start + limit], "response_metadata": {"next_cursor": cursor}}


def open_(world: World, call: Call) -> Json:
    """Open or resume a DM, with several people a group DM."""
    if call.text("channel"):
        channel = visible_channel(world, call)
        if channel.kind not in ("im", "mpim"):
            raise SlackError("method_not_supported_for_channel_type")
        return {"channel": {"id": channel.id}}
    people = [user for user in call.text("users").split(",") if user]
    if not people:
        raise SlackError("users_list_not_supplied")
    if len(people) > MPIM_MEMBERS:
        raise SlackError("too_many_users")
    if any(user not in world.state.users for user in people):
        raise SlackError("user_not_found")
    need_scope(call, frozenset({"im:write" if len(people) == 1 else "mpim:write"}))
    everyone = {*people, call.token.user}
    known = [channel for channel in world.state.channels.values() if channel.kind in ("im", "mpim")]
    same = next((channel for channel in known if channel.members == everyone), None)
    if same is None:
        if call.flag("prevent_creation"):
            raise SlackError("channel_not_found")
        kind: ChannelKind = "im" if len(people) == 1 else "mpim"
        name = "" if kind == "im" else f"mpdm-{'--'.join(sorted(people)).lower()}-1"
        new = Channel(world.state.new_id("D" if kind == "im" else "G"), name, kind, call.token.team, everyone)
        return {"channel": _opened(world, call, world.state.add_channel(new))}
    return {"no_op": True, "already_open": True, "channel": _opened(world, call, same)}


def _opened(world: World, call: Call, channel: Channel) -> Json:
    return channel_json(world.state, channel) if call.flag("return_im") else {"id": channel.id}


def _readable(world: World, call: Call) -> Channel:
    channel = joined_channel(world, call)
    _need(call, channel, "history")
    return channel


def _need(call: Call, channel: Channel, what: str) -> None:
    need_scope(call, frozenset({f"{PREFIXES[channel.kind]}:{what}"}))


def _page_size(world: World, call: Call, *, default: int, most: int) -> int:
    if world.options.non_marketplace:
        world.rates.once_a_minute(call.method, call.token.app)
        default = most = limits.PAGE_NON_MARKETPLACE
    limit = call.number("limit", default)
    if limit < 1 or (limit > most and not world.options.non_marketplace):
        raise SlackError("invalid_arguments", f"limit must be between 1 and {most}")
    return min(limit, most)


def _between(messages: list[Message], call: Call) -> list[Message]:
    oldest, latest = _time(call, "oldest", 0.0), _time(call, "latest", float("inf"))
    if call.flag("inclusive"):
        return [message for message in messages if oldest <= float(message.ts) <= latest]
    return [message for message in messages if oldest < float(message.ts) < latest]


def _time(call: Call, name: str, default: float) -> float:
    try:
        return float(call.args.get(name) or default)
    except (TypeError, ValueError):
        raise SlackError(f"invalid_ts_{name}") from None


def _page(world: World, call: Call, messages: list[Message], limit: int) -> Json:
    start = _cursor(call)
    more = start + limit < len(messages)
    shown = [message_json(world.state, message) for message in messages[start : start + limit]]
    page: Json = {"messages": shown, "has_more": more}
    if more:
        page["response_metadata"] = {"next_cursor": _next_cursor(start + limit)}
    return page


def _cursor(call: Call) -> int:
    cursor = call.text("cursor")
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except ValueError:
        raise SlackError("invalid_cursor") from None


def _next_cursor(start: int) -> str:
    return base64.b64encode(f"next:{start}".encode()).decode()


METHODS = [
    method("conversations.replies", replies, Tier.THREE, required="channel ts"),
    method("conversations.history", history, Tier.THREE, required="channel"),
    method("conversations.info", info, Tier.THREE, required="channel"),
    method("conversations.members", members, Tier.FOUR, required="channel"),
    method("conversations.open", open_, Tier.THREE),
]
