"""HTTP mode: signed requests to the application's request URL, as the Events API and interactivity send them."""

import hashlib
import hmac
import json
import time
from typing import Literal
from urllib.parse import urlencode

import aiohttp

from slack_workspace.clock import Clock, wake
from slack_workspace.deliveries import Attempt, Deliveries
from slack_workspace.journal import Journal
from slack_workspace.wire import Json

Forgery = Literal["stale", "bad_signature", "wrong_secret", "unsigned"]
REDIRECTS = 2  # docs: Events API, too_many_redirects
STALE_SECONDS = 301


def signature(secret: str, timestamp: str, body: str) -> str:
    """``v0=`` and the HMAC-SHA256 of ``v0:timestamp:body`` (docs: verifying requests from Slack)."""
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()


class Webhook:
    timeout_reason = "http_timeout"

    def __init__(self, url: str, secret: str, clock: Clock, journal: Journal, deliveries: Deliveries) -> None:
        self._url = url
        self._secret = secret
        self._clock = clock
        self._journal = journal
        self._deliveries = deliveries
        self._session = aiohttp.ClientSession()
        self._forgeries: list[Forgery] = []
        self.signs_with_real_time = True
        """An application checks the age of a request by the machine's clock, which virtual time is ahead of."""

    def forge(self, kind: Forgery, times: int = 1) -> None:
        """Make the next requests bad ones, that a careful application refuses."""
        self._forgeries += [kind] * times

    async def verify(self) -> bool:
        """The ``url_verification`` handshake."""
        challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
        body = json.dumps({"token": "verification-token", "challenge": challenge, "type": "url_verification"})
        status, text = await self._post(body, "application/json")
        if text.startswith("{"):
            text = str(json.loads(text).get("challenge"))
        return status == 200 and text.strip('"') == challenge

    async def ssl_check(self) -> int:
        """The HTTP status that the occasional certificate check is answered with."""
        body = urlencode({"ssl_check": "1", "token": "verification-token"})
        status, _ = await self._post(body, "application/x-www-form-urlencoded")
        return status

    async def send(self, attempt: Attempt) -> None:
        delivery = attempt.delivery
        if delivery.type == "events_api":
            body, content_type = json.dumps(delivery.payload), "application/json"
        elif delivery.type == "slash_commands":
            body, content_type = urlencode(delivery.payload), "application/x-www-form-urlencoded"
        else:
            body = urlencode({"payload": json.dumps(delivery.payload)})
            content_type = "application/x-www-form-urlencoded"
        headers = self._signed(body, content_type)
        if attempt.number:
            headers |= {"X-Slack-Retry-Num": str(attempt.number), "X-Slack-Retry-Reason": attempt.reason or ""}
        self._journal.write("sent", delivery.name, url=self._url, headers=headers, body=body)
        wake(attempt.on_wire)
        try:
            async with self._session.post(
                self._url, data=body.encode(), headers=headers, max_redirects=REDIRECTS
            ) as reply:
                text = await reply.text()
        except aiohttp.TooManyRedirects:
            self._deliveries.missed(attempt, "too_many_redirects")
        except aiohttp.ClientSSLError:
            self._deliveries.missed(attempt, "ssl_error")
        except aiohttp.ClientConnectionError:
            self._deliveries.missed(attempt, "connection_failed")
        except aiohttp.ClientError:
            self._deliveries.missed(attempt, "unknown_error")
        else:
            self._journal.write("received", "http_answer", status=reply.status, body=text, delivery=delivery.id)
            if reply.ok:
                answer = _payload(text) if delivery.type != "events_api" else {}
                self._deliveries.answered(attempt, answer, via=self._url)
            else:
                no_retry = reply.headers.get("X-Slack-No-Retry") == "1"
                self._deliveries.missed(attempt, "http_error", no_retry=no_retry)

    async def close(self) -> None:
        await self._session.close()

    async def _post(self, body: str, content_type: str) -> tuple[int, str]:
        headers = self._signed(body, content_type)
        async with self._session.post(self._url, data=body.encode(), headers=headers) as reply:
            return reply.status, await reply.text()

    def _signed(self, body: str, content_type: str) -> dict[str, str]:
        forgery = self._forgeries.pop(0) if self._forgeries else None
        now = time.time() if self.signs_with_real_time else self._clock.now()
        timestamp = str(int(now - STALE_SECONDS if forgery == "stale" else now))
        secret = "somebody else's" if forgery == "wrong_secret" else self._secret
        signed = signature(secret, timestamp, body)
        if forgery == "bad_signature":
            signed = "v0=" + "0" * 64
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        if forgery == "unsigned":
            return headers
        return {**headers, "X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signed}


def _payload(text: str) -> Json:
    """What the application answered to a command or a view: JSON, or plain text to show."""
    if not text.strip():
        return {}
    try:
        answer = json.loads(text)
    except ValueError:
        return {"text": text}
    return answer if isinstance(answer, dict) else {"text": text}
