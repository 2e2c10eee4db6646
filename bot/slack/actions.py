"""What buttons and forms do. Clicks are acknowledged first; what needs Slack or the index follows in a task."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.feedback import Feedback
from bot.journal import Journal
from bot.slack import handover, modals, names, render
from bot.slack.errands import Errands
from bot.slack.inbox import Inbox
from bot.slack.message import Json
from bot.slack.private import respond
from bot.slack.web import Refused, SlackProblem, Web
from bot.stored import answer_of
from bot.types import Answer
from index.library import Library
from index.types import Passage

Body = Mapping[str, Any]


class Actions:
    def __init__(
        self,
        web: Web,
        errands: Errands,
        inbox: Inbox,
        *,
        journal: Journal,
        feedback: Feedback,
        library: Library,
        human_channel: str,
    ) -> None:
        self._web = web
        self._errands = errands
        self._inbox = inbox
        self._journal = journal
        self._feedback = feedback
        self._library = library
        self._human_channel = human_channel

    def register(self, app: AsyncApp) -> None:
        for action_id, act in (
            (names.SHOW_PASSAGE, self._show_passage),
            (names.SHOW_CLOSEST, self._show_closest),
            (names.FEEDBACK, self._vote),
            (names.ASK_HUMAN, self._ask_human),
            (names.SHARE, self._share),
        ):
            app.action(action_id)(self._acknowledged(act))
        app.view(names.FEEDBACK_FORM)(self._explained)

    def _acknowledged(self, act: Callable[[Body, str], Coroutine[Any, Any, None]]) -> Callable[..., Any]:
        async def clicked(ack: AsyncAck, body: Body) -> None:
            await ack()
            self._errands.run(act(body, str(body["actions"][0].get("value", ""))))

        return clicked

    async def _show_passage(self, body: Body, value: str) -> None:
        answer_id, number = names.read_source(value)
        answer = await self._answer(answer_id)
        citation = next(each for each in answer.citations if each.number == number)
        passages = await asyncio.to_thread(self._around, answer, citation.passage_id)
        await self._open(body, modals.passage_modal(citation, passages))

    async def _show_closest(self, body: Body, value: str) -> None:
        await self._open(body, modals.closest_modal((await self._answer(value)).passages))

    async def _vote(self, body: Body, value: str) -> None:
        vote, answer_id = names.read_vote(value)
        await asyncio.to_thread(self._feedback.vote, answer_id, body["user"]["id"], vote)
        if vote == "bad":
            await self._open(body, modals.feedback_form(answer_id))

    async def _explained(self, ack: AsyncAck, body: Body) -> None:
        form = modals.read_feedback(body["view"])
        person = body["user"]["id"]
        await asyncio.to_thread(self._feedback.explain, form.answer_id, person, form.reason, form.expected)
        await ack()

    async def _ask_human(self, body: Body, value: str) -> None:
        question = (await self._answer(value)).question.text
        link, by = await self._permalink(body), await self._name(body)

        async def post() -> None:
            await self._errands.post(self._human_channel, [handover.asked_human(question, by, link)])

        if not self._human_channel or await self._done(f"human {value}", post, body):
            await respond(body["response_url"], handover.passed_on())

    async def _share(self, body: Body, value: str) -> None:
        messages = render.shared(await self._answer(value), value, await self._name(body))

        async def post() -> None:
            try:
                await self._errands.post(body["channel"]["id"], messages)
            except Refused:  # where the bot is no member, the button's own address still reaches
                for message in messages:
                    await respond(body["response_url"], message, public=True)

        await self._done(f"share {value}", post, body)

    async def _done(self, deed: str, post: Callable[[], Coroutine[Any, Any, None]], body: Body) -> bool:
        """Whether the deed is done, now or before. Whoever clicked is told if it is not, and may click again."""
        if await self._inbox.once(deed):
            try:
                await post()
            except SlackProblem:
                await self._inbox.undo(deed)
                await respond(body["response_url"], handover.not_done())
                return False
        return True

    async def _answer(self, answer_id: str) -> Answer:
        row = await asyncio.to_thread(self._journal.get, answer_id)
        if row is None:
            raise LookupError("no such answer in the journal")
        return answer_of(row)

    def _around(self, answer: Answer, passage_id: str) -> Sequence[Passage]:
        """The passage with its neighbours, or as it was when it was cited."""
        found = self._library.catalog.passages([passage_id]).get(passage_id)
        if found is not None:
            return self._library.neighbours(found)
        return [each.passage for each in answer.passages if each.passage.id == passage_id]

    async def _open(self, body: Body, view: Json) -> None:
        await self._web.call_now("views.open", trigger_id=body["trigger_id"], view=view)

    async def _name(self, body: Body) -> str:
        """What to call who clicked; never their id, which would notify them."""
        try:
            profile = (await self._web.call("users.info", user=body["user"]["id"]))["user"]["profile"]
        except SlackProblem:
            return "Somebody"
        return str(profile.get("display_name") or profile.get("real_name") or "Somebody")

    async def _permalink(self, body: Body) -> str:
        where = body["container"]
        try:
            found = await self._web.call(
                "chat.getPermalink", channel=body["channel"]["id"], message_ts=where["message_ts"]
            )
        except SlackProblem:  # a private answer has none
            return ""
        return str(found["permalink"])
