"""The Slack bot put together: from tokens and the parts that answer to something that serves a workspace."""

import logging
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.answering import Answering
from bot.errors import SetupProblem
from bot.feedback import Feedback
from bot.journal import Journal
from bot.slack.actions import Actions
from bot.slack.clock import Clock
from bot.slack.desk import Desk
from bot.slack.errands import Errands
from bot.slack.hearing import Ears
from bot.slack.inbox import Inbox
from bot.slack.listeners import EVERYTHING, Listeners, ignore
from bot.slack.requests import Requests
from bot.slack.status import say_queued
from bot.slack.web import TIMEOUT, Web
from bot.slack.welcome import Welcome
from bot.slack.worker import Worker

DRAIN = 25.0
"""Seconds that running answers get at the end: less than the 30 s after which supervisors kill."""
THINKING = {"embedded": 1, "openai": 8}
"""Questions answered at the same time. One embedded question keeps all cores busy by itself."""


@dataclass(frozen=True, slots=True)
class Access:
    """How Slack is reached. Secrets: never logged."""

    api_url: str
    bot_token: str
    app_token: str = ""
    signing_secret: str = ""
    human_channel: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the bot answers with, and where it keeps what it knows."""

    answering: Answering
    journal: Journal
    feedback: Feedback

    @property
    def thinking(self) -> int:
        return THINKING[self.answering.answerer.mode]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is, as auth.test says."""

    team: str
    bot_user: str
    bot_id: str


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that works on its inbox; `app` is what hears events."""

    app: AsyncApp
    desk: Desk
    inbox: Inbox
    errands: Errands


@asynccontextmanager
async def running(access: Access, parts: Parts, clock: Clock) -> AsyncIterator[Bot]:
    """The bot at work, for as long as the context is open; at its end running answers are finished or handed on.

    Raises:
        SetupProblem: Slack cannot be asked who the bot is.
    """
    owner = f"{socket.gethostname()[:48]}-{uuid.uuid4().hex}"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as session:
        # No retries of the SDK's own: it repeats posts whose answer got lost, and people would see them twice.
        client = AsyncWebClient(access.bot_token, base_url=access.api_url, session=session, retry_handlers=[])
        listening = AsyncWebClient(base_url=access.api_url, session=session, retry_handlers=[])
        identity = await _identity(client)
        web = Web(client, clock)
        inbox, errands = Inbox(parts.journal.engine, owner), Errands(web)
        worker = Worker(web, inbox, parts.journal, parts.answering, clock, identity.bot_id, bool(access.human_channel))
        desk = Desk(inbox, clock, worker.work, partial(say_queued, web, inbox), thinking=parts.thinking)
        ears = Ears(identity.team, identity.bot_user)
        app = _app(access, listening, identity)
        Listeners(ears, inbox, desk).register(app)
        Requests(ears, inbox, desk, errands).register(app)
        Actions(
            web,
            errands,
            inbox,
            journal=parts.journal,
            feedback=parts.feedback,
            library=parts.answering.library,
            human_channel=access.human_channel,
        ).register(app)
        Welcome(web, errands, parts.answering, clock).register(app)
        app.event(EVERYTHING)(ignore)
        desk.start()
        try:
            yield Bot(app, desk, inbox, errands)
        finally:
            await desk.close(DRAIN)
            await errands.close()
            await inbox.close()


async def _identity(client: AsyncWebClient) -> Identity:
    try:
        found = await client.auth_test()
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        raise SetupProblem(f"Slack did not say who the bot is ({type(error).__name__}): try again.") from None
    return Identity(found["team_id"], found["user_id"], found.get("bot_id", ""))


def _app(access: Access, client: AsyncWebClient, identity: Identity) -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        """Known since the start: Bolt would ask Slack ahead of every acknowledgement."""
        return AuthorizeResult(
            enterprise_id=None,
            team_id=identity.team,
            bot_user_id=identity.bot_user,
            bot_id=identity.bot_id,
            bot_token=access.bot_token,
        )

    # Bolt and the SDK log whole requests at INFO and DEBUG, and with them what people wrote.
    logger = logging.getLogger("slack_bolt.citebot")
    logger.setLevel(logging.WARNING)
    # Bolt finds the token in the environment too, and warns that it takes the client's, which is the same.
    logger.addFilter(lambda record: "`token` will be unused" not in record.getMessage())
    return AsyncApp(
        logger=logger,
        client=client,
        authorize=authorize,
        signing_secret=access.signing_secret or "unused in Socket Mode",
        process_before_response=True,
        attaching_conversation_kwargs_enabled=False,
    )
