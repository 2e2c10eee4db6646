"""``/api/{method}``: faults, rate limits, authentication, scopes, and the reply."""

import asyncio
import base64
import json
from collections.abc import Coroutine
from typing import Any

from aiohttp import web

from slack_workspace import faults
from slack_workspace.records import Token
from slack_workspace.web_api.call import Call, Method, decode_nested, need_scope, read_arguments
from slack_workspace.web_api.methods import METHODS
from slack_workspace.wire import Json, RateLimited, SlackError
from slack_workspace.world import World

NO_TOKEN = Token("", "user", "", "", "", frozenset())


class WebApi:
    def __init__(self, world: World) -> None:
        self._world = world
        self._closing = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        world = self._world
        name = request.match_info["method"]
        try:
            args, warnings = await read_arguments(request)
            unreadable = None
        except SlackError as error:
            args, warnings, unreadable = {}, [], error
        secret = _secret(request, args)
        args.pop("token", None)
        entry = world.journal.write("call", name, args=args, token=secret, verb=request.method)
        fault = world.faults.strike(name)
        if fault is not None:
            world.journal.write("fault", name, fault=repr(fault), call=entry.number)
        response = await self._before(request, fault)
        if response is None:
            call = Call(name, args, NO_TOKEN, warnings, basic=_basic(request))
            response = self._reply(call, secret, unreadable)
            response = await self._after(request, fault, response)
        world.journal.write("reply", name, call=entry.number, status=response.status, body=_readable(response.text))
        return response

    def release(self) -> None:
        """Let go of every call that is being held back."""
        self._closing.set()

    async def _before(self, request: web.Request, fault: faults.Fault | None) -> web.Response | None:
        """What a fault does instead of, or ahead of, handling the call."""
        match fault:
            case faults.Status(code, body, content_type):
                return web.Response(status=code, text=body, content_type=content_type)
            case faults.Error(error):
                return web.json_response({"ok": False, "error": error})
            case faults.RateLimit(retry_after):
                return _too_many(retry_after)
            case faults.Garbage(body):
                return web.Response(text=body, content_type="application/json", charset="utf-8")
            case faults.Close():
                return _cut(request)
            case faults.Slow(seconds):
                await self._wait(self._world.clock.sleep(seconds))
        return None

    async def _after(self, request: web.Request, fault: faults.Fault | None, reply: web.Response) -> web.Response:
        match fault:
            case faults.AfterEffect("drop"):
                return _cut(request)
            case faults.AfterEffect("500"):
                return web.Response(status=500, text="internal server error")
            case faults.AfterEffect("timeout"):
                await self._wait(asyncio.Event().wait())
                return _cut(request)
        return reply

    async def _wait(self, event: Coroutine[Any, Any, object]) -> None:
        """Until the event, or until the workspace closes."""
        waits = [asyncio.ensure_future(event), asyncio.ensure_future(self._closing.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)

    def _reply(self, call: Call, secret: str, unreadable: SlackError | None) -> web.Response:
        headers: dict[str, str] = {}
        try:
            body: Json = {"ok": True, **self._handle(call, secret, unreadable, headers)}
        except SlackError as error:
            body = error.reply()
        except RateLimited as limit:
            return _too_many(limit.retry_after)
        if call.warnings:
            body["warning"] = ",".join(call.warnings)
            body.setdefault("response_metadata", {})["warnings"] = call.warnings
        return web.json_response(body, headers=headers)

    def _handle(self, call: Call, secret: str, unreadable: SlackError | None, headers: dict[str, str]) -> Json:
        if unreadable is not None:
            raise unreadable
        method = METHODS.get(call.method)
        if method is None:
            raise SlackError("unknown_method", req_method=call.method)
        if method.tokens:
            call.token = self._authenticated(method, secret)
            headers["x-oauth-scopes"] = ",".join(sorted(call.token.scopes))
            headers["x-accepted-oauth-scopes"] = ",".join(sorted(method.scopes))
        if self._world.options.strict_rates:
            self._world.rates.check(call.method, call.token.team, call.token.app, method.tier)
        if method.scopes:
            need_scope(call, method.scopes)
        decode_nested(call.args)
        missing = [name for name in method.required if call.args.get(name) in (None, "")]
        if missing:
            raise SlackError("invalid_arguments", *(f"missing required field: {name}" for name in missing))
        body: Json = method.handler(self._world, call)
        return body

    def _authenticated(self, method: Method, secret: str) -> Token:
        token = self._world.state.tokens.get(secret)
        if not secret:
            raise SlackError("not_authed")
        if token is None:
            raise SlackError("invalid_auth")
        if token.revoked:
            raise SlackError("token_revoked")
        if token.expires_at is not None and self._world.clock.now() >= token.expires_at:
            raise SlackError("token_expired")
        if token.kind not in method.tokens:
            raise SlackError("not_allowed_token_type")
        return token


def _secret(request: web.Request, args: Json) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme == "Bearer" else str(args.get("token") or "")


def _basic(request: web.Request) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    name, _, password = base64.b64decode(encoded).decode().partition(":") if scheme == "Basic" else ("", "", "")
    return name, password


def _too_many(retry_after: int) -> web.Response:
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(retry_after)})


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499, text="")


def _readable(text: str | None) -> object:
    try:
        return json.loads(text or "")
    except ValueError:
        return text
