"""Answers that one person sees."""

import logging
from http import HTTPStatus

import aiohttp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.asked import Asked
from bot.slack.message import Message
from bot.slack.web import Web

log = logging.getLogger(__name__)

USES = 5
"""How often a response URL may be used."""
TIMEOUT = 10


async def whisper(web: Web, asked: Asked, messages: tuple[Message, ...]) -> None:
    """Shows messages to who asked, where they asked. A response URL reaches places where the bot is no member.

    Raises:
        SlackProblem: neither way works.
    """
    for place, message in enumerate(messages):
        if place >= USES or not await respond(asked.reply_url, message):
            where = {"channel": asked.channel, "user": asked.user}
            await web.call("chat.postEphemeral", **where, text=message.text, blocks=list(message.blocks))


async def respond(url: str, message: Message, *, public: bool = False) -> bool:
    """Sends to a response URL; False if it did not take it."""
    client = AsyncWebhookClient(url, timeout=TIMEOUT, retry_handlers=[])
    try:
        answer = await client.send(
            text=message.text,
            blocks=list(message.blocks),
            response_type="in_channel" if public else "ephemeral",
            replace_original=False,
            unfurl_links=False,
            unfurl_media=False,
        )
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        log.info("The response URL was not reached: %s", type(error).__name__)
        return False
    return bool(answer.status_code == HTTPStatus.OK)
