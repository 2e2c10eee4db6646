"""What methods have in common: the conversation, message or thread they are about, and who may touch it."""

from slack_workspace.records import Channel, Message
from slack_workspace.web_api.call import Call
from slack_workspace.wire import SlackError
from slack_workspace.world import World


def visible_channel(world: World, call: Call, name: str = "channel") -> Channel:
    """A conversation the token's user may know of: public, or one they are in."""
    channel = world.state.channels.get(call.text(name))
    if channel is None or (channel.kind != "channel" and call.token.user not in channel.members):
        raise SlackError("channel_not_found")
    return channel


def joined_channel(world: World, call: Call, name: str = "channel") -> Channel:
    channel = visible_channel(world, call, name)
    if call.token.user not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def posting_channel(world: World, call: Call) -> Channel:
    """Where ``chat.*`` may post: by id, by name, or a person's id for the DM with them."""
    wanted = call.text("channel").removeprefix("#")
    by_name = (channel for channel in world.state.channels.values() if channel.name and channel.name == wanted)
    channel = world.state.channels.get(wanted) or next(by_name, None)
    if channel is None and wanted in world.state.users and wanted != call.token.user:
        channel = world.state.direct_message(wanted)
    if channel is None or (channel.kind != "channel" and call.token.user not in channel.members):
        raise SlackError("channel_not_found")
    public = channel.kind == "channel" and "chat:write.public" in call.token.scopes
    if call.token.user not in channel.members and not public:
        raise SlackError("not_in_channel")
    if channel.archived:
        raise SlackError("is_archived")
    if channel.kind == "im" and not world.options.messages_tab:
        raise SlackError("messages_tab_disabled")
    return channel


def existing_message(world: World, call: Call, channel: Channel, name: str = "ts") -> Message:
    message = world.state.message(channel.id, call.text(name))
    if message is None:
        raise SlackError("message_not_found")
    return message


def thread_root(world: World, channel: Channel, thread_ts: str) -> Message | None:
    """The root of the thread that ``thread_ts`` leads to; to give a reply's ``ts`` is noted as an anomaly."""
    message = world.state.message(channel.id, thread_ts)
    if message is None:
        orphans = world.state.thread(channel.id, thread_ts)  # the root was deleted, its replies stay
        return orphans[0] if orphans else None
    if message.thread_ts not in (None, message.ts):
        world.journal.write("anomaly", "thread_ts_of_a_reply", channel=channel.id, thread_ts=thread_ts)
        return world.state.message(channel.id, str(message.thread_ts))
    return message
