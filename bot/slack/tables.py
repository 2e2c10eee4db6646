"""The tables of the Slack front end, in the project's database."""

import sqlalchemy as sa

tables = sa.MetaData()

questions = sa.Table(
    "slack_questions",
    tables,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("team", sa.String(32), nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("ts", sa.String(96), nullable=False),
    sa.Column("thread_ts", sa.String(32), nullable=False),
    sa.Column("user", sa.String(32), nullable=False),
    sa.Column("user_team", sa.String(32), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("shared", sa.Boolean, nullable=False),
    sa.Column("reply_url", sa.Text, nullable=False),
    sa.Column("edited_ts", sa.String(32), nullable=False, default=""),
    sa.Column("revision", sa.Integer, nullable=False, default=1),
    sa.Column("gone", sa.Boolean, nullable=False, default=False),
    sa.Column("stopped", sa.Boolean, nullable=False, default=False),
    sa.Column("is_open", sa.Boolean, nullable=False, default=True, index=True),
    sa.Column("owner", sa.String(96), nullable=False, default="", index=True),
    sa.Column("lease_until", sa.Float, nullable=False, default=0.0),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("messages", sa.JSON, nullable=False, default=list),
    sa.Column("stream", sa.String(32), nullable=False, default=""),
    sa.Column("posting", sa.Boolean, nullable=False, default=False),
    sa.Column("answer", sa.Text, nullable=False, default=""),
    sa.UniqueConstraint("team", "channel", "ts"),
    sa.Index("slack_threads", "channel", "thread_ts"),
)
"""`ts` and `thread_ts` are Slack's, and sort as text; a command has its trigger in place of a `ts`."""

channels = sa.Table(
    "slack_channels",
    tables,
    sa.Column("team", sa.String(32), primary_key=True),
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("follow_ups", sa.Boolean, nullable=False),
)

deeds = sa.Table("slack_deeds", tables, sa.Column("name", sa.String(255), primary_key=True))
"""What must not be done twice, such as sharing an answer."""
