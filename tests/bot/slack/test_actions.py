"""Buttons, forms, the command, the shortcut, the App Home."""

from pathlib import Path

import sqlalchemy as sa
from slack_bot import ANNA, ASKBOT, BEN, GENERAL, SAID, UNKNOWN, WHO, asked, at_work, settled
from slack_workspace import Error, Message, Workspace

from bot.answering import Answering
from bot.feedback import feedback
from bot.journal import connect
from bot.slack import names

RANDOM = "C0RANDOM"


async def reply_to(slack: Workspace, question: Message) -> Message:
    thread = await slack.control.answered(question)
    return slack.control.message(question.channel, thread.answers[0].ts)


async def test_show_passage_opens_the_paragraph(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        reply = await reply_to(slack, await asked(slack))
        await slack.control.click(ANNA, reply, names.show_passage(1))
        modal = await slack.control.until(lambda: slack.control.modal(ANNA))
        assert "Secretary of State Marco Rubio" in modal.shown
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


async def test_a_thumb_down_opens_a_form_and_what_is_said_is_kept(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        reply = await reply_to(slack, await asked(slack))
        thumb = next(
            element["negative_button"]["value"]
            for block in reply.blocks
            for element in block.get("elements", [])
            if element["type"] == "feedback_buttons"
        )
        await slack.control.click(BEN, reply, names.FEEDBACK, thumb)
        await slack.control.until(lambda: slack.control.modal(BEN))
        entered = {names.REASON_BLOCK: {names.REASON_INPUT: "outdated"}}
        entered[names.EXPECTED_BLOCK] = {names.EXPECTED_INPUT: "It was Rubio."}
        await slack.control.submit_view(BEN, entered)
        await slack.control.until(lambda: slack.control.modal(BEN) is None)
        await settled(slack, bot)
    engine = connect("", tmp_path)
    with engine.connect() as connection:
        (row,) = connection.execute(sa.select(feedback)).mappings()
    engine.dispose()
    assert (row["person"], row["vote"], row["reason"], row["expected"]) == (BEN, "bad", "outdated", "It was Rubio.")
    assert slack.problems(app_stopped=True) == []


async def test_a_human_is_asked_once_and_nobody_is_pinged(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path, human_channel="G0PRIVATE") as bot:
        reply = await reply_to(slack, await asked(slack, UNKNOWN))
        for _ in range(2):
            await slack.control.click(ANNA, reply, names.ASK_HUMAN)
        await settled(slack, bot)
        (passed_on,) = slack.control.rendered("G0PRIVATE").answers
        assert UNKNOWN in passed_on.shown
        assert passed_on.pings == []
        assert not passed_on.unfurls
        assert "passed your question on" in slack.control.whispers(ANNA)[0].text
    assert slack.problems(app_stopped=True) == []


async def test_a_question_that_could_not_be_passed_on_is_said_to_be_and_can_be_passed_on_again(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path, human_channel="G0PRIVATE") as bot:
        reply = await reply_to(slack, await asked(slack, UNKNOWN))
        slack.control.fail("chat.postMessage", Error("restricted_action"))
        await slack.control.click(ANNA, reply, names.ASK_HUMAN)
        await slack.control.until(lambda: slack.control.whispers(ANNA))
        assert "That did not work" in slack.control.whispers(ANNA)[0].text
        await slack.control.click(ANNA, reply, names.ASK_HUMAN)
        await settled(slack, bot)
        assert len(slack.control.rendered("G0PRIVATE").answers) == 1
        assert "passed your question on" in slack.control.whispers(ANNA)[-1].text
    assert slack.problems(app_stopped=True) == []


async def test_the_closest_passages_are_behind_a_button(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        reply = await reply_to(slack, await asked(slack, UNKNOWN))
        await slack.control.click(ANNA, reply, names.SHOW_CLOSEST)
        modal = await slack.control.until(lambda: slack.control.modal(ANNA))
        assert "They do not answer it" in modal.shown
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


async def test_a_command_is_answered_privately_and_shared_once(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        answers = await slack.control.command(ANNA, GENERAL, "/ask", WHO, question=True)
        await slack.control.until(lambda: answers)
        assert slack.control.rendered(GENERAL).answers == ()
        for _ in range(2):
            await slack.control.click(ANNA, answers[0], names.SHARE)
        await settled(slack, bot)
        (shared,) = slack.control.rendered(GENERAL).answers
        assert SAID in shared.shown
        assert shared.pings == []
    assert slack.problems(app_stopped=True) == []


async def test_a_command_works_where_the_bot_is_no_member(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        answers = await slack.control.command(ANNA, RANDOM, "/ask", WHO, question=True)
        await slack.control.until(lambda: answers)
        await slack.control.click(ANNA, answers[0], names.SHARE)
        await slack.control.until(lambda: slack.control.rendered(RANDOM).answers)
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


async def test_follow_ups_are_switched_off_for_a_channel(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        question = await asked(slack)
        await slack.control.answered(question)
        await slack.control.command(ANNA, GENERAL, "/ask")
        (how_to_ask,) = await slack.control.until(lambda: slack.control.whispers(ANNA))
        await slack.control.click(ANNA, how_to_ask, names.FOLLOW_UPS)
        await slack.control.until(lambda: slack.control.rendered(GENERAL).answers)
        await slack.control.say(BEN, GENERAL, "And why was he there?", thread_ts=question.ts)
        await settled(slack, bot)
        assert len(slack.control.rendered(GENERAL, question.ts).answers) == 1
    assert slack.problems(app_stopped=True) == []


async def test_the_shortcut_answers_any_message_in_its_thread(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        message = await slack.control.ask(BEN, GENERAL, WHO)
        await slack.control.message_shortcut(ANNA, message, names.ANSWER_MESSAGE)
        assert SAID in (await slack.control.answered(message)).answers[0].shown
        await slack.control.message_shortcut(ANNA, message, names.ANSWER_MESSAGE)
        await slack.control.until(lambda: slack.control.whispers(ANNA))
        assert "answered this message already" in slack.control.whispers(ANNA)[0].text
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


async def test_the_shortcut_says_where_it_cannot_answer(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        message = await slack.control.say(BEN, RANDOM, WHO)
        await slack.control.message_shortcut(ANNA, message, names.ANSWER_MESSAGE)
        await slack.control.until(lambda: slack.control.whispers(ANNA))
        assert "invite me" in slack.control.whispers(ANNA)[0].text
        await settled(slack, bot)


async def test_home_shows_what_is_indexed_and_the_messages_tab_suggests_questions(
    slack: Workspace, answering: Answering, tmp_path: Path
) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        await slack.control.open_home(ANNA)
        home = await slack.control.until(lambda: slack.control.home(ANNA))
        assert "1 document" in home.shown
        await slack.control.open_home(ANNA, "messages")
        prompts = await slack.control.until(lambda: slack.control.prompts(ANNA))
        assert 0 < len(prompts) <= 4
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []


async def test_no_mention_in_a_question_pings_anyone(slack: Workspace, answering: Answering, tmp_path: Path) -> None:
    async with at_work(slack, answering, tmp_path) as bot:
        question = await slack.control.ask(ANNA, GENERAL, f"{ASKBOT} <!channel> <@{BEN}> &lt;!here&gt; {UNKNOWN}")
        thread = await slack.control.answered(question)
        assert thread.answers[0].pings == []
        await settled(slack, bot)
    assert slack.problems(app_stopped=True) == []
