"""The answering chain and its front ends: terminal, Slack, evaluation."""

__version__ = "0.1.0"
