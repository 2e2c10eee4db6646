"""``users.*``, ``bots.info``, ``team.info`` and ``reactions.*``."""

import re

from slack_workspace.rates import Tier
from slack_workspace.records import Channel, Message
from slack_workspace.shapes import user_json
from slack_workspace.web_api.call import Call, method
from slack_workspace.web_api.places import joined_channel
from slack_workspace.wire import Json, SlackError
from slack_workspace.world import World

EMOJI = re.compile(r"[a-z0-9_+'-]+(?:::skin-tone-[2-6])?")


def users_info(world: World, call: Call) -> Json:
    user = world.state.users.get(call.text("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": user_json(world.state, user)}


def users_list(world: World, call: Call) -> Json:
    users = [user_json(world.state, user) for user in world.state.users.values() if user.team == call.token.team]
    return {"members": users, "cache_ts": int(world.clock.now()), "response_metadata": {"next_cursor": ""}}


def bots_info(world: World, call: Call) -> Json:
    for app in world.state.apps.values():
        if app.bot_id == call.text("bot"):
            bot = {"id": app.bot_id, "deleted": False, "name": app.name, "app_id": app.id, "user_id": app.bot_user}
            return {"bot": {**bot, "updated": 1_600_000_000, "icons": {}}}
    raise SlackError("bot_not_found")


def team_info(world: World, call: Call) -> Json:
    team = world.state.teams.get(call.text("team") or call.token.team)
    if team is None:
        raise SlackError("team_not_found")
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "icon": {}}}


def reactions_add(world: World, call: Call) -> Json:
    message, name = _reactable(world, call)
    if not world.board.react(message, call.token.user, name):
        raise SlackError("already_reacted")
    return {}


def reactions_remove(world: World, call: Call) -> Json:
    message, name = _reactable(world, call)
    if not world.board.unreact(message, call.token.user, name):
        raise SlackError("no_reaction")
    return {}


def _reactable(world: World, call: Call) -> tuple[Message, str]:
    name = call.text("name").strip(":")
    if not EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    if not call.text("channel") or not call.text("timestamp"):
        raise SlackError("no_item_specified")
    channel = _channel(world, call)
    if not re.fullmatch(r"\d+\.\d+", call.text("timestamp")):
        raise SlackError("bad_timestamp")
    message = world.state.message(channel.id, call.text("timestamp"))
    if message is None:
        raise SlackError("message_not_found")
    return message, name


def _channel(world: World, call: Call) -> Channel:
    try:
        return joined_channel(world, call)
    except SlackError:
        raise SlackError("channel_not_found") from None


METHODS = [
    method("users.info", users_info, Tier.FOUR, scopes="users:read", required="user"),
    method("users.list", users_list, Tier.TWO, scopes="users:read"),
    method("bots.info", bots_info, Tier.THREE, scopes="users:read", required="bot"),
    method("team.info", team_info, Tier.THREE, scopes="team:read"),
    method("reactions.add", reactions_add, Tier.THREE, scopes="reactions:write", required="name"),
    method("reactions.remove", reactions_remove, Tier.TWO, scopes="reactions:write", required="name"),
]
