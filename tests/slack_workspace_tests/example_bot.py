"""As small as a bot can be that answers every question exactly once, whatever happens to it.

The fake's property tests run it in their own process, the crash test in another one: ``example_bot.py DATABASE``.
"""

import asyncio
import os
import re
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

Json = dict[str, Any]
PARTS = ("One. ", "Two. ", "Three.")
BOT = "U0ASKBOT"
GONE = ("invalid_thread_ts", "invalid_arguments")
"""What Slack answers when the question was deleted meanwhile."""


class Bot:
    def __init__(self, api_url: str, token: str, database: str, sleep: Callable[[float], Awaitable[None]]) -> None:
        self.client = AsyncWebClient(token=token, base_url=api_url, retry_handlers=[])
        self.sleep = sleep
        self.work: set[asyncio.Task[None]] = set()
        self.sockets: SocketModeClient | None = None
        """Set by who runs it, for a watchdog to reach."""
        self._locks: dict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._rows = sqlite3.connect(database, isolation_level=None, timeout=10)
        self._rows.execute(
            "create table if not exists questions (channel text, ts text, thread text, user text, team text, text text,"
            " answer text, state text default 'new', primary key (channel, ts))"
        )

        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None, team_id="T0HOME", bot_user_id=BOT, bot_id="B0ASKBOT", bot_token=token
            )

        self.app = AsyncApp(client=self.client, signing_secret="unused", authorize=authorize)  # noqa: S106 - no secret
        self.app.event("message")(self.hear)
        self.app.event("app_mention")(self.hear)
        self.app.event(re.compile(".*"))(self.ignore)

    async def hear(self, event: Json) -> None:
        subtype = event.get("subtype")
        if event.get("bot_id") or event.get("message", {}).get("bot_id"):
            return
        if subtype == "message_changed" and event["message"].get("subtype") != "tombstone":
            self._start(self.edited(event["channel"], event["message"]))
        elif subtype in ("message_changed", "message_deleted"):
            self._start(self.deleted(event["channel"], event["previous_message"]["ts"]))
        elif event.get("channel_type") == "im" or f"<@{BOT}>" in event.get("text", ""):
            row = [event[name] for name in ("channel", "ts")]
            row += [event.get("thread_ts") or event["ts"], event["user"], event.get("team"), event["text"]]
            sql = "insert or ignore into questions (channel, ts, thread, user, team, text) values (?, ?, ?, ?, ?, ?)"
            if self._rows.execute(sql, row).rowcount:
                self._start(self.answer(event["channel"], event["ts"]))

    async def ignore(self) -> None:
        """Whatever else comes is acknowledged."""

    async def answer(self, channel: str, ts: str) -> None:
        async with self._locks[channel, ts]:
            row = self._row(channel, ts)
            if row is not None and row["state"] == "new":
                try:
                    await self._stream(channel, ts, row)
                except SlackApiError as error:
                    if error.response["error"] not in GONE:
                        raise

    async def _stream(self, channel: str, ts: str, row: Json) -> None:
        thread = {"channel_id": channel, "thread_ts": row["thread"]}
        await self._call("agents.sessions.setStatus", **thread, status="processing")
        await self._call("assistant.threads.setStatus", **thread, status="is thinking...")
        recipient = {"recipient_team_id": row["team"], "recipient_user_id": row["user"]}
        started = await self._call("chat.startStream", channel=channel, thread_ts=row["thread"], **recipient)
        self._set(channel, ts, answer=started["ts"], state="answering")
        here = {"channel": channel, "ts": started["ts"]}
        try:
            for part in PARTS:
                await self._call("chat.appendStream", **here, markdown_text=part)
                await self.sleep(1)
        except SlackApiError as error:
            if error.response["error"] != "stopped_by_user":
                raise
        metadata = {"event_type": "answer", "event_payload": {"question_ts": ts}}
        await self._call("chat.stopStream", **here, metadata=metadata, session_status="active")
        self._set(channel, ts, state="done")

    async def edited(self, channel: str, message: Json) -> None:
        async with self._locks[channel, message["ts"]]:
            row = self._row(channel, message["ts"])
            if row is not None and row["state"] == "done":
                text = f"About the edited question: {''.join(PARTS)}"
                await self._call("chat.update", channel=channel, ts=row["answer"], text=text)

    async def deleted(self, channel: str, ts: str) -> None:
        async with self._locks[channel, ts]:
            row = self._row(channel, ts)
            if row is not None and row["state"] == "done":
                await self._call("chat.delete", channel=channel, ts=row["answer"])
            self._set(channel, ts, state="deleted")

    async def repair(self) -> None:
        """Finish what another process left half done when it died."""
        for channel, ts in self._rows.execute("select channel, ts from questions where state = 'answering'").fetchall():
            row = self._row(channel, ts)
            if row is not None:
                here = {"channel": channel, "ts": row["answer"]}
                await self._call("chat.stopStream", **here, session_status="active")
                metadata = {"event_type": "answer", "event_payload": {"question_ts": ts}}
                await self._call("chat.update", **here, text="".join(PARTS), metadata=metadata)
                self._set(channel, ts, state="done")

    def close(self) -> None:
        self._rows.close()

    async def _call(self, method: str, **arguments: Any) -> Json:
        while True:
            try:
                return (await self.client.api_call(method, json=arguments)).data  # type: ignore[return-value] # JSON it is
            except SlackApiError as error:
                if error.response.status_code != 429:
                    raise
                await self.sleep(float(error.response.headers["Retry-After"]))

    def _row(self, channel: str, ts: str) -> Json | None:
        found = self._rows.execute("select * from questions where channel = ? and ts = ?", (channel, ts))
        names = [column[0] for column in found.description]
        row = found.fetchone()
        return dict(zip(names, row, strict=True)) if row else None

    def _set(self, channel: str, ts: str, **values: str) -> None:
        names = ", ".join(f"{name} = ?" for name in values)
        sql = f"update questions set {names} where channel = ? and ts = ?"  # noqa: S608 - the names are ours
        self._rows.execute(sql, (*values.values(), channel, ts))

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.work.add(task)
        task.add_done_callback(self.work.discard)


async def main() -> None:
    bot = Bot(os.environ["SLACK_API_URL"], os.environ["SLACK_BOT_TOKEN"], sys.argv[1], asyncio.sleep)
    await AsyncSocketModeHandler(bot.app, os.environ["SLACK_APP_TOKEN"]).start_async()  # type: ignore[no-untyped-call] # Bolt has no types here


if __name__ == "__main__":
    asyncio.run(main())
