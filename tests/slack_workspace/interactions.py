"""Commands, clicks, shortcuts and submitted forms on their way to the app, and what its answers bring about."""

from dataclasses import dataclass, field
from typing import Any, Literal

from slack_workspace import limits
from slack_workspace.blocks import check_blocks
from slack_workspace.board import Board
from slack_workspace.clock import Clock
from slack_workspace.deliveries import Deliveries, Delivery
from slack_workspace.events import VERIFICATION_TOKEN
from slack_workspace.journal import Journal
from slack_workspace.records import Channel, Message, User, UserError
from slack_workspace.state import State
from slack_workspace.surfaces import Surfaces
from slack_workspace.wire import Json, SlackError

CHANNEL_NAMES = {"im": "directmessage", "group": "privategroup"}
"""What ``channel_name`` says where the name is nobody's business (docs: slash commands)."""


@dataclass
class ResponseUrl:
    channel: str
    user: str
    until: float
    original: Message | None
    """What ``replace_original`` and ``delete_original`` are about."""
    uses: int = 0
    produced: list[Message] = field(default_factory=list)


class Interactions:
    def __init__(
        self,
        state: State,
        clock: Clock,
        journal: Journal,
        *,
        deliveries: Deliveries,
        board: Board,
        surfaces: Surfaces,
    ) -> None:
        self._state = state
        self._clock = clock
        self._journal = journal
        self._deliveries = deliveries
        self._board = board
        self._surfaces = surfaces
        self._urls: dict[str, ResponseUrl] = {}
        self.base_url = ""
        """``http://host:port``; set once the server listens."""

    def command(self, user: User, channel: Channel, command: str, text: str) -> ResponseUrl:
        url, record = self._new_url(channel.id, user.id, None)
        payload = {
            "token": VERIFICATION_TOKEN,
            "team_id": user.team,
            "team_domain": self._state.teams[user.team].domain,
            "channel_id": channel.id,
            "channel_name": CHANNEL_NAMES.get(channel.kind, channel.name),
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": self._state.app.id,
            "is_enterprise_install": "false",
            "response_url": url,
            "trigger_id": self._surfaces.new_trigger(user.id),
        }

        def answered(answer: Json) -> None:
            if answer:
                self._answer(record, answer)

        self._send("slash_commands", payload, user.id, command, accepts=True, on_answer=answered)
        return record

    def interaction(self, kind: str, user: User, name: str, fields: Json, message: Message | None = None) -> None:
        """A click or a shortcut; with a message it also carries a ``response_url``."""
        payload = {**self._common(kind, user), **fields}
        if message is not None:
            payload["response_url"], _ = self._new_url(message.channel, user.id, message)
        self._send("interactive", payload, user.id, name)

    def submission(self, user: User, view: Json) -> None:
        """A submitted modal; the answer decides what becomes of it."""

        def answered(answer: Json) -> None:
            try:
                self._after_submission(user.id, answer)
            except SlackError as error:
                self._journal.write("anomaly", "bad_response_action", error=error.error, messages=list(error.messages))

        payload = {**self._common("view_submission", user), "view": view, "response_urls": []}
        self._send("interactive", payload, user.id, "view_submission", accepts=True, on_answer=answered)

    def respond(self, token: str, body: Json) -> tuple[int, str]:
        """A POST to a response URL: HTTP status and text."""
        record = self._urls.get(token)
        if record is None or self._clock.now() > record.until:
            return 404, "expired_url"
        if record.uses >= limits.RESPONSE_URL_USES:
            return 404, "used_url"
        record.uses += 1
        try:
            self._answer(record, body)
        except SlackError as error:
            return 400, error.error
        return 200, "ok"

    def _answer(self, record: ResponseUrl, body: Json) -> None:
        original = record.original
        if body.get("delete_original"):
            if original is not None:
                self._board.delete(original)
            return
        text, blocks = str(body.get("text") or ""), body.get("blocks") or []
        if not text and not blocks and not body.get("attachments"):
            raise SlackError("no_text")
        check_blocks(blocks)
        if body.get("replace_original") and original is not None:
            previous = self._board.snapshot(original)
            original.text, original.blocks = text, blocks
            self._board.changed(original, previous)
            return
        message = Message(
            record.channel,
            self._state.new_ts(),
            self._state.app.bot_user,
            text,
            self._state.team.id,
            thread_ts=body.get("thread_ts"),
            app=self._state.app.id,
            bot_id=self._state.app.bot_id,
            blocks=blocks,
            unfurl_links=body.get("unfurl_links"),
            unfurl_media=body.get("unfurl_media"),
        )
        if body.get("response_type") == "in_channel":
            self._board.post(message)
        else:
            message.ephemeral_for = record.user
            self._board.whisper(message)
        record.produced.append(message)
        record.original = record.original or message

    def _after_submission(self, user: str, answer: Json) -> None:
        action = answer.get("response_action")
        if not answer:
            self._surfaces.close(user)
        elif action == "clear":
            self._surfaces.close(user, everything=True)
        elif action == "errors":
            inputs = {block["block_id"] for block in self._state.modals[user][-1].body["blocks"]}
            errors = {str(key): str(value) for key, value in answer.get("errors", {}).items()}
            if not errors or not errors.keys() <= inputs:
                raise SlackError("invalid_arguments", "errors must name blocks of the view")
            self._surfaces.show_errors(user, errors)
        elif action == "update":
            self._surfaces.update(self._state.modals[user][-1], answer.get("view", {}))
        elif action == "push":
            self._surfaces.push(user, answer.get("view", {}))
        else:
            raise SlackError("invalid_arguments", f"unknown response_action: {action}")

    def _common(self, kind: str, user: User) -> Json:
        team = self._state.team
        return {
            "type": kind,
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
            "api_app_id": self._state.app.id,
            "token": VERIFICATION_TOKEN,
            "trigger_id": self._surfaces.new_trigger(user.id),
            "team": {"id": team.id, "domain": team.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _new_url(self, channel: str, user: str, original: Message | None) -> tuple[str, ResponseUrl]:
        token = f"{self._state.team.id}/{self._state.new_id('r')}"
        record = ResponseUrl(channel, user, self._clock.now() + limits.RESPONSE_URL_SECONDS, original)
        self._urls[token] = record
        return f"{self.base_url}/actions/{token}", record

    def _send(
        self,
        type_: Literal["slash_commands", "interactive"],
        payload: Json,
        user: str,
        name: str,
        *,
        accepts: bool = False,
        on_answer: Any = None,
    ) -> None:
        def failed(error: str) -> None:
            self._state.user_errors.append(UserError(user, name, error))
            self._journal.write("user_error", error, user=user, action=name)

        delivery = Delivery(self._state.new_id("I"), type_, payload, accepts_response=accepts, on_error=failed)
        if on_answer is not None:
            delivery.on_answer = on_answer
        self._deliveries.submit(delivery)
