"""A workspace for each test, and the real clients of slack_sdk and Bolt that talk to it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import Workspace


@pytest.fixture
async def slack() -> AsyncIterator[Workspace]:
    async with Workspace(patience=2) as workspace:
        yield workspace


def client_of(slack: Workspace, token: str | None = None) -> AsyncWebClient:
    """The SDK's client without retries, so that a test sees each answer."""
    return AsyncWebClient(token=token or slack.bot_token, base_url=slack.api_url, timeout=5, retry_handlers=[])


def app_of(slack: Workspace) -> AsyncApp:
    """A Bolt app as a project would make it: nothing but the address differs."""
    return AsyncApp(client=client_of(slack), signing_secret=slack.signing_secret)


@pytest.fixture
def client(slack: Workspace) -> AsyncWebClient:
    return client_of(slack)


@contextlib.asynccontextmanager
async def socket_mode(
    slack: Workspace, app: AsyncApp, ping_interval: float = 10
) -> AsyncIterator[AsyncSocketModeHandler]:
    """The app on Socket Mode, connected."""
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=ping_interval)
    before = slack.control.connections
    await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt ships no types here
    await slack.control.connected(before + 1)
    try:
        yield handler
    finally:
        client = handler.client
        await handler.close_async()  # type: ignore[no-untyped-call] # likewise
        tasks = [client.message_processor, client.message_receiver, client.current_session_monitor]
        await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)
