"""What kind of workspace this is, and how strict."""

from dataclasses import dataclass
from typing import Literal, Self

from slack_workspace.wire import Json

SCOPES = frozenset(
    """app_mentions:read assistant:write channels:history chat:write commands files:read groups:history im:history
    im:read im:write mpim:history reactions:write users:read""".split()
)
BOT_EVENTS = frozenset(
    """agent_session_stopped app_context_changed app_home_opened app_mention app_uninstalled message.channels
    message.groups message.im message.mpim tokens_revoked""".split()
)

StreamExpiry = Literal["since_start", "since_last_append"]


@dataclass(frozen=True)
class Options:
    """Everything a test may choose. The defaults are Slack as an agent app of 2026 meets it.

    Where reports about Slack disagree there is an option for each reading: run the tests with both.
    """

    scopes: frozenset[str] = SCOPES
    """What the bot token was granted."""
    app_scopes: frozenset[str] = frozenset({"connections:write"})
    bot_events: frozenset[str] = BOT_EVENTS
    """The event subscriptions of the app's manifest."""
    commands: frozenset[str] = frozenset({"/ask"})
    message_shortcuts: frozenset[str] = frozenset({"answer_message"})
    """Callback ids."""
    global_shortcuts: frozenset[str] = frozenset()
    interactivity: bool = True
    agent_view: bool = True
    """The app is declared as an agent (the only kind that new apps can be)."""
    home_tab: bool = True
    messages_tab: bool = True
    messages_tab_read_only: bool = False

    stream_expiry: StreamExpiry = "since_start"
    """What the 300 seconds of a stream count from. Reports disagree."""
    strict_text: bool = True
    """Refuse a text above 4,000 characters on posting; False: cut at 40,000, as the documentation says."""
    orphan_replies: Literal["refuse", "post_top_level"] = "refuse"
    """What happens to a reply whose ``thread_ts`` is no message."""
    non_marketplace: bool = False
    """History and replies as for commercially distributed apps outside the Marketplace: 15 messages, once a minute."""
    strict_rates: bool = False
    token_rotation: bool = False

    replay_first_attempt: bool = False
    """Fifteen minutes later every event comes once more, with its first envelope id and as attempt 0."""
    events_per_hour: int = 30_000
    disable_below: float = 0.05
    """Share of successful deliveries in an hour below which the subscription is switched off."""
    disable_minimum: int = 1_000
    """Deliveries an hour below which it never is."""
    connection_seconds: float | None = None
    """When set, every socket is refreshed at that age, as Slack does every few hours."""

    seed: int = 0
    """Of the choice of socket and the order of simultaneous events."""
    patience: float = 1.0
    """Real seconds that virtual time waits for an answer on the wire."""
    real_time: bool = False
    """Virtual seconds pass like real ones."""

    @classmethod
    def of_manifest(cls, manifest: Json) -> Self:
        """The app as its own manifest declares it: what the manifest forgets, the app does not get."""
        features, settings = manifest.get("features", {}), manifest.get("settings", {})
        home, shortcuts = features.get("app_home", {}), features.get("shortcuts", [])
        return cls(
            scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
            bot_events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
            commands=frozenset(command["command"] for command in features.get("slash_commands", [])),
            message_shortcuts=frozenset(each["callback_id"] for each in shortcuts if each["type"] == "message"),
            global_shortcuts=frozenset(each["callback_id"] for each in shortcuts if each["type"] == "global"),
            interactivity=settings.get("interactivity", {}).get("is_enabled", False),
            agent_view="agent_view" in features,
            home_tab=home.get("home_tab_enabled", False),
            messages_tab=home.get("messages_tab_enabled", False),
            messages_tab_read_only=home.get("messages_tab_read_only_enabled", False),
            token_rotation=settings.get("token_rotation_enabled", False),
        )
