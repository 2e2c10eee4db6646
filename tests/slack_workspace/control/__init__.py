"""The hands and eyes of a test: what people do, what they see, and what happens to the network."""

from slack_workspace.control.eyes import Eyes
from slack_workspace.control.hands import Hands
from slack_workspace.control.network import Network
from slack_workspace.control.screens import Screens


class Control(Hands, Screens, Network, Eyes):
    """Everything a test can do to a workspace and see in it.

    ``Hands``: messages, threads, reactions. ``Screens``: buttons, forms, commands, App Home. ``Network``: sockets,
    request URL, faults, tokens. ``Eyes``: what is on the screens.
    """
