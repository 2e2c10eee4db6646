"""A real small model behind a real OpenAI-compatible server: it invents citations, and none of them gets through."""

from collections.abc import Iterator

import pytest
from adversary import small_model

from bot.answering import Answering, whole_answer
from bot.models.chat import ChatAnswerer
from bot.types import Outcome, Question
from index.library import Library
from index.reader import Reader


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with small_model(context_tokens=2048) as url:
        yield url


async def test_what_a_real_model_says_is_shown_only_where_its_quotes_are_real(
    base_url: str, seed_library: Library, reader: Reader
) -> None:
    model = ChatAnswerer(model="smollm2", api_key=None, base_url=base_url, timeout=60, max_retries=0)
    parts = Answering(seed_library, reader, model, passages=1, evidence_threshold=0.5)
    answer = await whole_answer(parts.stream(Question("Who met Putin in Moscow last week?")))
    text = seed_library.catalog.text(seed_library.catalog.entries()[0].id)
    assert answer.outcome in {Outcome.ANSWERED, Outcome.NOT_FOUND}
    assert all(text[citation.start : citation.end] == citation.quote for citation in answer.citations)
    assert answer.usage.output_tokens > 0
    assert answer.claims or answer.withheld, "the model wrote something, and every sentence is accounted for"
