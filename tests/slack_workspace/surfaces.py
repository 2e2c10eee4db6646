"""Modals and Home tabs, and the trigger ids that open them."""

import json
from dataclasses import dataclass

from slack_workspace import limits
from slack_workspace.blocks import check_view
from slack_workspace.clock import Clock
from slack_workspace.ids import with_ids
from slack_workspace.journal import Journal
from slack_workspace.options import Options
from slack_workspace.records import View
from slack_workspace.state import State
from slack_workspace.wire import Json, SlackError


@dataclass
class Trigger:
    user: str
    until: float
    used: bool = False


class Surfaces:
    def __init__(self, state: State, clock: Clock, journal: Journal, options: Options) -> None:
        self._state = state
        self._clock = clock
        self._journal = journal
        self._options = options
        self._triggers: dict[str, Trigger] = {}
        self.errors: dict[str, dict[str, str]] = {}
        """User id -> block id -> what the topmost modal says is wrong with an input."""

    def new_trigger(self, user: str) -> str:
        number = len(self._triggers) + 1
        trigger_id = f"{number}.{self._state.team.id}.{number:032x}"
        self._triggers[trigger_id] = Trigger(user, self._clock.now() + limits.TRIGGER_SECONDS)
        return trigger_id

    def exchange(self, trigger_id: str) -> str:
        """The user who triggered; good once, for three seconds."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock.now() > trigger.until:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def open(self, user: str, body: Json) -> View:
        view = self._new(user, body)
        self._state.modals[user] = [view]
        return self._shown(view, "opened")

    def push(self, user: str, body: Json) -> View:
        stack = self._state.modals.get(user)
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= limits.VIEW_STACK:
            raise SlackError("push_limit_reached")
        view = self._new(user, body)
        view.root, view.previous = stack[0].id, stack[-1].id
        stack.append(view)
        return self._shown(view, "pushed")

    def update(self, view: View, body: Json, hash_: str | None = None) -> View:
        if hash_ and hash_ != view.hash:
            raise SlackError("hash_conflict")
        view.body = self._checked(body, view.id)
        view.hash = self._new_hash()
        return self._shown(view, "updated")

    def publish(self, user: str, body: Json, hash_: str | None = None) -> View:
        if not self._options.home_tab:
            raise SlackError("not_enabled")
        if body.get("type") != "home":
            raise SlackError("invalid_arguments", "unsupported type [json-pointer:/view/type]")
        current = self._state.homes.get(user)
        if current is not None:
            return self.update(current, body, hash_)
        if hash_:
            raise SlackError("hash_conflict")
        view = self._new(user, body)
        self._state.homes[user] = view
        return self._shown(view, "published")

    def find(self, view_id: str, external_id: str) -> View:
        for view in [*self._state.homes.values(), *(view for stack in self._state.modals.values() for view in stack)]:
            if view.id == view_id or (external_id and view.body.get("external_id") == external_id):
                return view
        raise SlackError("not_found")

    def close(self, user: str, *, everything: bool = False) -> None:
        stack = self._state.modals.get(user, [])
        closed = list(stack) if everything else stack[-1:]
        del stack[len(stack) - len(closed) :]
        self.errors.pop(user, None)
        self._journal.write("state", "view", what="closed", user=user, views=[view.id for view in closed])

    def show_errors(self, user: str, errors: dict[str, str]) -> None:
        self.errors[user] = errors
        self._journal.write("state", "view", what="errors", user=user, errors=errors)

    def _new(self, user: str, body: Json) -> View:
        view_id = self._state.new_id("V")
        return View(view_id, user, self._checked(body, view_id), self._new_hash(), self._state.app.id, root=view_id)

    def _checked(self, body: Json, view_id: str) -> Json:
        if len(json.dumps(body).encode()) > limits.VIEW_BYTES:
            raise SlackError("view_too_large")
        check_view(body)
        if external_id := body.get("external_id"):
            try:
                taken = self.find("", external_id).id != view_id
            except SlackError:
                taken = False
            if taken:
                raise SlackError("duplicate_external_id")
        return {**body, "blocks": with_ids(self._state, body["blocks"])}

    def _new_hash(self) -> str:
        return self._state.new_id(f"{int(self._clock.now())}.")

    def _shown(self, view: View, what: str) -> View:
        self.errors.pop(view.user, None)
        self._journal.write("state", "view", what=what, user=view.user, view=view.id, type=view.body["type"])
        return view
