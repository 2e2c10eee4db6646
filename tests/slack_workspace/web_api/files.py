"""``files.*``: the three steps of an upload, and reading a private file."""

from aiohttp import web

from slack_workspace import limits
from slack_workspace.rates import Tier
from slack_workspace.records import Channel, File, Message
from slack_workspace.shapes import file_json
from slack_workspace.web_api.call import Call, method
from slack_workspace.web_api.chat import new_message, replied_to
from slack_workspace.wire import Json, SlackError
from slack_workspace.world import World

SIGN_IN_PAGE = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in to Home</body></html>"


def get_upload_url(world: World, call: Call) -> Json:
    length = call.number("length", 0)
    if length <= 0:
        raise SlackError("missing_argument", "missing required field: length")
    if call.text("snippet_type") and length > limits.SNIPPET_BYTES:
        raise SlackError("snippet_too_large")
    if len(call.text("alt_txt")) > limits.ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    file = File(world.state.new_id("F"), call.text("filename"), call.token.user, declared_length=length)
    file.alt_txt = call.text("alt_txt") or None
    world.state.files[file.id] = file
    return {"upload_url": f"{world.interactions.base_url}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(world: World, call: Call) -> Json:
    files = [_uploaded(world, each) for each in call.list("files")]
    channels = _shared_with(world, call)
    for file in files:
        file.complete = True
    for channel in channels:
        message: Message = new_message(world, call, channel)
        message.text, message.subtype = call.text("initial_comment"), "file_share"
        message.thread_ts = replied_to(world, call, channel)
        message.files = [file.id for file in files]
        for file in files:
            file.channels.append(channel.id)
        world.board.post(message)
    return {"files": [file_json(world.state, file) for file in files]}


def _uploaded(world: World, each: Json) -> File:
    file = world.state.files.get(str(each.get("id")))
    if file is None or file.complete or not file.content:
        raise SlackError("file_not_found")
    file.title = str(each.get("title") or file.name)
    return file


def _shared_with(world: World, call: Call) -> list[Channel]:
    wanted = [channel for channel in (call.text("channel_id") or call.text("channels")).split(",") if channel]
    if len(wanted) > limits.FILE_CHANNELS:
        raise SlackError("channels_limit_exceeded")
    channels = [world.state.channels.get(channel) for channel in wanted]
    found = [channel for channel in channels if channel is not None]
    if len(found) < len(wanted):
        raise SlackError("channel_not_found")
    if any(call.token.user not in channel.members for channel in found):
        raise SlackError("not_in_channel")
    return found


def info(world: World, call: Call) -> Json:
    file = world.state.files.get(call.text("file"))
    if file is None or not file.complete:
        raise SlackError("file_not_found")
    return {"file": file_json(world.state, file), "comments": [], "response_metadata": {"next_cursor": ""}}


async def receive(world: World, request: web.Request) -> web.Response:
    """The bytes of an upload, at the address that ``files.getUploadURLExternal`` answered."""
    file = world.state.files.get(request.match_info["file"])
    content = await request.read()
    if file is None or file.complete or len(content) != file.declared_length:
        return web.Response(status=500, text="upload failed")
    file.content = content
    world.journal.write("state", "upload", file=file.id, length=len(content))
    return web.Response(text=f"OK - {len(content)}")


async def send(world: World, request: web.Request) -> web.StreamResponse:
    """A private file; without a good token, the sign-in page that bots mistake for it."""
    token = world.state.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
    file = world.state.files.get(request.match_info["file"])
    if token is None or token.revoked or "files:read" not in token.scopes:
        return web.Response(text=SIGN_IN_PAGE, content_type="text/html")
    if file is None:
        return web.Response(status=404)
    return web.Response(body=file.content, content_type=file.mimetype)


METHODS = [
    method("files.getUploadURLExternal", get_upload_url, Tier.FOUR, scopes="files:write", required="filename length"),
    method("files.completeUploadExternal", complete_upload, Tier.FOUR, scopes="files:write", required="files"),
    method("files.info", info, Tier.FOUR, scopes="files:read", required="file"),
]
