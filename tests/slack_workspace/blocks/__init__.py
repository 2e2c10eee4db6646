"""Block Kit as Slack checks it."""

from slack_workspace.blocks.check import (
    Problem,
    check_blocks,
    check_view,
    problems_of_blocks,
    problems_of_view,
    text_length,
)

__all__ = ["Problem", "check_blocks", "check_view", "problems_of_blocks", "problems_of_view", "text_length"]
