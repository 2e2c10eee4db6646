"""What was asked, found, answered, withheld and how long it took: one row per question, in the project's database.

The database is SQLite under the home folder, or any that CITEBOT_DATABASE_URL names. Nothing of it is ever logged.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import DatabaseUnavailable
from bot.render import answer_json
from bot.types import Answer

metadata = sa.MetaData()

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("front_end", sa.String(16), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("withheld", sa.JSON, nullable=False),
    sa.Column("document", sa.JSON, nullable=False),
)
"""`document` is the answer as `ask --json` prints it, with its prompts, its history and the words that answer (document
offsets for each citation); `withheld` the sentences and their reasons. `bot.stored` makes it an answer again."""


def connect(url: str, folder: Path) -> sa.Engine:
    """The project's database, with its tables made if they are not there.

    Raises:
        DatabaseUnavailable: it cannot be reached or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(
            url or f"sqlite:///{folder / 'citebot.sqlite3'}", pool_pre_ping=True, hide_parameters=True
        )
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _patient)
        engine.connect().close()
    except (SQLAlchemyError, OSError, ImportError) as error:
        where = "The database under CITEBOT_HOME" if not url else "The database of CITEBOT_DATABASE_URL"
        raise DatabaseUnavailable(f"{where} cannot be opened ({type(error).__name__}): check that setting.") from error
    make_tables(metadata, engine)
    return engine


def make_tables(tables: sa.MetaData, engine: sa.Engine) -> None:
    """Makes those of the tables that are not there. Any number of processes may do so at the same moment.

    Raises:
        DatabaseUnavailable: the database does not let them be made.
    """
    try:
        for table in tables.sorted_tables:
            _make(table, engine)
    except SQLAlchemyError as error:
        reason = type(error).__name__
        raise DatabaseUnavailable(
            f"The database does not take tables ({reason}): check that it may be written."
        ) from error


def _make(table: sa.Table, engine: sa.Engine) -> None:
    try:
        table.create(engine, checkfirst=True)
    except SQLAlchemyError:
        # Another process made it after it was looked for. With all tables in one go that could happen again and again.
        table.create(engine, checkfirst=True)


def _patient(connection: Any, _record: Any) -> None:
    """Several processes share the file: readers do not block writers, and writers wait for each other."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()


def _kept_besides(answer: Answer) -> dict[str, Any]:
    return {
        "prompts": answer.prompts,
        "history": [{"role": turn.role, "text": turn.text} for turn in answer.question.history],
        "highlights": [citation.highlight for citation in answer.citations],
    }


@dataclass(frozen=True, slots=True)
class Journal:
    """The rows of one database. Safe to use from several threads."""

    engine: sa.Engine

    def record(self, answer: Answer, front_end: str) -> str:
        """Writes a row; returns its id."""
        name = uuid.uuid4().hex
        row = {
            "id": name,
            "asked_at": datetime.now(UTC),
            "front_end": front_end,
            "question": answer.question.text,
            "outcome": answer.outcome.value,
            "withheld": [{"text": item.text, "reason": item.reason} for item in answer.withheld],
            "document": answer_json(answer) | _kept_besides(answer),
        }
        with self.engine.begin() as connection:
            connection.execute(sa.insert(answers), row)
        return name

    def get(self, name: str) -> sa.RowMapping | None:
        """The row with this id."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(answers).where(answers.c.id == name)).mappings().one_or_none()

    def close(self) -> None:
        self.engine.dispose()
