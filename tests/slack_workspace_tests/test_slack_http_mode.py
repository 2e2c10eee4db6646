"""The Events API over HTTP, with Bolt's own aiohttp server and with one that misbehaves."""

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import Workspace
from slack_workspace.wire import Json

from slack_workspace_tests.conftest import app_of

GENERAL = "C0GENERAL"
IMPATIENT = 0.02
"""Real seconds; enough where the application is meant to leave something unanswered."""
Handler = Callable[[web.Request], Awaitable[web.Response]]


@contextlib.asynccontextmanager
async def serving(application: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()


def answering(handler: Handler) -> web.Application:
    application = web.Application()
    application.router.add_post("/slack/events", handler)
    return application


class Endpoint:
    """A request URL that answers what it is told, and keeps what it was sent."""

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.status, self.headers = status, headers or {}
        self.requests: list[tuple[dict[str, str], str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append((dict(request.headers), await request.text()))
        return web.Response(status=self.status, headers=self.headers)

    def retries(self) -> list[tuple[str | None, str | None]]:
        return [(headers.get("X-Slack-Retry-Num"), headers.get("X-Slack-Retry-Reason")) for headers, _ in self.requests]


async def test_bolt_answers_over_http(slack: Workspace) -> None:
    app = app_of(slack)

    @app.event("app_mention")
    async def answer(event: Json, say: Any) -> None:
        await say(text="hello", thread_ts=event["ts"])

    @app.event("message")
    async def ignore() -> None: ...

    @app.command("/ask")
    async def ask(ack: Any, command: Json) -> None:
        await ack(f"You asked: {command['text']}")

    async with serving(app.web_app("/slack/events")) as url:
        webhook = await slack.control.use_http(url)
        assert await webhook.verify()
        assert await webhook.ssl_check() == 200
        question = await slack.control.ask("U0ANNA", GENERAL, "<@U0ASKBOT> hi")
        await slack.control.answered(question)
        answers = await slack.control.command("U0BEN", GENERAL, "/ask", "what?", question=True)
        await slack.control.quiet()
    assert [message.text for message in answers] == ["You asked: what?"]
    assert slack.problems() == []


async def test_clicks_and_forms_come_as_a_payload_in_a_form(slack: Workspace) -> None:
    app = app_of(slack)
    label: Json = {"type": "plain_text", "text": "Why"}
    field = {
        "type": "input",
        "block_id": "why",
        "label": label,
        "element": {"type": "plain_text_input", "action_id": "text"},
    }
    view = {"type": "modal", "callback_id": "why", "title": label, "submit": label, "blocks": [field]}

    @app.event("message")
    async def ignore() -> None: ...

    @app.action("form")
    async def open_form(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("why")
    async def refuse(ack: Any) -> None:
        await ack(response_action="errors", errors={"why": "Please say more."})

    async with serving(app.web_app("/slack/events")) as url:
        await slack.control.use_http(url)
        button = {"type": "button", "action_id": "form", "text": label}
        blocks = [{"type": "actions", "elements": [button]}]
        ts = (await app.client.chat_postMessage(channel=GENERAL, text="x", blocks=blocks))["ts"]
        await slack.control.click("U0ANNA", slack.control.message(GENERAL, ts), "form")
        await slack.control.until(lambda: slack.control.modal("U0ANNA"))
        await slack.control.submit_view("U0ANNA", {"why": {"text": "because"}})
        await slack.control.quiet()
    shown = slack.control.modal("U0ANNA")
    assert shown is not None
    assert shown.errors == {"why": "Please say more."}
    assert slack.problems() == []


async def test_every_request_is_signed(slack: Workspace) -> None:
    endpoint = Endpoint()
    async with serving(answering(endpoint.answer)) as url:
        await slack.control.use_http(url)
        await slack.control.say("U0ANNA", GENERAL, "hello")
        await slack.control.command("U0ANNA", GENERAL, "/ask", "a & b")
        await slack.control.quiet()
    verifier = SignatureVerifier(slack.signing_secret)
    for headers, body in endpoint.requests:
        assert verifier.is_valid_request(body, headers)
    (event_headers, event_body), (command_headers, command_body) = endpoint.requests
    assert event_headers["Content-Type"] == "application/json"
    assert json.loads(event_body)["event"]["text"] == "hello"
    assert command_headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "text=a+%26+b" in command_body


@pytest.mark.parametrize("forgery", ["stale", "bad_signature", "wrong_secret", "unsigned"])
async def test_bolt_refuses_a_forged_request(slack: Workspace, forgery: Any) -> None:
    app = app_of(slack)
    heard: list[str] = []

    @app.event("message")
    async def hear(event: Json) -> None:
        heard.append(event["text"])

    async with serving(app.web_app("/slack/events")) as url:
        webhook = await slack.control.use_http(url)
        webhook.forge(forgery)
        await slack.control.say("U0ANNA", GENERAL, "hello")
        await slack.control.until(lambda: slack.journal.entries("missed"))
        await slack.control.quiet()
    assert [entry.data["status"] for entry in slack.journal.entries("received")] == [401, 200]
    assert heard == ["hello"]


async def test_an_http_error_is_retried_at_once_then_after_one_and_five_minutes(slack: Workspace) -> None:
    endpoint = Endpoint(500)
    async with serving(answering(endpoint.answer)) as url:
        await slack.control.use_http(url)
        await slack.control.say("U0ANNA", GENERAL, "hello")
        await slack.control.until(lambda: len(slack.journal.entries("missed")) == 2)
        start = slack.clock.now()
        await slack.clock.advance(60)
        await slack.clock.advance(300)
        await slack.clock.advance(1_000)
    times = [entry.at - start for entry in slack.journal.entries("sent")]
    assert times == [0.0, 0.0, 60.0, 360.0]
    assert endpoint.retries() == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len(slack.journal.entries("lost")) == 1


async def test_no_retry_is_honoured(slack: Workspace) -> None:
    endpoint = Endpoint(500, {"X-Slack-No-Retry": "1"})
    async with serving(answering(endpoint.answer)) as url:
        await slack.control.use_http(url)
        await slack.control.say("U0ANNA", GENERAL, "hello")
        await slack.control.until(lambda: slack.journal.entries("lost"))
        await slack.clock.advance(400)
    assert endpoint.retries() == [(None, None)]


async def test_three_seconds_without_an_answer_are_a_timeout(slack: Workspace) -> None:
    slack.clock.patience = IMPATIENT
    endpoint = Endpoint()

    async def hang_once(request: web.Request) -> web.Response:
        if not endpoint.requests:
            await endpoint.answer(request)
            await slack.clock.sleep(3_600)
        return await endpoint.answer(request)

    async with serving(answering(hang_once)) as url:
        await slack.control.use_http(url)
        await slack.control.say("U0ANNA", GENERAL, "hello")
        await slack.clock.advance(3)
        await slack.control.quiet()
        assert endpoint.retries() == [(None, None), ("1", "http_timeout")]
        assert slack.problems() == []
        await slack.clock.advance(3_600)


async def test_a_closed_port_is_a_failed_connection(slack: Workspace) -> None:
    async with serving(web.Application()) as url:
        pass
    await slack.control.use_http(url)
    await slack.control.say("U0ANNA", GENERAL, "hello")
    await slack.control.until(lambda: len(slack.journal.entries("missed")) == 2)
    assert {entry.data["reason"] for entry in slack.journal.entries("missed")} == {"connection_failed"}


async def test_a_person_sees_an_error_when_a_command_fails(slack: Workspace) -> None:
    async with serving(answering(Endpoint(500).answer)) as url:
        await slack.control.use_http(url)
        await slack.control.command("U0ANNA", GENERAL, "/ask", "what?")
        await slack.control.until(lambda: slack.control.user_errors)
    (error,) = slack.control.user_errors
    assert (error.user, error.action, error.error) == ("U0ANNA", "/ask", "dispatch_failed")


async def test_redirects_are_followed_twice_and_no_further(slack: Workspace) -> None:
    async def round_and_round(request: web.Request) -> web.Response:
        raise web.HTTPFound(request.path)

    application = answering(round_and_round)
    application.router.add_get("/slack/events", round_and_round)
    async with serving(application) as url:
        await slack.control.use_http(url)
        await slack.control.say("U0ANNA", GENERAL, "hello")
        await slack.control.until(lambda: slack.journal.entries("missed"))
    assert slack.journal.entries("missed")[0].data["reason"] == "too_many_redirects"


async def test_bolt_drops_a_command_whose_text_has_the_word_payload(slack: Workspace) -> None:
    """Finding 9 of the reference, which holds for HTTP only."""
    app = app_of(slack)

    @app.command("/ask")
    async def ask(ack: Any) -> None:
        await ack("answer")

    async with serving(app.web_app("/slack/events")) as url:
        await slack.control.use_http(url)
        await slack.control.command("U0ANNA", GENERAL, "/ask", "what is a payload")
        await slack.control.until(lambda: slack.control.user_errors)
        good = await slack.control.command("U0ANNA", GENERAL, "/ask", "what is a load")
        await slack.control.quiet()
    assert [message.text for message in good] == ["answer"]
