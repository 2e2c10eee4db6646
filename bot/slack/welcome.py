"""The App Home, and the suggested questions where a conversation with the bot begins."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.answering import Answering, whole_answer
from bot.models.embedded import EmbeddedAnswerer
from bot.slack.clock import Clock
from bot.slack.errands import Errands
from bot.slack.home import home_view
from bot.slack.prompts import DOCUMENTS, Prompt, candidates, proven
from bot.slack.web import Web
from bot.types import Answer, Question
from index.types import Document


class Welcome:
    def __init__(self, web: Web, errands: Errands, answering: Answering, clock: Clock) -> None:
        self._web = web
        self._errands = errands
        # Whether an example can be answered is found out without a chat model: nobody asked, so nobody pays.
        self._answering = replace(answering, answerer=EmbeddedAnswerer())
        self._clock = clock
        self._generation: object = None
        self._prompts: list[Prompt] = []
        self._proving = asyncio.Lock()

    def register(self, app: AsyncApp) -> None:
        app.event("app_home_opened")(self.opened)

    async def opened(self, event: Mapping[str, Any]) -> None:
        if event.get("tab") == "messages":
            self._errands.run(self._suggest(str(event["channel"])))
        else:
            self._errands.run(self._publish(str(event["user"])))

    async def _publish(self, user: str) -> None:
        entries = await asyncio.to_thread(self._answering.library.catalog.entries)
        view = home_view(entries, await self._examples(), datetime.fromtimestamp(self._clock.now(), UTC))
        await self._web.call("views.publish", user_id=user, view=view)

    async def _suggest(self, channel: str) -> None:
        """Without a thread: in the agent view a thread would make Slack ignore the prompts silently."""
        if prompts := [prompt.json() for prompt in await self._examples()]:
            await self._web.call("assistant.threads.setSuggestedPrompts", channel_id=channel, prompts=prompts)

    async def _examples(self) -> list[Prompt]:
        """Found out once for each state of the index."""
        async with self._proving:
            catalog = self._answering.library.catalog
            if self._generation != (generation := catalog.generation):
                self._prompts = await proven(candidates(await asyncio.to_thread(self._documents)), self._ask)
                self._generation = generation
            return self._prompts

    def _documents(self) -> list[Document]:
        documents = self._answering.library.catalog.documents()
        return [document for document, _ in islice(documents, DOCUMENTS)]

    async def _ask(self, text: str) -> Answer:
        return await whole_answer(self._answering.stream(Question(text)))
