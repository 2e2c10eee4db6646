"""Do the secrets that Slack gave open what they should? For `citebot doctor`, and before the bot starts.

Bolt would find out later: with a bad app-level token it tries to connect for ever without a word.
"""

import logging
from collections.abc import Iterable
from typing import Any

from bot.errors import SetupProblem
from bot.render import counted
from bot.slack.manifest import SCOPES

_TIMEOUT = 10
_SERVER_ERROR = 500
_TOKENS = {
    "bot": ("SLACK_BOT_TOKEN", "xoxb-", 'copy the bot token from "OAuth & Permissions"'),
    "app": ("SLACK_APP_TOKEN", "xapp-", 'make an app-level token with connections:write under "Basic Information"'),
}


def check_bot_token(token: str, api_url: str, needed: Iterable[str] = SCOPES) -> str:
    """Who the token speaks for, as a sentence.

    Raises:
        SetupProblem: Slack refuses it, cannot be reached, or did not grant all `needed` scopes.
    """
    answer = _call("auth.test", token, api_url, "bot")
    granted = {scope.strip() for scope in answer.headers.get("x-oauth-scopes", "").split(",")}
    if missing := sorted(set(needed) - granted):
        named = ", ".join(f"{scope} ({SCOPES[scope]})" if scope in SCOPES else scope for scope in missing)
        cure = 'add what is missing under "OAuth & Permissions" and install the app again'
        raise SetupProblem(f"SLACK_BOT_TOKEN lacks {counted(len(missing), 'scope')}, {named}: {cure}.")
    return f"{answer['user']} in {answer['team']}, with every scope it needs"


def check_app_token(token: str, api_url: str) -> str:
    """Whether Socket Mode can be opened, as a sentence.

    Raises:
        SetupProblem: Slack refuses it or cannot be reached.
    """
    _call("apps.connections.open", token, api_url, "app")
    return "Socket Mode can be opened"


def _call(method: str, token: str, api_url: str, kind: str) -> Any:
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError

    name, prefix, cure = _TOKENS[kind]
    if not token:
        raise SetupProblem(f"{name} is not set: {cure}.")
    if not token.isascii() or not token.isprintable() or " " in token or not token.startswith((prefix, "xoxe.")):
        raise SetupProblem(f"{name} is not a token of that kind, it should begin with {prefix}: {cure}.")
    silent = logging.getLogger(__name__)
    silent.disabled = True  # the SDK would tell on stderr what is told here
    try:
        return WebClient(token, base_url=api_url, timeout=_TIMEOUT, logger=silent).api_call(method)
    except SlackApiError as error:
        raise SetupProblem(_refused(error, name, cure)) from None
    except (OSError, ValueError) as error:
        reason = type(error).__name__
        raise SetupProblem(f"Slack cannot be reached at {api_url} ({reason}): check the network.") from None


def _refused(error: Any, name: str, cure: str) -> str:
    status = error.response.status_code
    code = f"HTTP {status}" if status >= _SERVER_ERROR else str(error.response.get("error"))
    if status >= _SERVER_ERROR or code in ("internal_error", "fatal_error", "service_unavailable"):
        return f"Slack is in trouble ({code}): try again later, or see slack-status.com."
    return {
        "missing_scope": f"{name} lacks the scope {error.response.get('needed', 'it needs')}: {cure}.",
        "ratelimited": f"Slack asks {name} to slow down: try again in a minute.",
        "token_revoked": f"{name} was revoked: install the app again, and {cure}.",
        "account_inactive": f"{name} was revoked: install the app again, and {cure}.",
        "invalid_auth": f"Slack does not know {name}: {cure}.",
        "token_expired": f"{name} has expired: {cure}.",
    }.get(code, f"Slack refuses {name} ({code[:40]}): {cure}.")
