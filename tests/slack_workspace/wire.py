"""What goes over the wire: JSON objects, and Slack's way of saying no."""

from typing import Any

Json = dict[str, Any]


class SlackError(Exception):
    """A platform error: HTTP 200 with ``{"ok": false, "error": ...}``.

    ``messages`` are the details Slack adds under ``response_metadata``; ``extra`` are further fields of the reply.
    """

    def __init__(self, error: str, *messages: str, **extra: object) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages
        self.extra = extra

    def reply(self) -> Json:
        body: Json = {"ok": False, "error": self.error, **self.extra}
        if self.messages:
            body.setdefault("errors", list(self.messages))
            body["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return body


class RateLimited(Exception):
    """HTTP 429; ``retry_after`` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class NotPossible(Exception):
    """A person could not do this in Slack: there is no such button, the tab is read-only, the message is gone."""
