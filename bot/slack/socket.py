"""Socket Mode: Slack's events over a WebSocket that the bot opens, and a watchdog for it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from bot.slack.app import Access, Bot

log = logging.getLogger(__name__)

PING_SECONDS = 10.0
WATCH_SECONDS = 5.0
"""How often the connection is looked at. It is real time: sockets know no other."""


@asynccontextmanager
async def connected(bot: Bot, access: Access, *, ping_seconds: float = PING_SECONDS) -> AsyncIterator[SocketModeClient]:
    """Events come in for as long as the context is open. A wrong app-level token would be tried for ever."""
    handler = AsyncSocketModeHandler(bot.app, access.app_token, ping_interval=ping_seconds)
    client = handler.client
    await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt has no types here
    watchdog = asyncio.create_task(_watch(client, min(ping_seconds, WATCH_SECONDS)), name="watchdog")
    try:
        yield client
    finally:
        watchdog.cancel()
        await client.close()  # type: ignore[no-untyped-call] # nor has the SDK
        own = (watchdog, client.message_processor, client.message_receiver, client.current_session_monitor)
        await asyncio.gather(*(task for task in own if task is not None), return_exceptions=True)


async def _watch(client: SocketModeClient, every: float) -> None:
    """Makes the SDK ask for a new address when it does not get through: it would try a used one for ever."""
    down = 0
    while True:
        await asyncio.sleep(every)
        down = 0 if await client.is_connected() else down + 1
        if down > 1:
            log.warning("Not connected to Slack: asking for a new address.")
            client.wss_uri = None
            down = 0
