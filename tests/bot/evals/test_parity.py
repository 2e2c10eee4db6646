"""One chain: the same question gets the same answer object whoever asks it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from command import citebot

from bot.answering import Answering
from bot.chain import AnswerChain
from bot.evals.cases import Case, read_cases
from bot.evals.run import Runner
from bot.evals.sources import Sources
from bot.render import answer_json
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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_repl_ask_and_the_evaluator_give_the_same_answer(parts: Answering, case: Case, tmp_path: Path) -> None:
    # The Slack front end joins here: its answer to the same question, as an Answer, through `answer_json`.
    expected = comparable(answer_json(repl(parts, case.question)))
    assert comparable(evaluated(parts, case)) == expected
    assert comparable(asked(case.question, tmp_path / "home")) == expected
