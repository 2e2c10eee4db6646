"""How Slack writes its things as JSON."""

import re

from slack_workspace.records import Channel, File, Message, User, View
from slack_workspace.state import State
from slack_workspace.wire import Json

MENTION = re.compile(r"<@(U\w+)(?:\|[^>]*)?>")
LINK = re.compile(r"<(https?://[^>|]+)(?:\|([^>]*))?>")


def rich_text(text: str) -> list[Json]:
    """The ``rich_text`` block that Slack makes of what a person typed: text, mentions and links."""
    elements: list[Json] = []
    position = 0
    for found in sorted([*MENTION.finditer(text), *LINK.finditer(text)], key=lambda match: match.start()):
        if found.start() > position:
            elements.append({"type": "text", "text": text[position : found.start()]})
        if found.re is MENTION:
            elements.append({"type": "user", "user_id": found[1]})
        else:
            elements.append({"type": "link", "url": found[1], **({"text": found[2]} if found[2] else {})})
        position = found.end()
    if position < len(text):
        elements.append({"type": "text", "text": text[position:]})
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}]


def message_json(state: State, message: Message) -> Json:
    """A message as ``conversations.replies``, ``chat.postMessage`` and message events show it."""
    body: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    if message.team:
        body["team"] = message.team
    optional: Json = {
        "subtype": message.subtype,
        "client_msg_id": message.client_msg_id,
        "bot_id": message.bot_id,
        "app_id": message.app,
        "username": message.username,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "metadata": message.metadata,
        "thread_ts": message.thread_ts,
    }
    body |= {key: value for key, value in optional.items() if value}
    if message.app and message.app in state.apps:
        app = state.apps[message.app]
        body["bot_profile"] = {"id": app.bot_id, "app_id": app.id, "name": app.name, "team_id": message.team}
    if message.edited_ts:
        body["edited"] = {"user": message.edited_by, "ts": message.edited_ts}
    if message.files:
        body["files"] = [file_json(state, state.files[file]) for file in message.files]
    if message.reactions:
        body["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ]
    replies = state.replies(message)
    if replies and message.thread_ts in (None, message.ts):
        people = list(dict.fromkeys(reply.user for reply in replies))
        body |= {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users": people,
            "reply_users_count": len(people),
            "latest_reply": replies[-1].ts,
            "is_locked": False,
            "subscribed": any(state.own(each) for each in [message, *replies]),
        }
    elif message.thread_ts:
        root = state.message(message.channel, message.thread_ts)
        if root is not None:
            body["parent_user_id"] = root.user
    return body


def channel_json(state: State, channel: Channel) -> Json:
    body: Json = {
        "id": channel.id,
        "created": 1_600_000_000,
        "is_archived": channel.archived,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "channel",
        "context_team_id": state.team.id,
        "is_ext_shared": channel.shared,
        "is_shared": channel.shared,
        "is_org_shared": False,
    }
    if channel.kind == "im":
        other = sorted(channel.members - {state.app.bot_user})
        return {**body, "user": other[0] if other else state.app.bot_user, "is_open": True}
    team_ids = [channel.team, *channel.connected_teams]
    return {
        **body,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_member": state.app_in(channel),
        "is_general": channel.name == "general",
        "creator": "U0ANNA",
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "shared_team_ids": team_ids,
        **({"connected_team_ids": list(channel.connected_teams)} if channel.shared else {}),
    }


def user_json(state: State, user: User) -> Json:
    """A user; of somebody in another team only what Slack Connect shows."""
    profile: Json = {"real_name": user.real_name, "display_name": user.name, "team": user.team}
    body: Json = {"id": user.id, "team_id": user.team, "name": user.name, "deleted": user.deleted, "profile": profile}
    if user.team != state.team.id:
        return {**body, "is_stranger": True, "is_bot": bool(user.app)}
    if user.app:
        profile |= {"api_app_id": user.app, "bot_id": state.apps[user.app].bot_id}
    return {
        **body,
        "real_name": user.real_name,
        "tz": "Europe/Amsterdam",
        "tz_label": "Central European Time",
        "tz_offset": 3600,
        "is_admin": False,
        "is_owner": False,
        "is_restricted": user.guest != "",
        "is_ultra_restricted": user.guest == "ultra_restricted",
        "is_bot": bool(user.app),
        "is_app_user": False,
        "updated": 1_600_000_000,
    }


def file_json(state: State, file: File) -> Json:
    private = f"{state.files_url}/{file.id}/{file.name}"
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2] or "text",
        "size": len(file.content),
        "user": file.user,
        "mode": "hosted",
        "is_external": False,
        "file_access": "visible",
        "url_private": private,
        "url_private_download": f"{private}?download=1",
        "channels": file.channels,
        **({"alt_txt": file.alt_txt} if file.alt_txt else {}),
    }


def view_json(state: State, view: View, values: Json | None = None) -> Json:
    """A view as ``views.*`` answers and interactions show it; ``values`` is what a person entered."""
    return {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "close": None,
        "submit": None,
        "clear_on_close": False,
        "notify_on_close": False,
        **view.body,
        "id": view.id,
        "team_id": state.team.id,
        "app_id": view.app,
        "app_installed_team_id": state.team.id,
        "bot_id": state.app.bot_id,
        "hash": view.hash,
        "root_view_id": view.root,
        "previous_view_id": view.previous,
        "state": {"values": values or {}},
    }
