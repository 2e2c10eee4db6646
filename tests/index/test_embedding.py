"""Two ways to embed: a model in this process, and any OpenAI-compatible endpoint, whatever that answers."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedding import WINDOW, MiniLmEmbedder, OpenAIEmbedder, unit
from index.errors import EmbeddingFailed

# In this process.


def test_vectors_have_length_one_in_the_order_of_the_texts(embedder: MiniLmEmbedder) -> None:
    texts = ["short", "a much longer text that has quite a few more words in it", "mid size text", ""]
    vectors = embedder.embed(texts)
    assert vectors.shape == (4, embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert all(np.array_equal(vectors[n], embedder.embed([text])[0]) for n, text in enumerate(texts))


def test_nothing_embedded_is_no_vectors(embedder: MiniLmEmbedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimension)


def test_what_is_alike_in_meaning_is_near(embedder: MiniLmEmbedder) -> None:
    peace, truce, recipe = embedder.embed(
        ["They agreed on a ceasefire.", "A truce was settled.", "Whisk two eggs with sugar."]
    )
    assert peace @ truce > peace @ recipe + 0.3


def test_nothing_is_cut_off_a_text_longer_than_the_window(embedder: MiniLmEmbedder) -> None:
    start, end = "The envoy met the president in Moscow. ", "Whisk two eggs with the sugar. "
    long = start * 40 + end * 40
    assert embedder.count_tokens([start * 40])[0] > WINDOW
    both, first, second = embedder.embed([long, start * 40, end * 40])
    assert both @ second > first @ second + 0.2


def test_tokens_are_counted_without_the_models_own(embedder: MiniLmEmbedder) -> None:
    assert embedder.count_tokens(["", "hello", "hello world", "x" * 101]) == [0, 1, 2, 1]
    assert embedder.count_tokens([]) == []


def test_an_unoptimised_model_gives_the_same_vectors(embedder: MiniLmEmbedder) -> None:
    texts = ["Who met Putin?", "A sentence about something else."]
    assert np.allclose(MiniLmEmbedder(one_shot=True).embed(texts), embedder.embed(texts), atol=1e-3)


def test_threads_embed_the_same(embedder: MiniLmEmbedder) -> None:
    texts = [f"Text number {number}." for number in range(8)]
    expected = embedder.embed(texts)
    with ThreadPoolExecutor(4) as threads:
        assert all(np.array_equal(vectors, expected) for vectors in threads.map(embedder.embed, [texts] * 4))


@given(st.text(max_size=60))
@settings(max_examples=25, deadline=None)
def test_any_text_has_a_finite_vector(text: str) -> None:
    assert np.isfinite(EMBEDDER.embed([text])).all()


EMBEDDER = MiniLmEmbedder()


def test_a_row_of_zeros_has_no_direction() -> None:
    assert np.allclose(unit(np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32)), [[0.6, 0.8], [0.0, 0.0]])


# Over the wire.

Answer = Callable[[list[str]], tuple[int, bytes]]


def rows(*order: int) -> Answer:
    """Vectors for the texts named by `order`: text number n points in direction n."""

    def answer(_: list[str]) -> tuple[int, bytes]:
        data = [
            {"object": "embedding", "index": n, "embedding": [float(at == n) * 2 for at in range(4)]} for n in order
        ]
        return raw({"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}})([])

    return answer


def raw(document: Any, status: int = 200) -> Answer:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return lambda _: (status, body)


def fault(status: int) -> Answer:
    return raw({"error": {"message": f"sk-secret {status}", "type": "test", "code": None}}, status)


class EmbeddingServer:
    """`/v1/embeddings` on loopback: gives the scripted answers in order; running dry is an error of the test."""

    def __init__(self) -> None:
        self.script: deque[Answer | None] = deque()
        self.requests: list[dict[str, Any]] = []
        self.released = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def embedder(self, *answers: Answer | None, retries: int = 0) -> OpenAIEmbedder:
        """An embedder that will be given these answers; None is silence."""
        self.script.extend(answers)
        url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        return OpenAIEmbedder(
            lambda: openai.OpenAI(api_key="sk-test", base_url=url, timeout=0.5, max_retries=retries), "test-model"
        )

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                """Says nothing."""

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                owner.requests.append({"path": self.path, "key": self.headers["Authorization"], **request})
                answer = owner.script.popleft() if owner.script else fault(500)
                if answer is None:
                    owner.released.wait(30)
                    return
                status, body = answer(request["input"])
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Retry-After-Ms", "1")
                self.end_headers()
                self.wfile.write(body)

        return Handler


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    running = EmbeddingServer()
    yield running
    running.close()


def test_vectors_are_asked_for_by_text_and_model(server: EmbeddingServer) -> None:
    embedder = server.embedder(rows(0, 1))
    assert server.requests == []
    assert embedder.name == "test-model"
    assert embedder.embed(["a", "b"]).tolist() == [[1, 0, 0, 0], [0, 1, 0, 0]]
    [request] = server.requests
    assert (request["path"], request["key"]) == ("/v1/embeddings", "Bearer sk-test")
    assert (request["input"], request["model"], request["encoding_format"]) == (["a", "b"], "test-model", "float")


def test_vectors_that_come_out_of_order_are_put_in_order(server: EmbeddingServer) -> None:
    vectors = server.embedder(rows(2, 0, 1)).embed(["a", "b", "c"])
    assert vectors.argmax(axis=1).tolist() == [0, 1, 2]


def test_many_texts_go_in_several_requests(server: EmbeddingServer) -> None:
    def one_each(texts: list[str]) -> tuple[int, bytes]:
        data = [{"index": n, "embedding": [float(text), 1.0]} for n, text in enumerate(texts)]
        return raw({"data": data})(texts)

    numbers = [str(number) for number in range(600)]
    vectors = server.embedder(one_each, one_each, one_each).embed(numbers)
    assert [len(request["input"]) for request in server.requests] == [256, 256, 88]
    assert np.allclose(vectors[:, 0] / vectors[:, 1], range(600), rtol=1e-3)


def test_no_texts_are_no_request(server: EmbeddingServer) -> None:
    assert len(server.embedder().embed([])) == 0
    assert server.requests == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_fault_is_tried_again(server: EmbeddingServer, status: int) -> None:
    assert server.embedder(fault(status), rows(0), retries=1).embed(["a"]).tolist() == [[1, 0, 0, 0]]
    assert len(server.requests) == 2


def failure(embedder: OpenAIEmbedder) -> str:
    with pytest.raises(EmbeddingFailed) as caught:
        embedder.embed(["a", "b"])
    return str(caught.value)


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (fault(401), "AuthenticationError"),
        (fault(404), "NotFoundError"),
        (fault(429), "RateLimitError"),
        (fault(500), "InternalServerError"),
        (None, "APITimeoutError"),
    ],
)
def test_a_refusal_is_one_sentence_with_its_cure_and_no_secret(
    server: EmbeddingServer, answer: Answer | None, name: str
) -> None:
    assert failure(server.embedder(answer)) == (
        f"The embedding model test-model could not be used ({name}): "
        "check OPENAI_API_KEY, OPENAI_BASE_URL and CITEBOT_EMBEDDING_MODEL."
    )


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    embedder = OpenAIEmbedder(lambda: openai.OpenAI(api_key="k", base_url="http://127.0.0.1:1/v1", max_retries=0), "m")
    assert "could not be used (APIConnectionError): check" in failure(embedder)


def embeddings(*vectors: Any) -> Answer:
    return raw({"data": [{"index": n, "embedding": vector} for n, vector in enumerate(vectors)]})


USELESS = {
    "not JSON": raw(b"{ this is not JSON"),
    "a web page": raw(b"<html>Welcome</html>"),
    "null": raw(None),
    "a list": raw([]),
    "an empty object": raw({}),
    "no data": raw({"data": None}),
    "no vectors": rows(),
    "too few": rows(0),
    "too many": rows(0, 1, 2),
    "one twice": rows(0, 0),
    "others": rows(1, 2),
    "one twice among enough": rows(0, 1, 1),
    "no indexes": raw({"data": [{"embedding": [1.0]}, {"embedding": [2.0]}]}),
    "unequal lengths": embeddings([1.0, 2.0], [1.0]),
    "no number": embeddings([None, 1.0], [1.0, 0.0]),
    "not a number": embeddings([float("nan"), 1.0], [1.0, 0.0]),
    "a string": embeddings("AAAA", [1.0]),
    "empty vectors": embeddings([], []),
    "bare numbers": embeddings(1.0, 2.0),
    "nulls": embeddings(None, None),
}


@pytest.mark.parametrize("answer", USELESS.values(), ids=USELESS)
def test_an_answer_that_is_not_one_vector_for_each_text_is_one_sentence(
    server: EmbeddingServer, answer: Answer
) -> None:
    assert failure(server.embedder(answer)) == (
        "The embedding model test-model did not answer with one vector for each text: "
        "check OPENAI_BASE_URL and CITEBOT_EMBEDDING_MODEL."
    )
