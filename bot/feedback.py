"""What people think of answers, and what reviewers make of it: one row per answer and person, beside the journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa

from bot.errors import BadInput
from bot.journal import answers, make_tables
from bot.types import Outcome

Vote = Literal["good", "bad"]
Verdict = Literal["accepted", "rejected"]

metadata = sa.MetaData()

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("answer_id", sa.String(32), nullable=False),
    sa.Column("person", sa.String(64), nullable=False),
    sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("vote", sa.String(8), nullable=False),
    sa.Column("reason", sa.String(16), nullable=False, default=""),
    sa.Column("expected", sa.Text, nullable=False, default=""),
    sa.Column("verdict", sa.String(16), nullable=False, default="", index=True),
    sa.Column("right_answers", sa.JSON, nullable=False, default=list),
    sa.Column("answerable", sa.Boolean, nullable=False, default=True),
    sa.UniqueConstraint("answer_id", "person"),
)
"""`reason` is wrong, missing, outdated or bad_citation, `expected` what the person says would be right. The rest is the
review: `verdict` is empty before it; `right_answers` holds accepted answers, none if the answer given was right."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """The rows of one database. Safe to use from several threads."""

    engine: sa.Engine

    def __post_init__(self) -> None:
        make_tables(metadata, self.engine)

    def vote(self, answer_id: str, person: str, vote: Vote) -> None:
        """The person's vote; a second one takes the place of the first, and of what was said with it."""
        self._write(answer_id, person, {"vote": vote, "reason": "", "expected": ""})

    def explain(self, answer_id: str, person: str, reason: str, expected: str) -> None:
        """Why the person's vote is bad, and what would be right."""
        self._write(answer_id, person, {"vote": "bad", "reason": reason, "expected": expected})

    def _write(self, answer_id: str, person: str, values: dict[str, Any]) -> None:
        now = {"given_at": datetime.now(UTC), "verdict": "", "right_answers": [], "answerable": True}
        mine = (feedback.c.answer_id == answer_id) & (feedback.c.person == person)
        with self.engine.begin() as connection:
            if connection.execute(sa.update(feedback).where(mine).values(values | now)).rowcount:
                return
        try:
            with self.engine.begin() as connection:
                row = {"answer_id": answer_id, "person": person} | values | now
                connection.execute(sa.insert(feedback), row)
        except sa.exc.IntegrityError:
            # The same person, in another process, was quicker with the first row.
            with self.engine.begin() as connection:
                connection.execute(sa.update(feedback).where(mine).values(values | now))

    def rows(self, verdict: Verdict | Literal["", "any"] = "any") -> Sequence[sa.RowMapping]:
        """Feedback with its answer's row of the journal, oldest first; with `verdict`, only what was so reviewed."""
        joined = sa.join(feedback, answers, feedback.c.answer_id == answers.c.id)
        columns = [*feedback.c, answers.c.question, answers.c.outcome, answers.c.document, answers.c.withheld]
        wanted = sa.select(*columns).select_from(joined).order_by(feedback.c.id)
        if verdict != "any":
            wanted = wanted.where(feedback.c.verdict == verdict)
        with self.engine.connect() as connection:
            return connection.execute(wanted).mappings().all()

    def review(
        self, number: int, verdict: Verdict, right_answers: Sequence[str] = (), *, answerable: bool = True
    ) -> None:
        """What a reviewer decided.

        Raises:
            BadInput: there is no such feedback, or nothing says what the right answer is.
        """
        row = next((row for row in self.rows() if row["id"] == number), None)
        if row is None:
            raise BadInput(f"There is no feedback {number}: `citebot feedback list --all` shows what there is.")
        right = [answer.strip() for answer in right_answers if answer.strip()]
        if verdict == "accepted" and answerable and not right and row["vote"] == "bad":
            right = [row["expected"]] if row["expected"] else []
            if not right:
                raise BadInput(
                    f"Feedback {number} does not say what is right: add --answer with it, or --not-in-documents."
                )
        if row["vote"] == "good" and row["outcome"] != Outcome.ANSWERED and not right:
            answerable = False  # it was right to say that the documents do not hold it
        values = {"verdict": verdict, "right_answers": right, "answerable": answerable}
        with self.engine.begin() as connection:
            connection.execute(sa.update(feedback).where(feedback.c.id == number).values(values))

    def close(self) -> None:
        self.engine.dispose()
