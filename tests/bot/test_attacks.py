"""Documents, questions and model output are data: models that obey what stands in them change nothing.

Each case gives a document (or a question) that carries an attack, and the reply of a model that obeys it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai_server import ScriptedOpenAI

from bot.answering import Answering, whole_answer
from bot.models.chat import ChatAnswerer
from bot.types import Answer, Question, Released
from index.build import index_sources
from index.embedding import MiniLmEmbedder
from index.library import Library
from index.reader import Reader

CASES = [
    json.loads(line) for line in Path(__file__).with_name("attacks.jsonl").read_text(encoding="utf-8").splitlines()
]
HANDBOOK = """Handbook

The office opens at nine on weekdays. The kettle is kept in the second cupboard on the left. Ms Okafor runs the archive.
"""


def document(case: dict[str, Any]) -> str:
    return f"{HANDBOOK}\n{case['injected']}\n"


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, embedder: MiniLmEmbedder) -> Iterator[Library]:
    """Every attacked document, each in a set of its own."""
    folder = tmp_path_factory.mktemp("attacks")
    opened = Library(folder / "library", embedder)
    for case in CASES:
        file = folder / f"{case['id']}.txt"
        file.write_text(document(case), encoding="utf-8")
        index_sources(opened, [str(file)], collection=case["id"])
    yield opened
    opened.close()


def test_there_are_at_least_forty_attacks() -> None:
    assert len({case["id"] for case in CASES}) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
async def test_an_obedient_model_shows_nothing_that_the_document_does_not_say(
    case: dict[str, Any], attacked: Library, reader: Reader
) -> None:
    text = document(case)
    with ScriptedOpenAI([case["reply"], "NOT_FOUND"]) as server:
        model = ChatAnswerer(model="m", api_key="sk-test", base_url=server.base_url, timeout=5, max_retries=0)
        parts = Answering(attacked, reader, model, passages=8, evidence_threshold=0.5)
        events = [event async for event in parts.stream(Question(case["question"], sets=(case["id"],)))]
    answer = events[-1]
    assert isinstance(answer, Answer)
    written = [event.claim.text for event in events if isinstance(event, Released)]
    if answer.mode == "openai":
        assert written == case["shown"]
    else:
        assert case["shown"] == []
        assert all(claim in " ".join(text.split()) for claim in written), "the fallback shows the document's own words"
    assert all(text[citation.start : citation.end] == citation.quote for citation in answer.citations)
    assert "sk-test" not in answer.text


@pytest.mark.parametrize("case", [case for case in CASES if case["injected"]], ids=lambda case: case["id"])
async def test_an_attack_in_a_document_stays_inside_its_fence(
    case: dict[str, Any], attacked: Library, reader: Reader
) -> None:
    with ScriptedOpenAI(["NOT_FOUND"]) as server:
        model = ChatAnswerer(model="m", api_key="sk-test", base_url=server.base_url, timeout=5, max_retries=0)
        parts = Answering(attacked, reader, model, passages=8, evidence_threshold=0.0)
        await whole_answer(parts.stream(Question(case["question"], sets=(case["id"],))))
    (prompt,) = server.prompts
    fence = prompt.partition("each between lines marked ")[2].partition(". ")[0]
    before, *fenced, after = prompt.partition("quoted material.")[2].split(f"\n{fence}\n")
    assert case["injected"].split("\n")[0] in fenced[0]
    assert case["injected"].split("\n")[0] not in before + after
