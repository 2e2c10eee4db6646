"""The Slack front end: questions come in as events, are stored, answered once, and shown in the thread."""
