"""What people do with buttons, forms, commands, shortcuts and the App Home."""

from collections.abc import Iterator
from typing import Any

from slack_workspace.control.base import Part
from slack_workspace.records import Message, Question, View
from slack_workspace.shapes import channel_json, message_json, view_json
from slack_workspace.wire import Json, NotPossible

Values = dict[str, dict[str, Any]]
"""Block id -> action id -> what was entered: a string, or the value of an option."""


class Screens(Part):
    async def click(
        self, user: str, message: Message, action_id: str, value: str | None = None, *, block_id: str | None = None
    ) -> None:
        """Press a button, feedback button or icon of a message, or choose ``value`` in one of its menus."""
        if message.ephemeral_for not in (None, user):
            raise NotPossible(f"{user} does not see this message.")
        place = self._place(user, message.channel)
        block, element = _find(message.blocks, action_id, block_id)
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": message.ephemeral_for is not None,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        name = channel_json(self._world.state, place).get("name", "directmessage")
        fields = {
            "container": container,
            "channel": {"id": place.id, "name": name},
            "message": message_json(self._world.state, message),
            "state": {"values": {}},
            "actions": [self._action(block, element, value)],
        }
        self._clicked(user, action_id, fields, message)
        await self._sent()

    async def click_in_view(self, user: str, action_id: str, value: str | None = None, *, home: bool = False) -> None:
        """The same in the topmost modal, or in the App Home."""
        view = self._home(user) if home else self._modal(user)
        block, element = _find(view.body["blocks"], action_id, None)
        fields = {
            "container": {"type": "view", "view_id": view.id},
            "view": view_json(self._world.state, view),
            "actions": [self._action(block, element, value)],
        }
        self._clicked(user, action_id, fields)
        await self._sent()

    async def submit_view(self, user: str, values: Values | None = None) -> None:
        """Fill in the topmost modal and submit it. Slack's own client refuses when a required input is empty."""
        view = self._modal(user)
        if "submit" not in view.body:
            raise NotPossible("This modal has no submit button.")
        entered: Json = {}
        for block in view.body["blocks"]:
            if block["type"] == "input":
                element = block["element"]
                given = (values or {}).get(block["block_id"], {}).get(element["action_id"])
                if given is None and not block.get("optional"):
                    raise NotPossible(f"The input {block['block_id']} is required.")
                entered[block["block_id"]] = {element["action_id"]: _entered(element, given)}
        unknown = (values or {}).keys() - entered.keys()
        if unknown:
            raise NotPossible(f"The modal has no inputs {sorted(unknown)}.")
        self._world.journal.write("person", "submit_view", user=user, view=view.id, values=values or {})
        self._world.interactions.submission(self._person(user), view_json(self._world.state, view, entered))
        await self._sent()

    async def close_view(self, user: str) -> None:
        view = self._modal(user)
        self._world.surfaces.close(user)
        if view.body.get("notify_on_close"):
            fields = {"view": view_json(self._world.state, view), "is_cleared": False}
            self._world.interactions.interaction("view_closed", self._person(user), "view_closed", fields)
        await self._sent()

    async def command(
        self, user: str, channel: str, command: str, text: str = "", *, question: bool = False
    ) -> list[Message]:
        """Type a slash command. The list fills with what the app answers; ``question``: it must not stay empty."""
        if command not in self._world.options.commands:
            raise NotPossible(f"{command} is not a valid command.")
        place = self._place(user, channel)
        self._world.journal.write("person", "command", user=user, channel=place.id, command=command, text=text)
        record = self._world.interactions.command(self._person(user), place, command, text)
        if question:
            now = self._world.clock.now()
            self._world.state.questions.append(Question(user, place.id, None, text, now))
        await self._sent()
        return record.produced

    async def message_shortcut(self, user: str, message: Message, callback_id: str) -> None:
        """Choose a message shortcut from a message's menu."""
        self._need_interactivity()
        place = self._place(user, message.channel)
        _need(callback_id, self._world.options.message_shortcuts)
        fields = {
            "callback_id": callback_id,
            "action_ts": self._world.state.new_ts(),
            "message_ts": message.ts,
            "message": message_json(self._world.state, message),
            "channel": {"id": place.id, "name": channel_json(self._world.state, place).get("name", "directmessage")},
        }
        self._world.interactions.interaction("message_action", self._person(user), callback_id, fields, message)
        await self._sent()

    async def global_shortcut(self, user: str, callback_id: str) -> None:
        self._need_interactivity()
        _need(callback_id, self._world.options.global_shortcuts)
        fields = {"callback_id": callback_id, "action_ts": self._world.state.new_ts()}
        self._world.interactions.interaction("shortcut", self._person(user), callback_id, fields)
        await self._sent()

    async def open_home(self, user: str, tab: str = "home") -> None:
        """Open the app: its Home tab, or with ``messages`` the conversation with it."""
        options, state = self._world.options, self._world.state
        if not (options.home_tab if tab == "home" else options.messages_tab):
            raise NotPossible(f"The app has no {tab} tab.")
        channel = state.direct_message(user)
        event: Json = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": tab}
        event["event_ts"] = state.new_ts()
        if tab == "home" and user in state.homes:
            event["view"] = view_json(state, state.homes[user])
        if tab == "messages" and options.agent_view:
            event["context"] = state.contexts.get(user, {})
        self._world.events.emit(event, channel)
        await self._sent()

    def _clicked(self, user: str, action_id: str, fields: Json, message: Message | None = None) -> None:
        self._need_interactivity()
        self._world.journal.write("person", "click", user=user, action_id=action_id)
        self._world.interactions.interaction("block_actions", self._person(user), action_id, fields, message)

    def _need_interactivity(self) -> None:
        if not self._world.options.interactivity:
            raise NotPossible("Interactivity is off: Slack shows a warning sign at the button.")

    def _action(self, block: Json, element: Json, value: str | None) -> Json:
        action = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
        action["action_ts"] = self._world.state.new_ts()
        if element["type"] in ("button", "icon_button"):
            return action | {key: element[key] for key in ("text", "value", "style") if key in element}
        if element["type"] == "feedback_buttons":
            for button in (element["positive_button"], element["negative_button"]):
                if button["value"] == value:
                    return action | {"value": value, "text": button["text"]}
            raise NotPossible(f"There is no feedback button with the value {value}.")
        return action | _entered(element, value)

    def _modal(self, user: str) -> View:
        stack = self._world.state.modals.get(user)
        if not stack:
            raise NotPossible(f"{user} has no modal open.")
        return stack[-1]

    def _home(self, user: str) -> View:
        if user not in self._world.state.homes:
            raise NotPossible(f"The App Home of {user} is empty.")
        return self._world.state.homes[user]


def _need(callback_id: str, shortcuts: frozenset[str]) -> None:
    if callback_id not in shortcuts:
        raise NotPossible(f"The app has no shortcut {callback_id}.")


def _find(blocks: list[Json], action_id: str, block_id: str | None) -> tuple[Json, Json]:
    for block, element in _elements(blocks):
        if element.get("action_id") == action_id and block_id in (None, block["block_id"]):
            return block, element
    shown = [element.get("action_id") for _, element in _elements(blocks)]
    raise NotPossible(f"There is nothing with the action id {action_id} to click, only {shown}.")


def _elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    for block in blocks:
        inside = [*block.get("elements", []), *block.get("actions", []), block.get("accessory"), block.get("element")]
        yield from ((block, element) for element in inside if isinstance(element, dict) and "action_id" in element)
        yield from _elements(block.get("child_blocks", []))
        if block["type"] == "carousel":
            yield from _elements(block["elements"])


def _entered(element: Json, value: Any) -> Json:
    """What a payload says about an input or a menu with this value."""
    kind = element["type"]
    if "options" in element or "option_groups" in element:
        groups = [element.get("options", []), *(group["options"] for group in element.get("option_groups", []))]
        options = {option["value"]: option for group in groups for option in group}
        wanted = value if isinstance(value, list) else [] if value is None else [value]
        if not set(wanted) <= options.keys():
            raise NotPossible(f"There are only the options {sorted(options)}.")
        chosen = [options[each] for each in wanted]
        if kind.startswith("multi_") or kind == "checkboxes":
            return {"type": kind, "selected_options": chosen}
        return {"type": kind, "selected_option": chosen[0] if chosen else None}
    selected = {"datepicker": "selected_date", "timepicker": "selected_time", "users_select": "selected_user"}
    selected |= {"conversations_select": "selected_conversation", "channels_select": "selected_channel"}
    return {"type": kind, selected.get(kind, "value"): value}
