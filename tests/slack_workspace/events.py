"""Events: which ones the app gets, and what they look like."""

import random
from typing import Any

from slack_workspace.deliveries import Deliveries, Delivery
from slack_workspace.options import Options
from slack_workspace.records import Channel, Message
from slack_workspace.shapes import message_json
from slack_workspace.state import State
from slack_workspace.wire import Json

SUBSCRIPTIONS = {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}
NEEDED_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}
VERIFICATION_TOKEN = "verification-token"  # noqa: S105 - the deprecated field that every payload still carries


class Events:
    def __init__(self, state: State, options: Options, deliveries: Deliveries) -> None:
        self._state = state
        self._options = options
        self._deliveries = deliveries
        self._random = random.Random(options.seed)  # noqa: S311 - a repeatable order, not a secret

    def subscribed(self, name: str) -> bool:
        scope = NEEDED_SCOPES.get(name)
        return name in self._options.bot_events and (scope is None or scope in self._options.scopes)

    def emit(self, event: Json, channel: Channel | None = None, *, needs: str = "", seen_by: str = "") -> None:
        """Send one event if the app is subscribed to it; ``needs`` is the subscription where the type does not say.

        ``seen_by`` replaces the bot user in ``authorizations``.
        """
        if not self.subscribed(needs or event["type"]):
            return
        state = self._state
        event_id = state.new_id("Ev")
        callback: Json = {
            "token": VERIFICATION_TOKEN,
            "team_id": state.team.id,
            "context_team_id": state.team.id,
            "context_enterprise_id": state.team.enterprise,
            "api_app_id": state.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(float(event["event_ts"])),
            "authorizations": [
                {
                    "enterprise_id": state.team.enterprise,
                    "team_id": state.team.id,
                    "user_id": seen_by or state.app.bot_user,
                    "is_bot": not seen_by,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": channel is not None and channel.shared,
            "event_context": f"4-{event_id}",
        }
        self._deliveries.event(Delivery(event_id, "events_api", callback))

    def posted(self, message: Message) -> None:
        """A new message: ``message``, and ``app_mention`` beside it when a person names the bot in a channel.

        The two have different event ids and come in either order.
        """
        channel = self._state.channels[message.channel]
        if not self._state.app_in(channel):
            return
        body = self._message_event(message, channel)
        both = [("", body)]
        mentions = f"<@{self._state.app.bot_user}>" in message.text
        if mentions and channel.kind != "im" and message.user != self._state.app.bot_user:
            left_out = {"channel_type", "parent_user_id", "subtype"}
            mention = {key: value for key, value in body.items() if key not in left_out}
            both.append(("app_mention", {**mention, "type": "app_mention"}))
            self._random.shuffle(both)
        for needs, event in both:
            self.emit(event, channel, needs=needs or SUBSCRIPTIONS[channel.kind])

    def changed(self, message: Message, previous: Json) -> None:
        self._hidden(message.channel, "message_changed", message=self._content(message), previous_message=previous)

    def deleted(self, channel: str, previous: Json) -> None:
        self._hidden(channel, "message_deleted", deleted_ts=previous["ts"], previous_message=previous)

    def tombstone(self, message: Message, previous: Json) -> None:
        """A deleted thread root whose replies stay."""
        left = {
            "type": "message",
            "subtype": "tombstone",
            "text": "This message was deleted.",
            "user": "USLACKBOT",
            "hidden": True,
            "ts": message.ts,
            "thread_ts": message.ts,
        }
        self._hidden(message.channel, "message_changed", message=left, previous_message=previous)

    def _hidden(self, channel_id: str, subtype: str, **fields: Any) -> None:
        channel = self._state.channels[channel_id]
        if not self._state.app_in(channel):
            return
        ts = self._state.new_ts()
        event: Json = {"type": "message", "subtype": subtype, "channel": channel_id, "hidden": True, "ts": ts}
        event |= {"event_ts": ts, "channel_type": channel.kind, **fields}
        self.emit(event, channel, needs=SUBSCRIPTIONS[channel.kind])

    def _content(self, message: Message) -> Json:
        body = message_json(self._state, message)
        if self._state.channels[message.channel].shared and message.app is None:
            body |= {"user_team": message.team, "source_team": message.team}
        return body

    def _message_event(self, message: Message, channel: Channel) -> Json:
        body = self._content(message)
        for count in ("reply_count", "reply_users", "reply_users_count", "latest_reply", "subscribed", "is_locked"):
            body.pop(count, None)
        if message.thread_ts is None:
            body.pop("thread_ts", None)
        if message.app_context is not None:
            body["app_context"] = message.app_context
        return {**body, "channel": channel.id, "event_ts": message.ts, "channel_type": channel.kind}
