"""Slack's numbers, each with where it is said.

Sources: "docs" are the pages under docs.slack.dev; "SDK" is slack_sdk 3.47; "seen" are measurements reported in issues
of public projects (named); "folklore" is widely repeated and unverified.
"""

ACK_SECONDS = 3.0  # docs: Bolt, acknowledge
RETRY_SECONDS = (0.0, 60.0, 300.0)  # docs: Events API, "almost immediately", after 1 minute, after 5 minutes
REPLAY_SECONDS = 900.0  # seen: slackapi/bolt-js#2487
TICKET_SECONDS = 30.0  # folklore
SOCKETS_PER_APP = 10  # docs: Socket Mode
CONNECTION_SECONDS = 18_060  # SDK fixtures: hello.debug_info.approximate_connection_time
WARNING_SECONDS = 10.0  # docs: Socket Mode, "about 10 seconds before"
PING_SECONDS = 30.0  # the server's own pings; folklore

TEXT_UPDATE = 4_000  # docs: chat.update
TEXT_POST = 4_000  # seen: seratch/ChatGPT-in-Slack#102
TEXT_CUT = 40_000  # docs: chat.postMessage
MARKDOWN_TEXT = 12_000  # docs: markdown_text of chat.*
ATTACHMENTS = 100  # docs: chat.postMessage
METADATA_BYTES = 8_192  # folklore
BLOCKS_PER_MESSAGE = 50  # docs: Block Kit
BLOCKS_PER_VIEW = 100  # docs: Block Kit
BLOCKS_TEXT = 13_000  # seen: slackapi/bolt-js#2509
BLOCKS_MARKDOWN = 12_000  # docs: markdown block, cumulative per payload

STREAM_SECONDS = 300.0  # seen: slackapi/python-slack-sdk#1859
STREAM_BYTES = 11_000  # seen: openclaw PR #143882; task details and output weigh double
STATUS_SECONDS = 120.0  # docs: assistant.threads.setStatus
LOADING_MESSAGES = 10  # docs: assistant.threads.setStatus
SUGGESTED_PROMPTS = 4  # docs: assistant.threads.setSuggestedPrompts
SESSION_TITLE = 200  # docs: agents.sessions.setStatus

TRIGGER_SECONDS = 3.0  # docs: trigger_id
VIEW_BYTES = 250_000  # docs: views.open, view_too_large
VIEW_STACK = 3  # docs: views.push, push_limit_reached
RESPONSE_URL_SECONDS = 1_800.0  # docs: response_url
RESPONSE_URL_USES = 5

ALT_TEXT = 1_000  # docs: files.getUploadURLExternal
SNIPPET_BYTES = 1_000_000  # docs: files.getUploadURLExternal
FILE_CHANNELS = 100  # docs: files.completeUploadExternal
PAGE_NON_MARKETPLACE = 15  # docs: rate limits, change of 2025-05-29
ROTATED_TOKEN_SECONDS = 43_200  # SDK: token rotation fixtures
