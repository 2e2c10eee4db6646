"""One chain: the same question gets the same answer object whoever asks it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from command import citebot
from slack_bot import asked as mentioned
from slack_bot import at_work, settled
from slack_workspace import Options, Workspace

from bot.answering import Answering
from bot.chain import AnswerChain
from bot.evals.cases import Case, read_cases
from bot.evals.run import Runner
from bot.evals.sources import Sources
from bot.journal import answers, connect
from bot.render import answer_json
from bot.slack.manifest import app_manifest
from bot.stored import answer_of
from bot.types import Answer, Question

ROOT = Path(__file__).parents[3]
SEED = ROOT / "seeds" / "questions.jsonl"
CASES = [
    next(case for case in read_cases(SEED) if case.answerable and not case.history),
    next(case for case in read_cases(SEED) if not case.answerable),
]
"""One that is answered, and one that is not in the documents; neither is a follow-up, which `ask` cannot take."""


def comparable(document: dict[str, Any]) -> dict[str, Any]:
    """The answer without what differs by nature: the question's id, and how long the steps took."""
    left = {key: value for key, value in document.items() if key not in {"id", "timings_ms"}}
    for part in (*left["citations"], *left["passages"]):
        part["source"] = Path(part["source"]).name
    return left


def repl(parts: Answering, question: str) -> Answer:
    """What `bot.repl` does with a line: the chain's stream, to its end."""

    async def last() -> Answer:
        events = [event async for event in AnswerChain(parts).astream(Question(question))]
        assert isinstance(events[-1], Answer)
        return events[-1]

    return asyncio.run(last())


def evaluated(parts: Answering, case: Case) -> dict[str, Any]:
    """The answer in the evaluator's row, put together again from its parts."""
    rows = []
    passages = {}

    async def run() -> None:
        def done(row: Any, texts: Any) -> None:
            rows.append(row)
            passages.update(texts)

        await Runner(parts, Sources(parts.library.catalog)).run([case], 1, done)

    asyncio.run(run())
    hits = [
        {"id": hit.id, "score": hit.score}
        | {name: getattr(passages[hit.id], name) for name in ("source", "title", "start", "end", "text")}
        for hit in rows[0].hits
    ]
    answer = dict(rows[0].answer)
    return answer | {"withheld": len(answer["withheld"]), "passages": hits}


def asked(question: str, home: Path) -> dict[str, Any]:
    """`citebot ask --json` in a process of its own."""
    return dict(json.loads(citebot("ask", "--json", question, home=home).stdout))


def in_slack(parts: Answering, question: str, folder: Path) -> Answer:
    """The answer that the bot keeps of a mention in a workspace, as every button under it finds it again."""

    async def run() -> None:
        async with Workspace(Options.of_manifest(app_manifest())) as slack, at_work(slack, parts, folder) as bot:
            await slack.control.answered(await mentioned(slack, question))
            await settled(slack, bot)

    asyncio.run(run())
    engine = connect("", folder)
    with engine.connect() as connection:
        row = connection.execute(sa.select(answers)).mappings().one()
    engine.dispose()
    assert row["front_end"] == "slack"
    return answer_of(row)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_slack_the_repl_ask_and_the_evaluator_give_the_same_answer(
    parts: Answering, case: Case, tmp_path: Path
) -> None:
    expected = comparable(answer_json(repl(parts, case.question)))
    assert comparable(evaluated(parts, case)) == expected
    assert comparable(asked(case.question, tmp_path / "home")) == expected
    assert comparable(answer_json(in_slack(parts, case.question, tmp_path / "slack"))) == expected
