"""Runs over the real chain: what a row holds, what an interrupt leaves, and what happens when answers fail."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from openai_server import Reply, ScriptedOpenAI

from bot.answering import Answering
from bot.chain import AnswerChain
from bot.citing import Draft
from bot.errors import BadInput, ModelUnavailable
from bot.evals import scoring
from bot.evals.cases import Case
from bot.evals.measures import summarise
from bot.evals.record import Record, Row, Text, read_record, write_record
from bot.evals.rowlog import RowLog, log_path, read_log, same_run
from bot.evals.run import GIVE_UP_AFTER, Runner
from bot.evals.sources import Sources
from bot.evidence import Findings
from bot.models.chat import ChatAnswerer
from bot.models.embedded import EmbeddedAnswerer
from bot.render import answer_json
from bot.types import Usage, Withheld


class Broken(EmbeddedAnswerer):
    """A reader that fails with a known problem for the questions with these words."""

    def __init__(self, *words: str) -> None:
        self.words = words

    async def drafts(
        self, question: str, findings: Findings, failed: Sequence[Withheld] = ()
    ) -> AsyncIterator[Draft | Usage]:
        if any(word in question for word in self.words):
            raise ModelUnavailable("The chat model is away: try again.")
        async for item in super().drafts(question, findings, failed):
            yield item


def run(parts: Answering, cases: Sequence[Case], jobs: int = 1) -> tuple[list[Row], dict[str, Text]]:
    rows: list[Row] = []
    passages: dict[str, Text] = {}

    def done(row: Row, new: dict[str, Text]) -> None:
        rows.append(row)
        passages.update(new)

    asyncio.run(Runner(parts, Sources(parts.library.catalog)).run(cases, jobs, done))
    return rows, passages


def chosen(cases: Sequence[Case]) -> list[Case]:
    """A few seed cases: plain, follow-up, unanswerable."""
    return [
        *cases[:3],
        next(case for case in cases if case.history),
        next(case for case in cases if not case.answerable),
    ]


def test_a_row_holds_the_answer_of_the_chain_and_its_whole_trace(parts: Answering, seed_cases: list[Case]) -> None:
    rows, passages = run(parts, chosen(seed_cases))
    assert [row.case for row in rows] == chosen(seed_cases)
    for row in rows:
        direct = answer_json(asyncio.run(AnswerChain(parts).ainvoke(row.case.asked())))
        shared = ("outcome", "answer", "short_answer", "claims", "citations", "confidence", "standalone_question")
        assert {key: row.answer[key] for key in shared} == {key: direct[key] for key in shared}
        assert [hit.id for hit in row.hits] == [passage["id"] for passage in direct["passages"]]
        assert all(passages[hit.id].text for hit in row.hits)
        assert set(row.answer["timings_ms"]) == {"condense", "retrieve", "generate", "verify", "total"}
        assert set(row.scores) == set(scoring.PER_CASE)


def test_cases_asked_at_the_same_time_score_the_same(parts: Answering, seed_cases: list[Case]) -> None:
    one, many = run(parts, chosen(seed_cases))[0], run(parts, chosen(seed_cases), jobs=4)[0]
    assert {row.case.id: row.scores for row in one} == {row.case.id: row.scores for row in many}


def test_a_failed_question_is_unscored_and_the_others_go_on(parts: Answering, seed_cases: list[Case]) -> None:
    broken = replace(parts, answerer=Broken(seed_cases[1].question), evidence_threshold=0.0)
    good, failed, after = run(broken, seed_cases[:3])[0]
    assert failed.answer["outcome"] == "failed"
    assert failed.answer["error"] == "The chat model is away: try again."
    assert set(failed.scores.values()) == {scoring.FAILED}
    assert failed.diagnosis is None
    assert not good.failed
    assert not after.failed


def chat_model(server: ScriptedOpenAI) -> ChatAnswerer:
    return ChatAnswerer(model="m", api_key="sk-test", base_url=server.base_url, timeout=5, max_retries=0)


async def collected(parts: Answering, cases: Sequence[Case]) -> list[Row]:
    rows: list[Row] = []
    await Runner(parts, Sources(parts.library.catalog)).run(cases, 1, lambda row, _: rows.append(row))
    return rows


async def test_a_chat_models_tokens_and_withheld_claims_are_in_the_row(parts: Answering) -> None:
    quote = "Steve Witkoff met final week with Putin in Moscow"
    written = f'Steve Witkoff met Putin in Moscow. <cite n="1">{quote}</cite> He flew home. <cite n="1">He flew.</cite>'
    case = Case("c", "Who met Putin in Moscow last week?", answerable=True, answers=("Witkoff",))
    with ScriptedOpenAI([written]) as server:
        (row,) = await collected(replace(parts, answerer=chat_model(server)), [case])
    assert row.answer["usage"] == {"input_tokens": 100, "output_tokens": 20, "calls": 1}
    assert [item["text"] for item in row.answer["withheld"]] == ["He flew home."]
    assert row.scores["correct"] == 1.0
    assert not row.fell_back


async def test_an_answer_of_the_fallback_is_marked_as_one(parts: Answering, seed_cases: list[Case]) -> None:
    invented = 'It was so. <cite n="1">Nobody wrote this anywhere.</cite>'
    with ScriptedOpenAI([invented, invented]) as server:
        (row,) = await collected(replace(parts, answerer=chat_model(server)), seed_cases[:1])
    assert row.fell_back
    assert row.answer["mode"] == "embedded"
    summary = summarise([row])
    assert summary["fell_back"].value == 1.0


async def test_a_chat_model_that_is_away_ends_the_run_early(parts: Answering, seed_cases: list[Case]) -> None:
    with ScriptedOpenAI([Reply(fault="401")] * 20) as server:
        away = replace(parts, answerer=chat_model(server), evidence_threshold=0.0)
        with pytest.raises(ModelUnavailable, match="refused the key"):
            await collected(away, seed_cases)
    assert len(server.requests) == GIVE_UP_AFTER


def test_a_stale_case_is_asked_but_not_scored(parts: Answering, seed_cases: list[Case]) -> None:
    name = seed_cases[0].sources[0]
    ((row,), _) = run(parts, [replace(seed_cases[0], source_sha256={name: "0" * 64})])
    assert row.diagnosis == "stale"
    assert set(row.scores.values()) == {scoring.STALE}
    assert row.answer["outcome"] == "answered"


def test_a_case_whose_evidence_lies_deep_is_probed(parts: Answering, seed_cases: list[Case]) -> None:
    shallow = replace(parts, passages=1)
    rows, _ = run(shallow, seed_cases[:40])
    low = [row for row in rows if row.diagnosis == "retrieved too low"]
    assert low
    assert all(row.deep_rank and row.deep_rank > 1 for row in low)
    assert all(row.ranks == [None] * len(row.ranks) for row in low)


def test_an_interrupted_run_leaves_whole_rows(tmp_path: Path, make_row: Callable[..., Row]) -> None:
    path = log_path(tmp_path / "run.json")
    text = {"p1": Text("a", "A", 0, 2, "Hi")}
    with RowLog(path, {"cases": "1"}, "then") as log:
        log.add(make_row("a"), text)
        log.add(make_row("b", outcome="failed", correct="the question failed"), {})
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"row":{"case":{"id":"c"')
    left = read_log(path)
    assert left is not None
    assert (list(left.rows), left.passages, left.started) == (["a", "b"], text, "then")
    assert left.rows["a"] == make_row("a")
    with RowLog(path, {"cases": "1"}, "then", left) as log:
        log.add(make_row("c"), {})
    again = read_log(path)
    assert again is not None
    assert list(again.rows) == ["a", "b", "c"]
    with pytest.raises(BadInput, match="changed: index, model"):
        same_run(again, {"cases": "1", "index": "2", "model": "3"}, path)


def test_a_log_of_nothing_is_nothing(tmp_path: Path) -> None:
    assert read_log(tmp_path / "none") is None
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "noise").write_bytes(b"{}\n")
    assert read_log(tmp_path / "empty") is None
    assert read_log(tmp_path / "noise") is None


def test_a_record_is_read_back_as_it_was_written(
    tmp_path: Path, make_row: Callable[..., Row], make_record: Callable[..., Record]
) -> None:
    record = make_record([make_row("a"), make_row("b", answerable=False, outcome="not_found")])
    write_record(record, tmp_path / "runs" / "run.json")
    assert read_record(tmp_path / "runs" / "run.json") == record
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["run.json"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "citebot-run/0"}'])
def test_a_file_that_is_no_record_is_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match="is no run record of this version"):
        read_record(tmp_path / "run.json")


def test_no_secret_gets_into_a_record() -> None:
    from pydantic import BaseModel, SecretStr

    from bot.evals.setup import without_secrets

    class Made(BaseModel):
        key: SecretStr = SecretStr("sk-secret")
        url: str = "https://me:sk-secret@host/v1?x=1"
        none: str | None = None

    shown = without_secrets(Made())
    assert "sk-secret" not in json.dumps(shown)
    assert shown == {"url": "https://host/v1?x=1", "none": None}
