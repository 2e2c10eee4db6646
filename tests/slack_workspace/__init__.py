"""A fake Slack workspace for tests, over the real wire. See the README beside this file."""

from slack_workspace.clock import Clock
from slack_workspace.control import Control
from slack_workspace.deliveries import Delivery
from slack_workspace.faults import HTML_502, AfterEffect, Close, Error, Garbage, RateLimit, Slow, Status
from slack_workspace.journal import CallRecord, Entry, Journal
from slack_workspace.options import Options
from slack_workspace.records import Message
from slack_workspace.rendering import Rendered, RenderedMessage, RenderedView
from slack_workspace.wire import NotPossible
from slack_workspace.workspace import Workspace

__all__ = [
    "HTML_502",
    "AfterEffect",
    "CallRecord",
    "Clock",
    "Close",
    "Control",
    "Delivery",
    "Entry",
    "Error",
    "Garbage",
    "Journal",
    "Message",
    "NotPossible",
    "Options",
    "RateLimit",
    "Rendered",
    "RenderedMessage",
    "RenderedView",
    "Slow",
    "Status",
    "Workspace",
]
