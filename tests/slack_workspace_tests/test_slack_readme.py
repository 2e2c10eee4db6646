"""First steps: what the README shows."""

from typing import Any

from slack_workspace import Workspace

from slack_workspace_tests.conftest import app_of, socket_mode


async def test_a_bolt_app_answers_a_mention(slack: Workspace) -> None:
    app = app_of(slack)

    @app.event("app_mention")
    async def answer(event: dict[str, Any], say: Any) -> None:
        await say(text=f"You said: {event['text']}", thread_ts=event["ts"])

    @app.event("message")
    async def ignore() -> None: ...

    async with socket_mode(slack, app):
        question = await slack.control.ask("U0ANNA", "C0GENERAL", "<@U0ASKBOT> hello?")
        thread = await slack.control.answered(question)
        await slack.control.quiet()

    assert thread.transcript() == "anna: <@U0ASKBOT> hello?\naskbot: You said: <@U0ASKBOT> hello?\n"
    assert slack.problems() == []
