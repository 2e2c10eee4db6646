"""Fixtures of the evaluator's tests: made-up rows and records, seed cases, an OpenAI-compatible judge."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.answering import Answering
from bot.evals import scoring
from bot.evals.cases import Case, read_cases
from bot.evals.measures import latency, summarise
from bot.evals.record import FORMAT, CaseSet, Hit, IndexFacts, Record, Row, Setup, Text
from bot.models.embedded import EmbeddedAnswerer
from index.library import Library
from index.reader import Reader

SEED_CASES = Path(__file__).parents[3] / "seeds" / "questions.jsonl"
PASSAGE = Text("docs/a.txt", "A title", 100, 160, "Rain fell on Monday. The envoy met Putin in Moscow. He left.")
QUOTE = "The envoy met Putin in Moscow."
SETUP = Setup(
    mode="embedded",
    model="minilm-reader-int8",
    settings={"passages": 8},
    prompts={},
    commit="0" * 40,
    dirty=False,
    versions={"citebot": "1"},
    machine="box",
    jobs=1,
)


@pytest.fixture(scope="session")
def seed_cases() -> list[Case]:
    return read_cases(SEED_CASES)


@pytest.fixture
def parts(seed_library: Library, reader: Reader) -> Answering:
    """The chain's parts on the seed article, in embedded mode."""
    return Answering(seed_library, reader, EmbeddedAnswerer(), passages=8, evidence_threshold=0.5)


@pytest.fixture
def make_row() -> Callable[..., Row]:
    return row_of


@pytest.fixture
def make_record() -> Callable[..., Record]:
    return record_of


def row_of(
    name: str = "a",
    *,
    correct: float | str = 1.0,
    answerable: bool = True,
    outcome: str = "answered",
    confidence: float = 0.8,
    scores: dict[str, scoring.Score] | None = None,
    ms: float = 20.0,
    question: str = "Where did the envoy meet Putin?",
    tokens: int = 0,
    **changes: Any,
) -> Row:
    """A row as a run makes it. Scores that are not named follow from `correct`."""
    answered = outcome == "answered"
    case = Case(name, question, answerable, ("Moscow",) * answerable, (QUOTE,) * answerable, sources=("a.txt",), line=1)
    cited = {"number": 1, "source": PASSAGE.source, "title": PASSAGE.title, "start": 121, "end": 151, "quote": QUOTE}
    answer: dict[str, Any] = {
        "id": name,
        "question": question,
        "standalone_question": question,
        "outcome": outcome,
        "answer": QUOTE if answered else "",
        "short_answer": "Moscow" if answered else None,
        "claims": [{"text": QUOTE, "citations": [1]}] if answered else [],
        "citations": [cited | {"passage_id": "p1"}] if answered else [],
        "withheld": [],
        "confidence": confidence,
        "mode": "embedded",
        "model": "minilm-reader-int8",
        "usage": {"input_tokens": tokens, "output_tokens": tokens // 10, "calls": int(tokens > 0)},
        "timings_ms": {"condense": 0.0, "retrieve": ms - 1, "generate": 0.5, "verify": 0.5, "total": ms},
    }
    if outcome == "failed":
        answer = {"id": name, "question": question, "outcome": "failed", "answer": "", "error": "The model is away."}
    unscored = scoring.unscored(scoring.UNANSWERABLE if not answerable else correct if isinstance(correct, str) else "")
    every = unscored if not answerable or isinstance(correct, str) else dict.fromkeys(scoring.PER_CASE, float(correct))
    values: dict[str, Any] = {
        "case": case,
        "answer": answer,
        "hits": [Hit("p1", 0.03, relevant=answerable)] if outcome != "failed" else [],
        "scores": every | {"correct": correct} | (scores or {}),
        "ranks": [1] * answerable,
        "diagnosis": None if correct != 0.0 else "wrong despite evidence" if answerable else "should have abstained",
    }
    return Row(**(values | changes))


def record_of(rows: list[Row], **changes: Any) -> Record:
    values: dict[str, Any] = {
        "format": FORMAT,
        "started": "2026-11-22T12:00:00+00:00",
        "seconds": 12.5,
        "cases": CaseSet("cases.jsonl", "digest-of-cases", len(rows)),
        "index": IndexFacts("fingerprint", "minilm", 1, 20, {"a.txt": ["digest-of-a"]}),
        "setup": SETUP,
        "judge": None,
        "summary": summarise(rows),
        "latency_ms": latency(rows),
        "rows": rows,
        "passages": {"p1": PASSAGE},
    }
    return Record(**(values | changes))


Script = Callable[[int, dict[str, Any]], tuple[int, str]]
"""(number of the request, its body) -> status and the text of the reply."""


class JudgeServer:
    """Speaks OpenAI's chat completions on loopback, as strictly as the real one where it matters to a judge."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.script: Script = lambda _n, _body: (200, '{"correct": true, "supported": true, "reason": "it says so"}')
        self.reply_tokens = 20
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply(self, path: str, authorization: str, raw: bytes) -> tuple[int, bytes]:
        body = json.loads(raw)
        if path != "/v1/chat/completions" or authorization != "Bearer test-key":
            return (
                401,
                b'{"error": {"message": "no such key", "type": "invalid_request_error", "code": "invalid_api_key"}}',
            )
        if body.get("temperature") != 0 or not body["messages"] or body.get("stream"):
            return 400, b'{"error": {"message": "not what a judge asks", "type": "invalid_request_error"}}'
        with self._lock:
            self.requests.append(body)
            number = len(self.requests)
        status, text = self.script(number, body)
        if status != 200:
            return status, json.dumps({"error": {"message": text, "type": "server_error"}}).encode()
        message = {"role": "assistant", "content": text, "refusal": None}
        prompt = len(body["messages"][0]["content"]) // 4
        return 200, json.dumps(
            {
                "id": f"chatcmpl-{number}",
                "object": "chat.completion",
                "created": 1,
                "model": f"{body['model']}-2026-01-01",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
                "usage": {
                    "prompt_tokens": prompt,
                    "completion_tokens": self.reply_tokens,
                    "total_tokens": prompt + self.reply_tokens,
                },
            }
        ).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                status, body = server.reply(self.path, self.headers.get("Authorization", ""), raw)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def judge_server() -> Iterator[JudgeServer]:
    server = JudgeServer()
    yield server
    server.close()
