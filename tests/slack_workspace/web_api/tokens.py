"""``auth.*``, ``apps.connections.open`` and ``oauth.v2.access``."""

from slack_workspace import limits, seed
from slack_workspace.rates import Tier
from slack_workspace.records import Token
from slack_workspace.web_api.call import Call, Method, method
from slack_workspace.wire import Json, SlackError
from slack_workspace.world import World


def test(world: World, call: Call) -> Json:
    team = world.state.teams[call.token.team]
    user = world.state.users[call.token.user]
    body: Json = {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": user.name,
        "team_id": team.id,
        "user_id": user.id,
        "is_enterprise_install": False,
    }
    if call.token.kind == "bot":
        body["bot_id"] = world.state.apps[call.token.app].bot_id
    return body


def revoke(_world: World, call: Call) -> Json:
    if call.flag("test"):
        return {"revoked": False}
    call.token.revoked = True
    return {"revoked": True}


def connections_open(world: World, call: Call) -> Json:
    return {"url": world.sockets.new_url(call.token.app)}


def access(world: World, call: Call) -> Json:
    """A code, or with token rotation a refresh token, for a new bot token. Each is good once."""
    client_id, client_secret = call.basic if call.basic != ("", "") else (call.text("client_id"), "")
    client_secret = client_secret or call.text("client_secret")
    if client_id != seed.CLIENT_ID:
        raise SlackError("invalid_client_id")
    if client_secret != seed.CLIENT_SECRET:
        raise SlackError("bad_client_secret")
    grant = call.text("grant_type", "authorization_code")
    if grant == "refresh_token":
        if world.state.refresh_tokens.pop(call.text("refresh_token"), None) is None:
            raise SlackError("invalid_refresh_token")
    elif grant != "authorization_code":
        raise SlackError("invalid_grant_type")
    elif call.text("code") not in world.state.oauth_codes:
        raise SlackError("invalid_code")
    world.state.oauth_codes.discard(call.text("code"))
    return issue(world)


def issue(world: World) -> Json:
    """A new bot token, as ``oauth.v2.access`` answers it."""
    state, options = world.state, world.options
    rotating = options.token_rotation
    value = f"{'xoxe.' if rotating else ''}xoxb-1-{state.new_id('n')}"
    token = Token(value, "bot", state.team.id, state.app.id, state.app.bot_user, options.scopes)
    state.tokens[value] = token
    body: Json = {
        "access_token": value,
        "token_type": "bot",
        "scope": ",".join(sorted(options.scopes)),
        "bot_user_id": state.app.bot_user,
        "app_id": state.app.id,
        "team": {"id": state.team.id, "name": state.team.name},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": seed.ANNA},
    }
    if rotating:
        token.expires_at = world.clock.now() + limits.ROTATED_TOKEN_SECONDS
        refresh = f"xoxe-1-{state.new_id('x')}"
        state.refresh_tokens[refresh] = value
        body |= {"expires_in": limits.ROTATED_TOKEN_SECONDS, "refresh_token": refresh}
    return body


METHODS = [
    method("auth.test", test, Tier.SPECIAL, tokens="bot user app"),
    method("auth.revoke", revoke, Tier.THREE),
    method("apps.connections.open", connections_open, Tier.THREE, scopes="connections:write", tokens="app"),
    Method("oauth.v2.access", access, Tier.SPECIAL, tokens=()),
]
