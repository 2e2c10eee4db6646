"""The Events API over HTTP: signed requests of Slack, as an ASGI application, with health endpoints beside them."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.adapter.asgi.http_request import AsgiHttpRequest
from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncBoltRequest
from slack_bolt.request.async_internals import build_async_context
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.errors import SetupProblem
from bot.slack.manifest import EVENTS_PATH

log = logging.getLogger(__name__)

LARGEST = 4 * 1024 * 1024
"""Bytes of a request: Slack's are far smaller."""
LIVE, READY = "/health/live", "/health/ready"


class TooLarge(Exception):
    """Nothing that Slack sends is so large, with or without saying its length first."""


class Receiver(AsyncSlackRequestHandler):
    """`ready` says whether questions would be answered now."""

    def __init__(self, app: AsyncApp, signing_secret: str, ready: Callable[[], bool]) -> None:
        super().__init__(app, EVENTS_PATH)
        self._verifier = SignatureVerifier(signing_secret)
        self._ready = ready

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] in (LIVE, READY):
            well = scope["path"] == LIVE or self._ready()
            status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
            await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"ok\n" if well else b"not ready\n"})
            return
        read = 0

        async def bounded() -> Any:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST:
                raise TooLarge
            return message

        await super().__call__(scope, bounded, send)

    async def dispatch(self, request: AsgiHttpRequest) -> BoltResponse:
        headers = request.get_headers()
        try:
            raw = await request.get_raw_body()
            # Before anything is read: Bolt would parse first, and stumble over what is not from Slack.
            genuine = self._verifier.is_valid(
                raw, _header(headers, "x-slack-request-timestamp"), _header(headers, "x-slack-signature")
            )
        except TooLarge:
            return BoltResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except (TypeError, ValueError):
            genuine, raw = False, ""
        if not genuine:
            return BoltResponse(status=HTTPStatus.UNAUTHORIZED, body="The signature is not Slack's.")
        understood = AsyncBoltRequest(body=raw, query=request.query_string, headers=headers)
        if not understood.body and raw:
            # Bolt takes a form with the word "payload" anywhere in it for an interaction, and reads nothing.
            understood.body = dict(parse_qsl(raw, keep_blank_values=True))
            understood.context = build_async_context(AsyncBoltContext({}), understood.body)
        return await self.app.async_dispatch(understood)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the command's: it stops the server first, and then lets the answers finish."""
        yield


@asynccontextmanager
async def served(receiver: Receiver, host: str, port: int) -> AsyncIterator[int]:
    """Requests are answered for as long as the context is open; gives the port.

    Raises:
        SetupProblem: the port is taken.
    """
    import asyncio
    import socket

    try:
        listening = socket.create_server((host, port), reuse_port=False)
    except OSError as error:
        raise SetupProblem(f"Port {port} cannot be used ({error.strerror}): choose another with --port.") from error
    config = uvicorn.Config(
        receiver, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=5
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="http")
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


def _header(headers: Any, name: str) -> Any:
    value = headers.get(name)
    return value[0] if isinstance(value, list | tuple) else value
