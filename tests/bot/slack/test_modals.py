"""What opens over a message."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from slack_answers import EMBEDDED, HANDBOOK, NOT_FOUND, TWO_SOURCES, any_answers, citing, passage, ranked
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import Workspace
from slack_workspace.blocks import problems_of_view
from slack_workspace.plain import links, pings
from slack_workspace.wire import Json
from syrupy.assertion import SnapshotAssertion

from bot.slack import handover, modals, names, render
from bot.slack.modals import FeedbackForm
from bot.types import Answer


@pytest.fixture
async def slack() -> AsyncIterator[Workspace]:
    async with Workspace(patience=2) as workspace:
        yield workspace


def bold(view: Json) -> list[str]:
    return [
        element["text"]
        for block in view["blocks"]
        if block["type"] == "rich_text"
        for line in block["elements"]
        for element in line["elements"]
        if element.get("style", {}).get("bold")
    ]


def test_a_passage_is_shown_with_its_neighbours_and_the_quote_in_bold() -> None:
    first, second = HANDBOOK.text.split("\n\n")
    parts = [
        passage(first + "\n\n", source="a", title="A", name="x"),
        passage(second, source="a", title="A", name="y", start=len(first) + 2),
    ]
    view = modals.passage_modal(citing(1, "ten move to the next year", HANDBOOK), parts)
    assert bold(view) == ["ten move to the next year"]
    (text,) = (block["elements"][0]["elements"] for block in view["blocks"][1:2])
    assert "".join(element["text"] for element in text) == HANDBOOK.text


def test_a_quote_that_left_its_document_is_shown_alone_and_says_so() -> None:
    changed = passage("The office opens at ten.", source="docs/handbook.md", title="Staff handbook")
    for now in ([changed], [], [HANDBOOK, HANDBOOK]):
        view = modals.passage_modal(EMBEDDED.citations[0], now)
        assert bold(view) == ["The office opens at nine."]
        assert "changed since" in str(view)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=20, deadline=None)
@given(any_answers())
def test_any_view_fits_and_nothing_in_it_acts(answer: Answer) -> None:
    found = {each.passage.id: each.passage for each in answer.passages}
    views = [
        modals.passage_modal(citation, [found[citation.passage_id]] if citation.passage_id in found else [])
        for citation in answer.citations
    ]
    views.append(modals.closest_modal(answer.passages))
    for view in views:
        assert problems_of_view(view) == []
        assert len(str(view).encode()) < 250_000
        assert pings("", view["blocks"]) == []
        named = [*(each.source for each in answer.citations), *(each.source for each in found.values())]
        sources = {source.partition("#")[0] for source in named}
        assert {link.partition("#")[0] for link in links("", view["blocks"])} <= sources


def test_what_is_no_form_of_ours_is_refused() -> None:
    for view in ({}, {"private_metadata": "x", "state": {"values": {}}}):
        with pytest.raises(ValueError, match="not a feedback form"):
            modals.read_feedback(view)


async def test_people_open_passages_and_say_what_is_wrong(slack: Workspace, snapshot: SnapshotAssertion) -> None:
    """Over the real wire, with Bolt as it is."""
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    app = AsyncApp(client=client, signing_secret=slack.signing_secret)
    forms: list[FeedbackForm] = []

    @app.action(names.SHOW_PASSAGE)
    async def show(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        _, number = names.read_source(body["actions"][0]["value"])
        view = modals.passage_modal(TWO_SOURCES.citations[number - 1], [TWO_SOURCES.passages[number - 1].passage])
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.action(names.SHOW_CLOSEST)
    async def closest(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modals.closest_modal(NOT_FOUND.passages))

    @app.action(names.FEEDBACK)
    async def vote(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        _, answer_id = names.read_vote(body["actions"][0]["value"])
        await client.views_open(trigger_id=body["trigger_id"], view=modals.feedback_form(answer_id))

    @app.view(names.FEEDBACK_FORM)
    async def sent(ack: AsyncAck, view: Json) -> None:
        await ack()
        forms.append(modals.read_feedback(view))

    from slack_workspace_tests.conftest import socket_mode

    async with socket_mode(slack, app):
        posted = []
        for answer in (TWO_SOURCES, NOT_FOUND):
            (sent_message,) = render.answer_messages(answer, "a1")
            reply = await client.chat_postMessage(
                channel="C0GENERAL", text=sent_message.text, blocks=list(sent_message.blocks)
            )
            posted.append(slack.control.message("C0GENERAL", reply["ts"]))
        shown = []
        for message, action in (
            (posted[0], "show_passage.2"),
            (posted[1], names.SHOW_CLOSEST),
        ):
            await slack.control.click("U0ANNA", message, action)
            view = await slack.control.until(lambda: slack.control.modal("U0ANNA"))
            shown.append(f"== {view.title} ==\n{view.shown}")
            await slack.control.close_view("U0ANNA")
        await slack.control.click("U0ANNA", posted[0], names.FEEDBACK, names.of_vote("bad", "a1"))
        form = await slack.control.until(lambda: slack.control.modal("U0ANNA"))
        shown.append(f"== {form.title} ==\n{form.shown}\n[{form.submit}]")
        values = {
            names.REASON_BLOCK: {names.REASON_INPUT: "outdated"},
            names.EXPECTED_BLOCK: {names.EXPECTED_INPUT: " 31 days since May. "},
        }
        await slack.control.submit_view("U0ANNA", values)
        await slack.control.until(lambda: forms or None)
    assert forms == [FeedbackForm("a1", "outdated", "31 days since May.")]
    assert "\n\n".join(shown) == snapshot
    assert slack.control.user_errors == []


def test_a_question_passed_on_names_nobody() -> None:
    sent = handover.asked_human("Who is <@U0BEN>? <!here>", "<@U0ANNA>", "https://home.slack.com/archives/C1/p1")
    assert pings(sent.text, list(sent.blocks)) == []
    assert links(sent.text, list(sent.blocks)) == ["https://home.slack.com/archives/C1/p1"]


@pytest.mark.parametrize("on", [True, False])
def test_the_switch_of_a_channel_offers_the_other_side(on: bool) -> None:  # noqa: FBT001 - a parameter of the test
    sent = handover.follow_ups_help(on=on)
    assert sent.blocks[1]["elements"][0]["value"] == ("off" if on else "on")
    assert ("without being mentioned" in sent.text) is on


def test_closest_passages_are_at_most_five() -> None:
    view = modals.closest_modal(ranked(*[HANDBOOK] * 9))
    assert len(view["blocks"]) == 1 + modals.CLOSEST
