"""The block validator, against the SDK's own models and Slack's known limits."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError
from slack_sdk.models import blocks as models
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace import Error, Workspace
from slack_workspace.blocks import problems_of_blocks, problems_of_view, text_length
from slack_workspace.wire import Json

from slack_workspace_tests.block_samples import GOOD, LIMITS, button, mrkdwn, plain, section
from slack_workspace_tests.live_contract import disagreements


@pytest.mark.parametrize("block", GOOD, ids=[f"{block['type']}-{index}" for index, block in enumerate(GOOD)])
def test_good_blocks_are_accepted(block: Json) -> None:
    assert problems_of_blocks([block]) == []


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_holds_to_the_character(name: str) -> None:
    make, most = LIMITS[name]
    assert problems_of_blocks([make(most)]) == []
    assert problems_of_blocks([make(most + 1)]) != []


@pytest.mark.parametrize(
    ("block", "pointer", "message"),
    [
        ({"type": "poll"}, "/blocks/0/type", "unsupported type: poll"),
        ({}, "/blocks/0", "missing required field: type"),
        ("words", "/blocks/0", "must provide an object"),
        ({"type": "section"}, "/blocks/0", "must define either `text` or `fields`"),
        (section(text=mrkdwn("x" * 3001)), "/blocks/0/text/text", "must be less than 3001 characters"),
        (section(text=mrkdwn("")), "/blocks/0/text/text", "must be more than 0 characters"),
        (section(colour="red"), "/blocks/0", "invalid additional property: colour"),
        ({"type": "header", "text": mrkdwn("x")}, "/blocks/0/text/type", "unsupported type: mrkdwn"),
        ({"type": "actions", "elements": [button()] * 26}, "/blocks/0/elements", "no more than 25 items allowed"),
        (
            {"type": "actions", "elements": [button(style="big")]},
            "/blocks/0/elements/0/style",
            "must be a valid enum value",
        ),
        (section(accessory=button(url=5)), "/blocks/0/accessory/url", "must provide a string"),
    ],
)
def test_a_problem_is_told_as_slack_tells_it(block: Json, pointer: str, message: str) -> None:
    found = problems_of_blocks([block])
    assert [(problem.pointer, problem.message) for problem in found] == [(pointer, message)]


def test_ids_are_unique_where_they_must_be() -> None:
    assert problems_of_blocks([section(block_id="a"), section(block_id="a")])
    assert problems_of_blocks([{"type": "actions", "elements": [button(action_id="a"), button(action_id="a")]}])
    apart = [{"type": "actions", "elements": [button(action_id="a")]} for _ in range(2)]
    assert problems_of_blocks(apart) == []


def test_containers_keep_their_rules() -> None:
    container = {"type": "container", "child_blocks": [{"type": "divider"}]}
    assert problems_of_blocks([container])
    assert problems_of_blocks([{**container, "title": plain("x"), "is_collapsible": True, "has_header_divider": True}])
    assert problems_of_blocks([{**container, "title": plain("x"), "default_collapsed": True}])
    assert problems_of_blocks([{**container, "title": plain("x"), "child_blocks": [{"type": "section"}]}])


TEXT = st.text(min_size=1, max_size=60).filter(str.strip)
ELEMENTS = st.builds(lambda text, value: models.ButtonElement(text=text, value=value, action_id=value), TEXT, TEXT)
MODELS = st.one_of(
    st.builds(lambda text: models.SectionBlock(text=text), TEXT),
    st.builds(lambda text: models.HeaderBlock(text=text), TEXT),
    st.builds(lambda text: models.MarkdownBlock(text=text), TEXT),
    st.builds(lambda text: models.ContextBlock(elements=[models.MarkdownTextObject(text=text)]), TEXT),
    st.builds(lambda element: models.ActionsBlock(elements=[element]), ELEMENTS),
    st.builds(lambda element: models.SectionBlock(text="x", accessory=element), ELEMENTS),
    st.builds(lambda text: models.AlertBlock(text=text, level="info"), TEXT),
    st.builds(lambda text: models.ContainerBlock(title=text, child_blocks=[models.DividerBlock()]), TEXT),
    st.just(models.DividerBlock()),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(MODELS, max_size=20))
def test_what_the_sdk_builds_is_accepted(built: list[models.Block]) -> None:
    assert problems_of_blocks([block.to_dict() for block in built]) == []


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=5)
        | st.sampled_from(["section", "actions", "table"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["type", "text", "elements", "rows", "child_blocks"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_no_nonsense_breaks_the_validator(value: Any) -> None:
    assert isinstance(problems_of_blocks(value), list)
    assert isinstance(problems_of_view(value), list)
    assert text_length(value) >= 0


def test_views_keep_their_limits() -> None:
    modal: Json = {"type": "modal", "title": plain("Title"), "blocks": [section()]}
    assert problems_of_view(modal) == []
    assert problems_of_view({**modal, "title": plain("x" * 25)})
    assert problems_of_view({**modal, "private_metadata": "x" * 3001})
    assert problems_of_view({**modal, "blocks": [{"type": "divider"}] * 101})
    assert problems_of_view({**modal, "type": "tab"})
    field = {"type": "input", "label": plain("Why"), "element": {"type": "plain_text_input"}}
    assert [str(problem) for problem in problems_of_view({**modal, "blocks": [field]})] == [
        "missing required field: submit [json-pointer:/view]"
    ]
    assert problems_of_view({**modal, "blocks": [field], "submit": plain("Send")}) == []
    assert problems_of_view({"type": "home", "blocks": [section()], "submit": plain("Send")})


async def test_bad_blocks_are_refused_with_their_problems(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0GENERAL", text="x", blocks=[section(text=mrkdwn("x" * 3001))])
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]


async def test_too_many_or_too_long_blocks_are_refused(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        await client.chat_postMessage(channel="C0GENERAL", text="x", blocks=[{"type": "divider"}] * 51)
    with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
        await client.chat_postMessage(channel="C0GENERAL", text="x", blocks=[section(text=mrkdwn("x" * 2900))] * 5)


async def test_blocks_validate_answers_from_the_same_validator(client: AsyncWebClient) -> None:
    assert (await client.blocks_validate(blocks=[section()]))["ok"]
    assert (await client.blocks_validate(message={"blocks": [section()]}))["ok"]
    for arguments, error, pointer in (
        ({"blocks": [{"type": "poll"}]}, "invalid_blocks", "/0/type"),
        ({"message": {"blocks": [{"type": "poll"}]}}, "invalid_message", "/blocks/0/type"),
        ({"view": {"type": "modal", "blocks": []}}, "invalid_view", "/view"),
    ):
        with pytest.raises(SlackApiError) as caught:
            await client.blocks_validate(**arguments)
        assert caught.value.response["error"] == error
        assert caught.value.response["errors"][0]["pointer"] == pointer
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.blocks_validate()


async def test_the_live_contract_finds_the_fake_to_agree_with_itself(slack: Workspace, client: AsyncWebClient) -> None:
    assert await disagreements(client) == []
    slack.control.fail("blocks.validate", Error("invalid_blocks"))
    assert await disagreements(client) == [f"{GOOD[0]['type']}: the fake finds [], Slack says invalid_blocks"]
