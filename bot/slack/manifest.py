"""The manifest of the Slack app: what it may do, what it hears, what people find in the menus.

Lengths are those of Slack's schema (slackapi/manifest-schema): name 35, description 140, agent description 300,
shortcut name 24, command 32, at most 4 suggested prompts.
"""

from bot.slack import names
from bot.slack.message import Json

EVENTS_PATH = "/slack/events"

SCOPES = {
    "app_mentions:read": "to hear when it is mentioned",
    "assistant:write": "to suggest questions and to show that it is thinking",
    "channels:history": "to hear follow-up questions in public channels",
    "chat:write": "to answer",
    "commands": f"for {names.COMMAND} and the message shortcut",
    "groups:history": "to hear follow-up questions in private channels",
    "im:history": "to hear direct messages",
    "mpim:history": "to hear follow-up questions in group messages",
    "users:read": "to name the people who ask, without notifying them",
}
"""Each scope of the bot token and what it is for."""

EVENTS = (
    "agent_session_stopped",
    "app_context_changed",
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "tokens_revoked",
)


def app_manifest(url: str | None = None) -> Json:
    """For Socket Mode, or with the public `url` of the bot for the Events API over HTTP."""
    address = {} if url is None else {"request_url": url.rstrip("/").removesuffix(EVENTS_PATH) + EVENTS_PATH}
    command = {
        "command": names.COMMAND,
        "description": "Ask the documents a question; only you see the answer",
        "usage_hint": "[question]",
        "should_escape": True,
        **({"url": address["request_url"]} if address else {}),
    }
    shortcut = {
        "name": "Answer this",
        "type": "message",
        "callback_id": names.ANSWER_MESSAGE,
        "description": "Answer this message from the documents",
    }
    return {
        "display_information": {
            "name": "citebot",
            "description": "Answers questions from your documents, with the quotes it stands on.",
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "citebot", "always_online": True},
            "agent_view": {
                "agent_description": "Ask a question in plain words. I answer from your documents, show the words that "
                "each sentence stands on, and say so when the documents do not hold the answer."
            },
            "shortcuts": [shortcut],
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS), **address},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not address,
            "token_rotation_enabled": False,
        },
    }
