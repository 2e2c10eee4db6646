"""Does the fake's block validator agree with the real Slack?

By hand, with a bot token of any workspace; it calls ``blocks.validate`` only, which changes nothing there:

    SLACK_BOT_TOKEN=xoxb-... PYTHONPATH=tests python -m slack_workspace_tests.live_contract
"""

import asyncio
import os
import sys

from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_workspace.blocks import problems_of_blocks
from slack_workspace.wire import Json

from slack_workspace_tests.block_samples import GOOD, LIMITS


async def disagreements(client: AsyncWebClient) -> list[str]:
    """One line for each sample that Slack and the fake judge differently."""
    samples: list[tuple[str, Json]] = [(str(block["type"]), block) for block in GOOD]
    samples += [(f"{name} of {size}", make(size)) for name, (make, most) in LIMITS.items() for size in (most, most + 1)]
    found = []
    for name, block in samples:
        fake = [str(problem) for problem in problems_of_blocks([block], pointer="")]
        try:
            await client.blocks_validate(blocks=[block])
            slack = ""
        except SlackApiError as error:
            slack = str(error.response["error"])
        if bool(fake) != bool(slack):
            found.append(f"{name}: the fake finds {fake}, Slack says {slack or 'ok'}")
    return found


async def main() -> int:
    client = AsyncWebClient(os.environ["SLACK_BOT_TOKEN"])
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=5))
    found = await disagreements(client)
    sys.stdout.write("\n".join(found) or "The fake and Slack agree on every sample.")
    sys.stdout.write("\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
