"""``chat.postMessage``, ``update``, ``delete``, ``postEphemeral`` and ``getPermalink``."""

import json

from slack_workspace import limits
from slack_workspace.blocks import check_blocks
from slack_workspace.rates import Tier
from slack_workspace.records import Channel, Message
from slack_workspace.shapes import message_json
from slack_workspace.web_api.call import Call, method
from slack_workspace.web_api.places import existing_message, posting_channel, thread_root, visible_channel
from slack_workspace.wire import Json, SlackError
from slack_workspace.world import World


def post_message(world: World, call: Call) -> Json:
    channel = posting_channel(world, call)
    message = new_message(world, call, channel)
    fill(world, call, message)
    message.thread_ts = replied_to(world, call, channel)
    message.broadcast = call.flag("reply_broadcast") and message.thread_ts is not None
    if message.broadcast:
        message.subtype = "thread_broadcast"
    if world.options.strict_rates:
        world.rates.check_post(call.token.app, channel.id)
    world.board.post(message)
    return {"channel": channel.id, "ts": message.ts, "message": message_json(world.state, message)}


def update(world: World, call: Call) -> Json:
    channel = visible_channel(world, call)
    message = existing_message(world, call, channel)
    if message.app != call.token.app:
        raise SlackError("cant_update_message")
    if message.streaming:
        raise SlackError("streaming_state_conflict")
    previous = world.board.snapshot(message)
    kept, had_metadata = list(message.blocks), message.metadata
    draft = new_message(world, call, channel)
    fill(world, call, draft, longest=limits.TEXT_UPDATE)
    message.text, message.attachments = draft.text, draft.attachments
    message.markdown, message.stream = draft.markdown, None
    message.blocks = draft.blocks if draft.blocks or call.text("text") or draft.markdown else kept
    message.metadata = draft.metadata if "metadata" in call.args else had_metadata
    if not draft.blocks:
        message.edited_by, message.edited_ts = call.token.user, f"{world.clock.now():.6f}"
    world.board.changed(message, previous)
    shown = message_json(world.state, message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def delete(world: World, call: Call) -> Json:
    channel = visible_channel(world, call)
    message = existing_message(world, call, channel)
    if message.app != call.token.app:
        raise SlackError("cant_delete_message")
    world.board.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(world: World, call: Call) -> Json:
    channel = posting_channel(world, call)
    if call.text("user") not in channel.members:
        raise SlackError("user_not_in_channel")
    message = new_message(world, call, channel)
    fill(world, call, message)
    message.ephemeral_for = call.text("user")
    message.thread_ts = replied_to(world, call, channel)
    world.board.whisper(message)
    return {"message_ts": message.ts}


def get_permalink(world: World, call: Call) -> Json:
    channel = visible_channel(world, call)
    message = existing_message(world, call, channel, "message_ts")
    link = f"https://{world.state.team.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def new_message(world: World, call: Call, channel: Channel) -> Message:
    """An empty message by the calling app."""
    app = world.state.apps[call.token.app]
    message = Message(channel.id, world.state.new_ts(), call.token.user, team=call.token.team, app=app.id)
    message.bot_id = app.bot_id
    if call.text("username") or call.text("icon_emoji") or call.text("icon_url"):
        if "chat:write.customize" not in call.token.scopes:
            needed = {"needed": "chat:write.customize", "provided": ",".join(sorted(call.token.scopes))}
            raise SlackError("missing_scope", **needed)
        message.username = call.text("username") or None
        message.icon = call.text("icon_emoji") or call.text("icon_url") or None
        message.subtype = "bot_message"
    return message


def fill(world: World, call: Call, message: Message, longest: int | None = None) -> None:
    """Text, blocks, attachments and metadata of the call, checked; ``longest`` bounds the text in characters."""
    text, markdown = call.text("text"), call.text("markdown_text")
    blocks, attachments = call.list("blocks"), call.list("attachments")
    if markdown and (text or blocks):
        raise SlackError("markdown_text_conflict")
    if len(markdown) > limits.MARKDOWN_TEXT:
        raise SlackError("msg_too_long")
    if not (text or markdown or blocks or attachments):
        raise SlackError("no_text")
    bound = longest or (limits.TEXT_POST if world.options.strict_text else None)
    if bound is not None and len(text) > bound:
        raise SlackError("msg_too_long")
    if len(text) > limits.TEXT_CUT:
        text = text[: limits.TEXT_CUT]
        call.warnings.append("message_truncated")
    if len(attachments) > limits.ATTACHMENTS:
        raise SlackError("too_many_attachments")
    check_blocks(blocks)
    message.text, message.markdown = markdown or text, bool(markdown)
    message.blocks, message.attachments = blocks, attachments
    message.metadata = metadata_of(call)
    if "unfurl_links" in call.args:
        message.unfurl_links = call.flag("unfurl_links")
    if "unfurl_media" in call.args:
        message.unfurl_media = call.flag("unfurl_media")


def metadata_of(call: Call) -> Json | None:
    metadata = call.args.get("metadata")
    if not metadata:
        return None
    well_formed = isinstance(metadata, dict) and isinstance(metadata.get("event_type"), str)
    if not well_formed or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata["event_payload"]).encode()) > limits.METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return dict(metadata)


def replied_to(world: World, call: Call, channel: Channel) -> str | None:
    """The root of the thread to post in, None for the channel itself."""
    thread_ts = call.text("thread_ts")
    if not thread_ts:
        return None
    root = thread_root(world, channel, thread_ts)
    if root is not None:
        return root.root_ts
    if world.options.orphan_replies == "refuse":
        raise SlackError("cannot_reply_to_message")
    return None


METHODS = [
    method("chat.postMessage", post_message, Tier.SPECIAL, scopes="chat:write", required="channel"),
    method("chat.update", update, Tier.THREE, scopes="chat:write", required="channel ts"),
    method("chat.delete", delete, Tier.THREE, scopes="chat:write", required="channel ts"),
    method("chat.postEphemeral", post_ephemeral, Tier.FOUR, scopes="chat:write", required="channel user"),
    method("chat.getPermalink", get_permalink, Tier.SPECIAL, required="channel message_ts"),
]
