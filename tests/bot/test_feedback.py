"""What people say about answers is kept, reviewed, and becomes cases of a question set."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command import citebot

from bot.errors import BadInput
from bot.evals.cases import read_cases
from bot.feedback import Feedback
from bot.journal import Journal, connect
from bot.types import Answer, Citation, Claim, Outcome, Question, Turn

QUOTE = "the fee is 40 euros a month"
ANSWER = Answer(
    question=Question("What does it cost?", "q1", (Turn("user", "Is there a canteen?"), Turn("assistant", "Yes."))),
    standalone_question="What does the canteen cost?",
    outcome=Outcome.ANSWERED,
    mode="openai",
    model="m",
    claims=(Claim("It costs 40 euros a month.", (1,)),),
    citations=(Citation(1, "canteen.txt", "Canteen", 0, len(QUOTE), QUOTE, "p1"),),
)
LOST = replace(ANSWER, question=Question("Who cooks?"), outcome=Outcome.NOT_FOUND, claims=(), citations=())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def journal(home: Path) -> Iterator[Journal]:
    opened = Journal(connect("", home))
    yield opened
    opened.close()


@pytest.fixture
def store(journal: Journal) -> Feedback:
    return Feedback(journal.engine)


def test_a_vote_is_kept_with_its_answer(journal: Journal, store: Feedback) -> None:
    store.vote(journal.record(ANSWER, "slack"), "T1/U1", "good")
    (row,) = store.rows()
    assert (row["vote"], row["question"], row["verdict"]) == ("good", "What does it cost?", "")
    assert row["document"]["answer"] == "It costs 40 euros a month."


def test_a_person_has_one_vote_per_answer_and_may_change_it(journal: Journal, store: Feedback) -> None:
    name = journal.record(ANSWER, "slack")
    store.vote(name, "T1/U1", "bad")
    store.explain(name, "T1/U1", "outdated", "45 euros")
    store.vote(name, "T1/U2", "good")
    assert [(row["vote"], row["reason"], row["expected"]) for row in store.rows()] == [
        ("bad", "outdated", "45 euros"),
        ("good", "", ""),
    ]
    store.vote(name, "T1/U1", "good")
    assert [(row["vote"], row["reason"], row["expected"]) for row in store.rows()] == [("good", "", "")] * 2


def test_a_changed_vote_waits_for_a_review_again(journal: Journal, store: Feedback) -> None:
    name = journal.record(ANSWER, "slack")
    store.vote(name, "T1/U1", "good")
    store.review(1, "accepted")
    assert store.rows("") == []
    store.explain(name, "T1/U1", "wrong", "")
    assert [row["verdict"] for row in store.rows()] == [""]


def test_a_review_says_what_is_right(journal: Journal, store: Feedback) -> None:
    store.explain(journal.record(ANSWER, "slack"), "T1/U1", "wrong", "")
    with pytest.raises(BadInput, match=r"does not say what is right: add --answer"):
        store.review(1, "accepted")
    with pytest.raises(BadInput, match="no feedback 7"):
        store.review(7, "rejected")
    store.review(1, "accepted", ["45 euros", " "])
    assert store.rows("accepted")[0]["right_answers"] == ["45 euros"]


def test_it_can_be_right_that_the_documents_do_not_hold_it(journal: Journal, store: Feedback) -> None:
    store.vote(journal.record(LOST, "slack"), "T1/U1", "good")
    store.review(1, "accepted")
    assert store.rows("accepted")[0]["answerable"] is False


def test_reviewed_feedback_becomes_a_question_set(
    home: Path, tmp_path: Path, journal: Journal, store: Feedback
) -> None:
    """As a reviewer does it: list, review, export; the evaluator reads what comes out."""
    (tmp_path / "canteen.txt").write_text(
        "Everyone eats there, and the fee is 40 euros a month. The canteen is closed on Fridays.", encoding="utf-8"
    )
    assert citebot("index", "canteen.txt", home=home, folder=tmp_path).returncode == 0
    good, bad, lost, noise = (journal.record(answer, "slack") for answer in (ANSWER, ANSWER, LOST, LOST))
    store.vote(good, "T1/U1", "good")
    store.explain(bad, "T1/U2", "missing", "closed on Fridays")
    store.explain(lost, "T1/U1", "missing", "")
    store.vote(noise, "T1/U3", "bad")

    listed = citebot("feedback", "list", home=home).stdout
    assert "bad, missing" in listed
    assert "expected  closed on Fridays" in listed
    assert "answered  not in the documents" in listed
    store.review(1, "accepted")
    store.review(2, "accepted")
    store.review(4, "rejected")
    reviewed = citebot("feedback", "review", "3", "--not-in-documents", home=home)
    assert reviewed.stdout == "Feedback 3 is accepted.\n"
    assert store.rows("") == []

    done = citebot("feedback", "export", str(tmp_path / "cases.jsonl"), home=home)
    assert "wrote 3 cases" in done.stderr
    endorsed, corrected, absent = read_cases(tmp_path / "cases.jsonl")
    assert endorsed.evidence == (QUOTE,)
    assert endorsed.answers == ("It costs 40 euros a month.",)
    assert [turn.text for turn in endorsed.history] == ["Is there a canteen?", "Yes."]
    assert endorsed.sources == ("canteen.txt",)
    assert corrected.answers == ("closed on Fridays",)
    assert corrected.evidence == ("The canteen is closed on Fridays.",)
    assert corrected.tags == ("feedback", "missing")
    assert (absent.question, absent.answerable) == ("Who cooks?", False)


def test_there_is_nothing_to_export_before_a_review(home: Path) -> None:
    done = citebot("feedback", "export", home=home)
    assert done.returncode == 1
    assert json.loads(citebot("feedback", "list", "--json", home=home).stdout) == {"feedback": []}
    assert "citebot feedback review" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_review_is_one_decision(home: Path) -> None:
    done = citebot("feedback", "review", "1", "--reject", "--answer", "x", home=home)
    assert done.returncode == 2
