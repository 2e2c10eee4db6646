"""The fake says no in words that Slack documents for the method, or that were seen on it."""

import ast
from pathlib import Path

import pytest
import slack_workspace
from slack_sdk.errors import SlackApiError
from slack_workspace import Workspace
from slack_workspace.options import SCOPES
from slack_workspace.web_api.methods import METHODS
from slack_workspace.wire import Json

from slack_workspace_tests.conftest import client_of
from slack_workspace_tests.documented import COMMON, DOCUMENTED, OBSERVED

PACKAGE = Path(slack_workspace.__file__).parent
G = "C0GENERAL"
TS = "1800000000.000001"
"""The second message of a workspace in which two were written."""
HOME: Json = {"type": "home", "blocks": []}
MODAL: Json = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []}
TO_ANNA = {"recipient_team_id": "T0HOME", "recipient_user_id": "U0ANNA"}
BAD_BLOCK: Json = {"type": "poll"}

REQUESTS: dict[str, list[tuple[Json, str]]] = {
    "chat.postMessage": [
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0RANDOM", "text": "x"}, "not_in_channel"),
        ({"channel": "C0ARCHIVE", "text": "x"}, "is_archived"),
        ({"channel": G}, "no_text"),
        ({"channel": G, "text": "x" * 4_001}, "msg_too_long"),
        ({"channel": G, "text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"channel": G, "text": "x", "thread_ts": "1.2"}, "cannot_reply_to_message"),
        ({"channel": G, "text": "x", "blocks": [BAD_BLOCK]}, "invalid_blocks"),
        ({"channel": G, "text": "x", "blocks": "{"}, "invalid_blocks_format"),
        ({"channel": G, "blocks": [{"type": "markdown", "text": "x" * 7_000}] * 2}, "msg_blocks_too_long"),
        ({"channel": G, "text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"channel": G, "text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
        ({"text": "x"}, "invalid_arguments"),
    ],
    "chat.update": [
        ({"channel": G, "ts": "1.2", "text": "x"}, "message_not_found"),
        ({"channel": G, "ts": TS, "text": "x"}, "cant_update_message"),
        ({"channel": "C0NOWHERE", "ts": TS, "text": "x"}, "channel_not_found"),
    ],
    "chat.delete": [
        ({"channel": G, "ts": "1.2"}, "message_not_found"),
        ({"channel": G, "ts": TS}, "cant_delete_message"),
    ],
    "chat.postEphemeral": [
        ({"channel": G, "user": "U0ERIN", "text": "x"}, "user_not_in_channel"),
        ({"channel": G, "user": "U0ANNA", "text": "x" * 4_001}, "msg_too_long"),
    ],
    "chat.getPermalink": [({"channel": G, "message_ts": "1.2"}, "message_not_found")],
    "chat.startStream": [
        ({"channel": G, "thread_ts": TS}, "missing_recipient_team_id"),
        ({"channel": G, "thread_ts": TS, "recipient_team_id": "T0HOME"}, "missing_recipient_user_id"),
        ({"channel": G, "thread_ts": TS, **TO_ANNA, "recipient_user_id": "U0ERIN"}, "user_not_found"),
        ({"channel": G, "thread_ts": TS, **TO_ANNA, "recipient_team_id": "T0NONE"}, "team_not_found"),
        ({"channel": G, "thread_ts": TS, **TO_ANNA, "chunks": [{"type": "song"}]}, "invalid_chunks"),
        ({"channel": G, "thread_ts": TS, **TO_ANNA, "markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"channel": G, "thread_ts": "1.2", **TO_ANNA}, "invalid_arguments"),
    ],
    "chat.appendStream": [
        ({"channel": G, "ts": "1.2", "markdown_text": "x"}, "message_not_found"),
        ({"channel": G, "ts": TS, "markdown_text": "x"}, "message_not_owned_by_app"),
    ],
    "chat.stopStream": [
        ({"channel": G, "ts": "1.2"}, "message_not_found"),
        ({"channel": G, "ts": TS}, "message_not_owned_by_app"),
    ],
    "reactions.add": [
        ({"channel": G, "timestamp": "1.2", "name": "eyes"}, "message_not_found"),
        ({"channel": G, "timestamp": "soon", "name": "eyes"}, "bad_timestamp"),
        ({"name": "eyes"}, "no_item_specified"),
        ({"channel": G, "timestamp": TS, "name": "?"}, "invalid_name"),
        ({"channel": "C0RANDOM", "timestamp": TS, "name": "eyes"}, "channel_not_found"),
    ],
    "reactions.remove": [({"channel": G, "timestamp": TS, "name": "eyes"}, "no_reaction")],
    "assistant.threads.setStatus": [
        ({"channel_id": G, "thread_ts": "1.2", "status": "x"}, "invalid_thread_ts"),
        ({"channel_id": "C0NOWHERE", "thread_ts": TS, "status": "x"}, "channel_not_found"),
    ],
    "assistant.threads.setTitle": [({"channel_id": G, "thread_ts": "1.2", "title": "x"}, "invalid_thread_ts")],
    "assistant.threads.setSuggestedPrompts": [
        ({"channel_id": "C0NOWHERE", "prompts": [{"title": "x", "message": "y"}]}, "channel_not_found"),
        ({"channel_id": G, "prompts": [{"title": "x"}]}, "invalid_arguments"),
    ],
    "agents.sessions.setStatus": [
        ({"channel_id": G, "thread_ts": TS, "status": "busy"}, "invalid_arguments"),
        ({"channel_id": G, "thread_ts": "1.2", "status": "active"}, "invalid_thread_ts"),
        (
            {"channel_id": G, "thread_ts": TS, "status": "active", "initiator_user_id": "U0ERIN"},
            "user_not_found",
        ),
    ],
    "agents.sessions.rename": [({"channel_id": G, "thread_ts": TS, "title": "x"}, "not_authorized")],
    "conversations.replies": [
        ({"channel": G, "ts": "1.2"}, "thread_not_found"),
        ({"channel": G, "ts": TS, "cursor": "?"}, "invalid_cursor"),
        ({"channel": "C0RANDOM", "ts": TS}, "not_in_channel"),
    ],
    "conversations.history": [
        ({"channel": "G0SECRET"}, "channel_not_found"),
        ({"channel": G, "oldest": "yesterday"}, "invalid_ts_oldest"),
    ],
    "conversations.info": [({"channel": "C0NOWHERE"}, "channel_not_found")],
    "conversations.members": [({"channel": G, "limit": "5000"}, "invalid_limit")],
    "conversations.open": [
        ({}, "users_list_not_supplied"),
        ({"users": "U0NOBODY"}, "user_not_found"),
        ({"users": ",".join(["U0ANNA"] * 9)}, "too_many_users"),
        ({"channel": G}, "method_not_supported_for_channel_type"),
    ],
    "users.info": [({"user": "U0NOBODY"}, "user_not_found")],
    "bots.info": [({"bot": "B0NOBODY"}, "bot_not_found")],
    "team.info": [({"team": "T0NONE"}, "team_not_found")],
    "views.open": [({"trigger_id": "1.2.3", "view": MODAL}, "invalid_trigger_id")],
    "views.push": [({"trigger_id": "1.2.3", "view": MODAL}, "invalid_trigger_id")],
    "views.update": [({"view_id": "V0NONE", "view": MODAL}, "not_found")],
    "views.publish": [({"user_id": "U0ANNA", "view": HOME, "hash": "old"}, "hash_conflict")],
    "blocks.validate": [
        ({"blocks": [BAD_BLOCK]}, "invalid_blocks"),
        ({"message": {"blocks": [BAD_BLOCK]}}, "invalid_message"),
        ({"view": BAD_BLOCK}, "invalid_view"),
    ],
    "files.getUploadURLExternal": [({"filename": "a", "length": -1}, "missing_argument")],
    "files.completeUploadExternal": [({"files": [{"id": "F0NONE"}]}, "file_not_found")],
    "files.info": [({"file": "F0NONE"}, "file_not_found")],
    "oauth.v2.access": [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"client_id": "111111111111.222222222222", "client_secret": "x"}, "bad_client_secret"),
    ],
    "apps.connections.open": [({}, "not_allowed_token_type")],
}


def test_every_method_of_the_fake_has_its_documented_errors() -> None:
    assert DOCUMENTED.keys() == METHODS.keys()


@pytest.mark.parametrize("method", REQUESTS)
async def test_refusals_carry_documented_names(method: str) -> None:
    known = COMMON | DOCUMENTED[method] | OBSERVED.get(method, {}).keys()
    async with Workspace(scopes=SCOPES | {"files:write", "channels:read", "team:read"}) as slack:
        await slack.control.say("U0ANNA", G, "somebody else's message")
        await slack.control.say("U0ANNA", G, "and another")
        for arguments, expected in REQUESTS[method]:
            with pytest.raises(SlackApiError) as caught:
                await client_of(slack).api_call(method, json=arguments)
            assert caught.value.response["error"] == expected
            assert expected in known, f"{method} is not known to answer {expected}"


def test_the_fake_has_no_error_name_of_its_own() -> None:
    known = COMMON.union(*DOCUMENTED.values(), *(names.keys() for names in OBSERVED.values()))
    used = {
        str(node.args[0].value)
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "SlackError"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(used) > 50
    assert used <= known
