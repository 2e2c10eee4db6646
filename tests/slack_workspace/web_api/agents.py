"""``assistant.threads.*`` and ``agents.sessions.*``: what a thread with an agent shows."""

from slack_workspace import limits
from slack_workspace.rates import Tier
from slack_workspace.records import Channel
from slack_workspace.state import Thread
from slack_workspace.web_api.call import Call, method
from slack_workspace.wire import Json, SlackError
from slack_workspace.world import World

SESSION_STATUSES = ("active", "processing", "suspended", "closed")
NO_STOP_BUTTON = "missing_agent_session_stopped_event_subscription"


def set_status(world: World, call: Call) -> Json:
    thread = _thread(world, call)
    messages = call.list("loading_messages")
    if len(messages) > limits.LOADING_MESSAGES:
        raise SlackError("invalid_arguments", _too_many("loading_messages", limits.LOADING_MESSAGES))
    if "status" not in call.args:
        raise SlackError("invalid_arguments", "missing required field: status")
    world.threads.set_status(thread, call.text("status"), [str(message) for message in messages])
    return {}


def set_title(world: World, call: Call) -> Json:
    thread = _thread(world, call)
    world.state.titles[thread] = call.text("title")
    world.journal.write("state", "title", thread=list(thread), title=call.text("title"))
    return {}


def set_suggested_prompts(world: World, call: Call) -> Json:
    """In the agent view a ``thread_ts`` makes the call do nothing, though it answers ok (docs: setSuggestedPrompts)."""
    channel = _channel(world, call)
    prompts = call.list("prompts")
    if not prompts or len(prompts) > limits.SUGGESTED_PROMPTS:
        raise SlackError("invalid_arguments", _too_many("prompts", limits.SUGGESTED_PROMPTS))
    if not all(isinstance(prompt, dict) and prompt.get("title") and prompt.get("message") for prompt in prompts):
        raise SlackError("invalid_arguments", "each prompt needs a title and a message [json-pointer:/prompts]")
    if call.text("thread_ts"):
        if world.options.agent_view:
            world.journal.write("anomaly", "prompts_with_thread_ts", channel=channel.id)
            return {}
        _thread(world, call)
    world.state.prompts[channel.id] = {"title": call.text("title"), "prompts": prompts}
    world.journal.write("state", "prompts", channel=channel.id, prompts=prompts)
    return {}


def set_session_status(world: World, call: Call) -> Json:
    if not world.options.agent_view:
        raise SlackError("not_authorized")
    check_session_status(call.text("status"))
    title = _checked_title(call)
    thread = _thread(world, call)
    initiator = call.text("initiator_user_id") or None
    if initiator and initiator not in world.state.channels[thread[0]].members:
        raise SlackError("user_not_found")
    session = world.threads.set_session(thread, call.text("status"), title, initiator)
    if not world.threads.stoppable:
        call.warnings.append(NO_STOP_BUTTON)
    return {"status": session.status, "agent_status": session.status, "title": session.title}


def rename_session(world: World, call: Call) -> Json:
    title = _checked_title(call)
    session = world.threads.rename(_thread(world, call), title)
    return {"title": session.title}


def check_session_status(status: str) -> None:
    if status not in SESSION_STATUSES:
        raise SlackError("invalid_arguments", "must be a valid enum value [json-pointer:/status]")


def _channel(world: World, call: Call) -> Channel:
    channel = world.state.channels.get(call.text("channel_id"))
    if channel is None or call.token.user not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def _thread(world: World, call: Call) -> Thread:
    """The thread the call is about: its root is a message of the channel, or was and left replies behind."""
    channel = _channel(world, call)
    if not world.state.thread(channel.id, call.text("thread_ts")):
        raise SlackError("invalid_thread_ts")
    return channel.id, call.text("thread_ts")


def _checked_title(call: Call) -> str:
    title = call.text("title")
    if len(title) > limits.SESSION_TITLE:
        raise SlackError("invalid_arguments", f"must be less than {limits.SESSION_TITLE + 1} characters")
    return title


def _too_many(name: str, most: int) -> str:
    return f"no more than {most} items allowed [json-pointer:/{name}]"


METHODS = [
    method(
        "assistant.threads.setStatus",
        set_status,
        Tier.SPECIAL,
        scopes="chat:write assistant:write",
        required="channel_id thread_ts",
        tokens="bot",
    ),
    method(
        "assistant.threads.setTitle",
        set_title,
        Tier.FOUR,
        scopes="assistant:write",
        required="channel_id thread_ts title",
        tokens="bot",
    ),
    method(
        "assistant.threads.setSuggestedPrompts",
        set_suggested_prompts,
        Tier.FOUR,
        scopes="assistant:write",
        required="channel_id prompts",
        tokens="bot",
    ),
    method(
        "agents.sessions.setStatus",
        set_session_status,
        Tier.THREE,
        scopes="chat:write",
        required="channel_id status thread_ts",
        tokens="bot",
    ),
    method(
        "agents.sessions.rename",
        rename_session,
        Tier.THREE,
        scopes="chat:write",
        required="channel_id title thread_ts",
        tokens="bot",
    ),
]
