"""Every question leaves one row, with what was withheld and why."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from processes import all_at_once

from bot.errors import DatabaseUnavailable
from bot.feedback import Feedback
from bot.journal import Journal, connect
from bot.slack.inbox import Inbox
from bot.stored import answer_of
from bot.types import Answer, Citation, Claim, Outcome, Question, Turn, Withheld

ANSWER = Answer(
    question=Question("Who?", id="q1"),
    standalone_question="Who?",
    outcome=Outcome.ANSWERED,
    mode="openai",
    model="m",
    claims=(Claim("He did.", (1,)),),
    citations=(Citation(1, "a.txt", "A", 0, 6, "He did", "p1"),),
    withheld=(Withheld("She did.", "its quote is not in the passages", after=1),),
    prompts={"answer": "abc"},
)


def test_a_row_holds_the_answer_and_what_was_withheld_with_its_reason(tmp_path: Path) -> None:
    journal = Journal(connect("", tmp_path))
    row = journal.get(journal.record(ANSWER, "chat"))
    journal.close()
    assert row is not None
    assert (row["question"], row["outcome"], row["front_end"]) == ("Who?", "answered", "chat")
    assert row["withheld"] == [{"text": "She did.", "reason": "its quote is not in the passages"}]
    assert row["document"]["answer"] == "He did."
    assert row["document"]["prompts"] == {"answer": "abc"}


def test_a_row_becomes_the_answer_it_was_written_from(tmp_path: Path) -> None:
    asked = replace(
        ANSWER,
        question=Question("Who?", "q1", (Turn("user", "Hello"),)),
        citations=(replace(ANSWER.citations[0], highlight=(0, 2)),),
        withheld=(),
        notice="The chat model is away.",
    )
    journal = Journal(connect("", tmp_path))
    row = journal.get(journal.record(asked, "slack"))
    journal.close()
    assert row is not None
    assert answer_of(row) == asked


def test_what_is_written_is_there_for_the_next_process(tmp_path: Path) -> None:
    first = Journal(connect("", tmp_path))
    name = first.record(ANSWER, "batch")
    first.close()
    second = Journal(connect("", tmp_path))
    assert second.get(name) is not None
    assert second.get("nothing") is None
    second.close()


@pytest.mark.parametrize("url", ["nonsense://x", "sqlite:////proc/nowhere/x.db", "postgresql+nodriver://127.0.0.1/x"])
def test_a_database_that_cannot_be_opened_is_one_sentence(tmp_path: Path, url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="CITEBOT_DATABASE_URL"):
        connect(url, tmp_path)


def start(folder: Path) -> str:
    """What every process of the bot does with its database before anything else."""
    journal = Journal(connect("", folder))
    Feedback(journal.engine)
    Inbox(journal.engine, "")
    name = journal.record(ANSWER, "slack")
    journal.close()
    return name


def test_processes_that_start_together_share_an_empty_database(tmp_path: Path) -> None:
    assert len(set(all_at_once(4, start, tmp_path))) == 4


def test_a_database_that_does_not_take_our_tables_is_one_sentence(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "citebot.sqlite3")) as database:
        database.executescript("CREATE TABLE theirs (x); CREATE INDEX answers ON theirs (x);")
    with pytest.raises(DatabaseUnavailable, match="does not take tables"):
        connect("", tmp_path)
