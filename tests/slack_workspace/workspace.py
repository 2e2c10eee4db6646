"""A whole fake Slack on loopback, for the length of an ``async with``."""

import asyncio
import dataclasses
import json
import urllib.parse
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from slack_workspace import invariants, seed
from slack_workspace.clock import Clock
from slack_workspace.control import Control
from slack_workspace.journal import Journal
from slack_workspace.options import Options
from slack_workspace.state import State
from slack_workspace.web_api import files
from slack_workspace.web_api.server import WebApi
from slack_workspace.world import build

FORM = "application/x-www-form-urlencoded"
LONGEST_URL = 1024 * 1024
"""Bytes; the SDK sends the arguments of some methods, blocks among them, in the query."""


class Workspace:
    """One workspace with one app installed; see the README beside this file.

    Point the application at ``api_url`` (``SLACK_API_URL``) with the tokens here, let people do things with
    ``control``, and look at what they see with ``control.rendered``. Every instance is a world of its own.
    """

    bot_token = seed.BOT_TOKEN
    app_token = seed.APP_TOKEN
    user_token = seed.USER_TOKEN
    signing_secret = seed.SIGNING_SECRET
    client_id = seed.CLIENT_ID
    client_secret = seed.CLIENT_SECRET

    def __init__(self, options: Options | None = None, **changes: Any) -> None:
        """``changes`` are fields of ``Options`` that differ from ``options`` or from the defaults."""
        self.options = dataclasses.replace(options or Options(), **changes)
        self._world = build(self.options)
        self._web_api = WebApi(self._world)
        self._runner: web.AppRunner | None = None
        self._following: asyncio.Task[Any] | None = None
        self._others: frozenset[asyncio.Task[Any]] = frozenset()
        self.control = Control(self._world)
        self.api_url = ""
        """``http://127.0.0.1:<port>/api/``; there once the workspace is entered."""

    @property
    def journal(self) -> Journal:
        return self._world.journal

    @property
    def state(self) -> State:
        """What the workspace holds, for looks that ``control`` does not offer."""
        return self._world.state

    @property
    def clock(self) -> Clock:
        return self._world.clock

    @property
    def environment(self) -> dict[str, str]:
        """What an application in another process needs in its environment."""
        return {
            "SLACK_API_URL": self.api_url,
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_APP_TOKEN": self.app_token,
            "SLACK_SIGNING_SECRET": self.signing_secret,
        }

    def problems(self, *, app_stopped: bool = False) -> list[str]:
        """What breaks the rules at the end of a test, one sentence each; empty is good.

        With ``app_stopped`` asyncio tasks that the application left behind are problems too.
        """
        found = invariants.problems(self._world)
        if app_stopped:
            left = asyncio.all_tasks() - self._others - {asyncio.current_task()}
            found += [f"The task {task.get_name()} was left behind." for task in left if not self._owns(task)]
        return found

    async def __aenter__(self) -> Self:
        self._others = frozenset(asyncio.all_tasks())
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._web_api.handle)
        app.router.add_get("/link/", self._world.sockets.handle)
        app.router.add_post("/actions/{token:.+}", self._respond)
        app.router.add_post("/upload/v1/{file}", self._upload)
        app.router.add_get("/files/{file}/{name}", self._download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5, max_line_size=LONGEST_URL)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        base = f"127.0.0.1:{self._runner.addresses[0][1]}"
        self.api_url = f"http://{base}/api/"
        self._world.sockets.base_url = f"ws://{base}"
        self._world.interactions.base_url = f"http://{base}"
        self._world.state.files_url = f"http://{base}/files"
        if self.options.real_time:
            self._following = asyncio.create_task(self.clock.follow_real_time())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._web_api.release()
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await self._world.sockets.close()
        await self._world.tasks.close()
        for webhook in self._world.webhooks:
            await webhook.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def _owns(self, task: asyncio.Task[Any]) -> bool:
        serves = getattr(task.get_coro(), "__qualname__", "") == "RequestHandler.start"  # a connection kept alive
        return task is self._following or serves or self._world.tasks.owns(task)

    async def _respond(self, request: web.Request) -> web.Response:
        text = await request.text()
        if request.content_type == FORM:
            text = dict(urllib.parse.parse_qsl(text)).get("payload", "")
        try:
            body = json.loads(text)
        except ValueError:
            return web.Response(status=400, text="invalid_payload")
        token = request.match_info["token"]
        entry = self.journal.write("call", "response_url", args=body, token=token, verb="POST")
        status, answer = self._world.interactions.respond(token, body)
        reply = answer if status == 200 else json.dumps({"ok": False, "error": answer})
        self.journal.write("reply", "response_url", call=entry.number, status=status, body=reply)
        return web.Response(status=status, text=reply)

    async def _upload(self, request: web.Request) -> web.Response:
        return await files.receive(self._world, request)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        return await files.send(self._world, request)
