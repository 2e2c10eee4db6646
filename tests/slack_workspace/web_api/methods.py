"""Every method there is."""

from slack_workspace.web_api import agents, chat, conversations, files, people, streaming, tokens, views

METHODS = {
    method.name: method
    for family in (agents, chat, conversations, files, people, streaming, tokens, views)
    for method in family.METHODS
}
