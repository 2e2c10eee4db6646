"""A loopback server that speaks the OpenAI wire protocol and says what a test tells it to: answers and faults."""

import json
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

Headers = dict[str, str] | None
Fault = Literal["429", "500", "401", "404", "hang", "stall", "cut", "garbage"]


@dataclass(frozen=True)
class Reply:
    """One answer: its text, sent in pieces, or a fault. A stream that is cut or stalls sends its pieces first.

    `tokens` is what the server says that the text took.
    """

    text: str = ""
    fault: Fault | None = None
    piece: int = 7
    tokens: int = 20


@dataclass
class ScriptedOpenAI:
    """Use as a context manager. `replies` are given out in order; running dry is an error of the test."""

    replies: Sequence[str | Reply] = ()
    requests: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._queue = deque(Reply(reply) if isinstance(reply, str) else reply for reply in self.replies)
        self._released = threading.Event()
        self._arrived = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait_for_requests(self, count: int, timeout: float = 30.0) -> None:
        """Returns when that many requests have arrived."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.requests) >= count, timeout):
                raise TimeoutError(f"{len(self.requests)} of {count} requests arrived")

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def environment(self) -> dict[str, str]:
        return {"OPENAI_BASE_URL": self.base_url, "OPENAI_API_KEY": "sk-test"}

    @property
    def prompts(self) -> list[str]:
        """The text of every request's messages."""
        return ["\n".join(message["content"] for message in request["messages"]) for request in self.requests]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                """Says nothing."""

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with script._arrived:
                    script.requests.append(body)
                    script._arrived.notify_all()
                script._answer(self, body)

        return Handler

    def _answer(self, http: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        if not self._queue:
            self._send(http, 500, {"error": {"message": "the script ran dry", "type": "test"}})
            return
        reply = self._queue.popleft()
        match reply.fault:
            case "429" | "500" | "401" | "404":
                error = {"message": f"fault {reply.fault}", "type": "test", "code": None}
                self._send(http, int(reply.fault), {"error": error}, {"Retry-After": "0"})
            case "hang":
                self._released.wait(30)
                http.close_connection = True
            case "garbage" if not body.get("stream"):
                self._send_bytes(http, 200, b"{ this is not JSON")
            case _:
                self._complete(http, body, reply)

    def _complete(self, http: BaseHTTPRequestHandler, body: dict[str, Any], reply: Reply) -> None:
        usage = {"prompt_tokens": 100, "completion_tokens": reply.tokens, "total_tokens": 100 + reply.tokens}
        common = {"id": "c1", "created": 0, "model": body["model"]}
        if not body.get("stream"):
            message = {"role": "assistant", "content": reply.text}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            self._send(http, 200, {**common, "object": "chat.completion", "choices": [choice], "usage": usage})
            return
        http.send_response(200)
        http.send_header("Content-Type", "text/event-stream")
        http.send_header("Transfer-Encoding", "chunked")
        http.end_headers()
        pieces = [reply.text[at : at + reply.piece] for at in range(0, len(reply.text), reply.piece)]
        chunk = {**common, "object": "chat.completion.chunk"}
        for piece in pieces:
            delta = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
            self._event(http, json.dumps({**chunk, "choices": [delta]}))
        if reply.fault == "stall":
            self._released.wait(30)
        if reply.fault == "garbage":
            self._event(http, "{ this is not JSON")
        if reply.fault is not None:
            http.close_connection = True  # no final chunk: the stream is cut
            return
        stop = {"index": 0, "delta": {}, "finish_reason": "stop"}
        self._event(http, json.dumps({**chunk, "choices": [stop]}))
        self._event(http, json.dumps({**chunk, "choices": [], "usage": usage}))
        self._event(http, "[DONE]")
        http.wfile.write(b"0\r\n\r\n")

    @staticmethod
    def _event(http: BaseHTTPRequestHandler, data: str) -> None:
        payload = f"data: {data}\n\n".encode()
        http.wfile.write(f"{len(payload):x}\r\n".encode() + payload + b"\r\n")
        http.wfile.flush()

    def _send(
        self, http: BaseHTTPRequestHandler, status: int, document: Any, headers: dict[str, str] | None = None
    ) -> None:
        self._send_bytes(http, status, json.dumps(document).encode(), headers)

    @staticmethod
    def _send_bytes(
        http: BaseHTTPRequestHandler, status: int, payload: bytes, headers: dict[str, str] | None = None
    ) -> None:
        http.send_response(status)
        http.send_header("Content-Type", "application/json")
        http.send_header("Content-Length", str(len(payload)))
        for name, value in (headers or {}).items():
            http.send_header(name, value)
        http.end_headers()
        http.wfile.write(payload)
