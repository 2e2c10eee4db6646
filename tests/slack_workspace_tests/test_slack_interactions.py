"""Commands, clicks, forms and shortcuts, through a real Bolt app on Socket Mode."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from slack_workspace import Message, NotPossible, Workspace
from slack_workspace.wire import Json

from slack_workspace_tests.conftest import app_of, client_of, socket_mode

GENERAL = "C0GENERAL"


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def field(block_id: str, *, optional: bool = False) -> Json:
    element = {"type": "plain_text_input", "action_id": "text"}
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": element, "optional": optional}


def modal(title: str, *blocks: Json, **fields: Any) -> Json:
    return {"type": "modal", "title": plain(title), "submit": plain("Send"), "blocks": list(blocks), **fields}


BUTTONS: list[Json] = [
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "share", "text": plain("Share"), "value": "42"},
            {"type": "button", "action_id": "form", "text": plain("Form")},
        ],
    },
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {"text": plain("Good"), "value": "42:up"},
                "negative_button": {"text": plain("Bad"), "value": "42:down"},
            }
        ],
    },
]


@pytest.fixture
async def app(slack: Workspace) -> AsyncIterator[AsyncApp]:
    """A Bolt app on Socket Mode; a test adds its listeners."""
    app = app_of(slack)

    @app.event("message")
    async def ignore() -> None: ...

    async with socket_mode(slack, app):
        yield app


async def buttons(slack: Workspace, client: AsyncWebClient) -> Message:
    ts = (await client.chat_postMessage(channel=GENERAL, text="choose", blocks=BUTTONS))["ts"]
    return slack.control.message(GENERAL, ts)


async def test_a_command_is_answered_in_the_ack_and_later(slack: Workspace, app: AsyncApp) -> None:
    @app.command("/ask")
    async def ask(ack: Any, respond: Any, command: Json) -> None:
        await ack(text="thinking")
        await respond(text=f"answer to {command['text']}", replace_original=True)

    answers = await slack.control.command("U0ANNA", GENERAL, "/ask", "what?", question=True)
    await slack.control.until(lambda: answers and answers[0].text == "answer to what?")
    assert slack.control.rendered(GENERAL).transcript() == "(only U0ANNA sees) askbot: answer to what?\n"
    await slack.control.quiet()
    assert slack.problems() == []


async def test_a_command_says_where_it_was_typed(slack: Workspace, app: AsyncApp) -> None:
    seen: list[Json] = []

    @app.command("/ask")
    async def ask(ack: Any, body: Json) -> None:
        seen.append(body)
        await ack()

    for channel in (GENERAL, "G0PRIVATE", "U0ANNA"):
        await slack.control.command("U0ANNA", channel, "/ask", "x")
    await slack.control.quiet()
    assert {body["channel_name"] for body in seen} == {"general", "privategroup", "directmessage"}
    assert {body["user_id"] for body in seen} == {"U0ANNA"}


async def test_an_answer_can_be_shared_in_the_channel(slack: Workspace, app: AsyncApp) -> None:
    @app.command("/ask")
    async def ask(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="private", blocks=BUTTONS)

    @app.action("share")
    async def share(ack: Any, respond: Any, action: Json) -> None:
        await ack()
        await respond(text=f"shared {action['value']}", response_type="in_channel", replace_original=False)
        await respond(delete_original=True)

    await slack.control.command("U0ANNA", GENERAL, "/ask", "x")
    private = (await slack.control.until(lambda: slack.control.whispers("U0ANNA")))[0]
    with pytest.raises(NotPossible, match="does not see"):
        await slack.control.click("U0BEN", private, "share")
    await slack.control.click("U0ANNA", private, "share")
    await slack.control.until(lambda: not slack.control.whispers("U0ANNA"))
    assert slack.control.rendered(GENERAL).transcript() == "askbot: shared 42\n"


async def test_a_click_carries_value_message_and_place(slack: Workspace, app: AsyncApp, client: AsyncWebClient) -> None:
    seen: list[Json] = []

    @app.action("share")
    @app.action("feedback")
    async def remember(ack: Any, body: Json) -> None:
        seen.append(body)
        await ack()

    message = await buttons(slack, client)
    await slack.control.click("U0ANNA", message, "share")
    await slack.control.click("U0BEN", message, "feedback", "42:down")
    await slack.control.quiet()
    click, feedback = sorted(seen, key=lambda body: str(body["user"]["id"]))
    assert click["actions"][0]["value"] == "42"
    assert click["container"] == {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": GENERAL,
        "is_ephemeral": False,
    }
    assert click["message"]["ts"] == message.ts
    assert feedback["actions"][0]["type"] == "feedback_buttons"
    assert feedback["actions"][0]["value"] == "42:down"
    with pytest.raises(NotPossible, match="no feedback button"):
        await slack.control.click("U0BEN", message, "feedback", "42:sideways")


async def test_a_click_nobody_acknowledges_shows_an_error(
    slack: Workspace, app: AsyncApp, client: AsyncWebClient
) -> None:
    @app.action("share")
    async def forget() -> None: ...

    await slack.control.click("U0ANNA", await buttons(slack, client), "share")
    slack.clock.patience = 0.02
    await slack.clock.advance(3)
    (error,) = slack.control.user_errors
    assert (error.user, error.action, error.error) == ("U0ANNA", "share", "operation_timeout")
    await slack.clock.advance(400)
    assert len([entry for entry in slack.journal.entries("sent") if entry.name == "block_actions"]) == 1


async def test_without_any_connection_a_click_fails_at_once(slack: Workspace, client: AsyncWebClient) -> None:
    await slack.control.click("U0ANNA", await buttons(slack, client), "share")
    await slack.control.until(lambda: slack.control.user_errors)
    assert slack.control.user_errors[0].error == "dispatch_failed"


async def test_a_form_is_opened_filled_in_refused_and_accepted(
    slack: Workspace, app: AsyncApp, client: AsyncWebClient
) -> None:
    @app.action("form")
    async def open_form(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        view = modal("What is wrong?", field("why"), field("more", optional=True), callback_id="why")
        await client.views_open(trigger_id=body["trigger_id"], view={**view, "private_metadata": "42"})

    @app.view("why")
    async def submit(ack: Any, view: Json) -> None:
        if view["state"]["values"]["why"]["text"]["value"] == "bad":
            await ack(response_action="errors", errors={"why": "Please say more."})
        else:
            await ack()

    await slack.control.click("U0ANNA", await buttons(slack, client), "form")
    shown = await slack.control.until(lambda: slack.control.modal("U0ANNA"))
    assert (shown.title, shown.shown, shown.body["private_metadata"]) == (
        "What is wrong?",
        "why: ____\nmore: ____",
        "42",
    )
    with pytest.raises(NotPossible, match="why is required"):
        await slack.control.submit_view("U0ANNA", {})
    await slack.control.submit_view("U0ANNA", {"why": {"text": "bad"}})
    await slack.control.quiet()
    refused = slack.control.modal("U0ANNA")
    assert refused is not None
    assert refused.errors == {"why": "Please say more."}
    await slack.control.submit_view("U0ANNA", {"why": {"text": "it cites the wrong page"}})
    await slack.control.quiet()
    assert slack.control.modal("U0ANNA") is None


async def test_a_form_may_be_replaced_stacked_and_cleared(
    slack: Workspace, app: AsyncApp, client: AsyncWebClient
) -> None:
    answers: list[Json] = [
        {"response_action": "update", "view": modal("Second", field("a"))},
        {"response_action": "push", "view": modal("Third", field("a"))},
        {"response_action": "clear"},
    ]

    @app.action("form")
    async def open_form(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal("First", field("a")))

    @app.view({"type": "view_submission", "callback_id": ""})
    async def submit(ack: Any) -> None:
        await ack(**answers.pop(0))

    await slack.control.click("U0ANNA", await buttons(slack, client), "form")
    await slack.control.until(lambda: slack.control.modal("U0ANNA"))
    seen = []
    for _ in range(3):
        await slack.control.submit_view("U0ANNA", {"a": {"text": "x"}})
        await slack.control.quiet()
        top = slack.control.modal("U0ANNA")
        seen.append((top.title, top.depth) if top else None)
    assert seen == [("Second", 1), ("Third", 2), None]


async def test_a_trigger_is_good_once_for_three_seconds(slack: Workspace, app: AsyncApp) -> None:
    triggers: list[str] = []

    @app.command("/ask")
    async def ask(ack: Any, body: Json) -> None:
        triggers.append(body["trigger_id"])
        await ack()

    client = client_of(slack)

    async def error_of(trigger: str, **view: Any) -> str:
        with pytest.raises(SlackApiError) as caught:
            await client.views_open(trigger_id=trigger, view={**modal("x"), **view})
        return str(caught.value.response["error"])

    for _ in range(3):
        await slack.control.command("U0ANNA", GENERAL, "/ask")
        await slack.control.quiet()
    assert await error_of("1.2.abc") == "invalid_trigger_id"
    assert await error_of(triggers[0], title=plain("x" * 25)) == "invalid_arguments"
    assert await error_of(triggers[0]) == "exchanged_trigger_id"
    huge = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2_900}}] * 90
    assert await error_of(triggers[1], blocks=huge) == "view_too_large"
    await slack.clock.advance(4)
    assert await error_of(triggers[2]) == "expired_trigger_id"


async def test_a_view_changes_only_with_the_hash_it_has(slack: Workspace, client: AsyncWebClient) -> None:
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    first = (await client.views_publish(user_id="U0ANNA", view=home))["view"]
    await client.views_publish(user_id="U0ANNA", view=home, hash=first["hash"])
    for call in (
        client.views_publish(user_id="U0ANNA", view=home, hash=first["hash"]),
        client.views_update(view_id=first["id"], view=home, hash=first["hash"]),
    ):
        with pytest.raises(SlackApiError, match="hash_conflict"):
            await call
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id="V0NONE", view=home)
    shown = slack.control.home("U0ANNA")
    assert shown is not None
    assert shown.shown == "---"


async def test_without_a_home_tab_nothing_is_published() -> None:
    async with Workspace(home_tab=False) as slack:
        with pytest.raises(SlackApiError, match="not_enabled"):
            await client_of(slack).views_publish(user_id="U0ANNA", view={"type": "home", "blocks": []})


async def test_buttons_and_menus_of_the_home_work(slack: Workspace, app: AsyncApp, client: AsyncWebClient) -> None:
    seen: list[Json] = []

    @app.action("example")
    @app.action("language")
    async def remember(ack: Any, body: Json) -> None:
        await ack()
        seen.append(body)

    options = [{"text": plain(name), "value": name} for name in ("de", "en")]
    blocks = [
        {"type": "actions", "elements": [{"type": "button", "action_id": "example", "text": plain("Try")}]},
        {
            "type": "section",
            "text": plain("Language"),
            "accessory": {"type": "static_select", "action_id": "language", "options": options},
        },
    ]
    await client.views_publish(user_id="U0ANNA", view={"type": "home", "blocks": blocks})
    await slack.control.click_in_view("U0ANNA", "example", home=True)
    await slack.control.click_in_view("U0ANNA", "language", "en", home=True)
    await slack.control.quiet()
    assert {body["view"]["type"] for body in seen} == {"home"}
    (chosen,) = (body["actions"][0] for body in seen if body["actions"][0]["action_id"] == "language")
    assert chosen["selected_option"] == options[1]


async def test_a_message_shortcut_brings_the_message(slack: Workspace, app: AsyncApp) -> None:
    @app.shortcut("answer_message")
    async def answer(ack: Any, shortcut: Json, client: AsyncWebClient) -> None:
        await ack()
        message, channel = shortcut["message"], shortcut["channel"]["id"]
        await client.chat_postMessage(channel=channel, thread_ts=message["ts"], text=f"about {message['text']}")

    said = await slack.control.say("U0ANNA", GENERAL, "the VPN")
    await slack.control.message_shortcut("U0BEN", said, "answer_message")
    await slack.control.answered(said)
    assert slack.control.rendered(GENERAL, said.ts).transcript() == "anna: the VPN\naskbot: about the VPN\n"


async def test_a_global_shortcut_brings_the_person() -> None:
    async with Workspace(global_shortcuts=frozenset({"open_help"})) as slack:
        app, seen = app_of(slack), []

        @app.shortcut("open_help")
        async def answer(ack: Any, shortcut: Json) -> None:
            await ack()
            seen.append((shortcut["type"], shortcut["user"]["id"]))

        async with socket_mode(slack, app):
            await slack.control.global_shortcut("U0BEN", "open_help")
            await slack.control.quiet()
        assert seen == [("shortcut", "U0BEN")]


async def test_closing_a_form_is_told_if_asked_for(slack: Workspace, app: AsyncApp, client: AsyncWebClient) -> None:
    closed: list[str] = []

    @app.action("form")
    async def open_form(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        view = modal("x", field("a"), callback_id="why", notify_on_close=True)
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view_closed("why")
    async def close(ack: Any, body: Json) -> None:
        await ack()
        closed.append(body["user"]["id"])

    await slack.control.click("U0ANNA", await buttons(slack, client), "form")
    await slack.control.until(lambda: slack.control.modal("U0ANNA"))
    await slack.control.close_view("U0ANNA")
    await slack.control.quiet()
    assert closed == ["U0ANNA"]


async def test_a_response_url_is_good_five_times_for_half_an_hour(slack: Workspace, app: AsyncApp) -> None:
    urls: list[str] = []

    @app.command("/ask")
    async def ask(ack: Any, body: Json) -> None:
        urls.append(body["response_url"])
        await ack()

    for _ in range(2):
        await slack.control.command("U0ANNA", GENERAL, "/ask")
        await slack.control.quiet()
    often, late = AsyncWebhookClient(urls[0]), AsyncWebhookClient(urls[1])
    assert [(await often.send(text=str(n))).status_code for n in range(6)] == [200] * 5 + [404]
    assert (await late.send(text="")).status_code == 400
    bad = await late.send(text="x", blocks=[{"type": "poll"}])
    assert (bad.status_code, bad.body) == (400, '{"ok": false, "error": "invalid_blocks"}')
    await slack.clock.advance(1_801)
    assert (await late.send(text="x")).status_code == 404
    assert [message.text for message in slack.control.whispers("U0ANNA")] == ["0", "1", "2", "3", "4"]
