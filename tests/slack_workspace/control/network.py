"""What happens to connections, deliveries, tokens and calls."""

from typing import Literal

from slack_workspace import faults, seed
from slack_workspace.control.base import Part
from slack_workspace.deliveries import Delivery
from slack_workspace.web_api.tokens import issue
from slack_workspace.webhook import Webhook
from slack_workspace.wire import Json

Reason = Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"]


class Network(Part):
    def fail(self, method: str, fault: faults.Fault, *, nth: int = 1, times: int = 1) -> None:
        """Let the ``nth`` call of a method from now, and ``times - 1`` after it, go wrong; ``*`` is any method."""
        self._world.faults.order(method, fault, nth, times)

    def heal(self) -> None:
        """Forget every fault still ordered."""
        self._world.faults.clear()

    async def use_http(self, request_url: str, *, secret: str = seed.SIGNING_SECRET) -> Webhook:
        """Deliver to a request URL from now on, instead of by Socket Mode."""
        webhook = Webhook(request_url, secret, self._world.clock, self._world.journal, self._world.deliveries)
        self._world.webhooks.append(webhook)
        self._world.deliveries.transport = webhook
        return webhook

    @property
    def connections(self) -> int:
        return len(self._world.sockets.live())

    async def connected(self, count: int = 1, *, within: float = 10.0) -> None:
        """Wait until so many sockets are open; ``within`` is in real seconds."""
        await self._world.journal.until(lambda: self.connections >= count, within=within)

    async def disconnect(self, reason: Reason) -> None:
        """Send every client a disconnect message; ``link_disabled`` also switches Socket Mode off."""
        self._world.sockets.disabled = self._world.sockets.disabled or reason == "link_disabled"
        for socket in self._world.sockets.live():
            await self._world.sockets.disconnect(socket, reason)

    def refresh(self) -> None:
        """Warn every client now, request the refresh ten virtual seconds later, then close."""
        for socket in self._world.sockets.live():
            self._world.sockets.refresh(socket)

    def drop_tcp(self) -> None:
        """Cut every connection without a word."""
        for socket in self._world.sockets.live():
            self._world.sockets.drop(socket)

    def refuse_upgrades(self, count: int) -> None:
        """Answer the next WebSocket upgrades with HTTP 408; their tickets are used up."""
        self._world.sockets.refusals = count

    def freeze_pings(self, *, frozen: bool = True) -> None:
        """Stop sending and answering pings, as a dead connection does."""
        self._world.sockets.frozen = frozen

    def enable_socket_mode(self) -> None:
        self._world.sockets.disabled = False

    def deliveries(self, name: str | None = None) -> list[Delivery]:
        """Everything that was to be delivered, or all events, commands and interactions of one type."""
        return [delivery for delivery in self._world.deliveries.all if name in (None, delivery.name)]

    @property
    def unanswered(self) -> int:
        """How many frames or requests the app has been sent, and has neither answered nor missed yet."""
        return self._world.deliveries.unanswered

    async def quiet(self, *, within: float = 5.0) -> None:
        """Wait until nothing sent to the app is unanswered; ``within`` is in real seconds."""
        await self._world.journal.until(lambda: self.unanswered == 0, within=within)

    async def redeliver(self, delivery: Delivery, *, as_retry: bool = True) -> None:
        """Send an event again now, on any socket; as a marked retry, or without any mark as also happens."""
        self._world.deliveries.redeliver(delivery, as_retry=as_retry)
        await self._sent()

    @property
    def subscription_enabled(self) -> bool:
        return self._world.deliveries.enabled

    def enable_subscription(self) -> None:
        self._world.deliveries.enabled = True

    def oauth_code(self) -> str:
        """Somebody clicked "Allow": the code that comes to the redirect URL, good once."""
        code = self._world.state.new_id("code-")
        self._world.state.oauth_codes.add(code)
        return code

    def install(self) -> Json:
        """A further bot token, as ``oauth.v2.access`` would answer it."""
        return issue(self._world)

    def revoke(self, token: str) -> None:
        self._world.state.tokens[token].revoked = True

    async def uninstall(self) -> None:
        """Remove the app: its tokens die, and it hears of it."""
        state = self._world.state
        for token in state.tokens.values():
            if token.app == state.app.id and token.kind != "app":
                token.revoked = True
        revoked = {"oauth": [seed.ANNA], "bot": [state.app.bot_user]}
        self._world.events.emit({"type": "tokens_revoked", "tokens": revoked, "event_ts": state.new_ts()})
        self._world.events.emit({"type": "app_uninstalled", "event_ts": state.new_ts()})
        await self._sent()

    def join(self, user: str, channel: str) -> None:
        self._world.state.channels[channel].members.add(user)

    def leave(self, user: str, channel: str) -> None:
        self._world.state.channels[channel].members.discard(user)
