"""``chat.startStream``, ``appendStream`` and ``stopStream``."""

from slack_workspace import limits
from slack_workspace.blocks import check_blocks
from slack_workspace.rates import Tier
from slack_workspace.records import Channel, Message
from slack_workspace.shapes import message_json
from slack_workspace.web_api.agents import check_session_status
from slack_workspace.web_api.call import Call, method
from slack_workspace.web_api.chat import metadata_of, new_message
from slack_workspace.web_api.places import existing_message, joined_channel, posting_channel, thread_root
from slack_workspace.wire import Json, SlackError
from slack_workspace.world import World

DISPLAY_MODES = ("timeline", "plan", "dense")


def start_stream(world: World, call: Call) -> Json:
    channel = posting_channel(world, call)
    _check_recipient(world, call, channel)
    display_mode = call.text("task_display_mode", "timeline")
    if display_mode not in DISPLAY_MODES:
        raise SlackError("invalid_arguments", "must be a valid enum value [json-pointer:/task_display_mode]")
    message = new_message(world, call, channel)
    message.markdown = True
    if thread_ts := call.text("thread_ts"):
        root = thread_root(world, channel, thread_ts)
        if root is None:
            raise SlackError("invalid_arguments", "no such thread [json-pointer:/thread_ts]")
        message.thread_ts = root.root_ts
    elif channel.kind == "im":
        raise SlackError("invalid_arguments", "missing required field: thread_ts")
    world.streams.start(message, _chunks(call), display_mode)
    return {"channel": channel.id, "ts": message.ts}


def append_stream(world: World, call: Call) -> Json:
    message = _own_message(world, call)
    world.streams.append(message, _chunks(call))
    return {"channel": message.channel, "ts": message.ts}


def stop_stream(world: World, call: Call) -> Json:
    message = _own_message(world, call)
    blocks, metadata = call.list("blocks"), metadata_of(call)
    check_blocks(blocks, too_many="msg_blocks_too_many")
    session_status = call.text("session_status")
    if session_status:
        check_session_status(session_status)
    world.streams.stop(message, _chunks(call), blocks)
    message.metadata = metadata or message.metadata
    if session_status:
        world.threads.set_session((message.channel, message.root_ts), session_status)
    return {"channel": message.channel, "ts": message.ts, "message": message_json(world.state, message)}


def _check_recipient(world: World, call: Call, channel: Channel) -> None:
    """A stream in a channel is for one person, who must belong to the team that is named with them."""
    team_id, user_id = call.text("recipient_team_id"), call.text("recipient_user_id")
    if channel.kind != "im":
        if not team_id:
            raise SlackError("missing_recipient_team_id")
        if not user_id:
            raise SlackError("missing_recipient_user_id")
    if team_id and team_id not in world.state.teams:
        raise SlackError("team_not_found")
    if user_id:
        user = world.state.users.get(user_id)
        if user is None or (team_id and user.team != team_id):
            raise SlackError("user_not_found")


def _own_message(world: World, call: Call) -> Message:
    channel = joined_channel(world, call)
    message = existing_message(world, call, channel)
    if message.app != call.token.app:
        raise SlackError("message_not_owned_by_app")
    return message


def _chunks(call: Call) -> list[Json]:
    """All that the call streams, as chunks; ``markdown_text`` comes first."""
    text = call.text("markdown_text")
    if len(text) > limits.MARKDOWN_TEXT:
        raise SlackError("msg_too_long")
    return [*([{"type": "markdown_text", "text": text}] if text else []), *call.list("chunks")]


METHODS = [
    method("chat.startStream", start_stream, Tier.TWO, scopes="chat:write", required="channel", tokens="bot"),
    method("chat.appendStream", append_stream, Tier.FOUR, scopes="chat:write", required="channel ts", tokens="bot"),
    method("chat.stopStream", stop_stream, Tier.TWO, scopes="chat:write", required="channel ts", tokens="bot"),
]
