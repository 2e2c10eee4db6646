"""The steps of `bot.answering` as a LangChain Runnable: callbacks, tracing, batching and composition as usual."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from anyio.from_thread import start_blocking_portal
from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import ensure_config, patch_config
from pydantic import ConfigDict, SkipValidation

from bot.answering import Answering, Event, whole_answer
from bot.types import Answer, Question
from index.types import RankedPassage


class PassageRetriever(BaseRetriever):
    """The project's retrieval as a LangChain retriever. Metadata: id, source, title, start, end, score."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    answering: SkipValidation[Answering]
    sets: tuple[str, ...] = ()

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [_document(found) for found in await self.answering.retrieve(query, self.sets)]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        with start_blocking_portal() as portal:
            return [_document(found) for found in portal.call(self.answering.retrieve, query, self.sets)]


class AnswerChain(Runnable[Question | str, Event]):
    """`ainvoke` gives the Answer; `astream` gives claims as they are verified or withheld, and the Answer last.

    Takes a Question, or a string for a question without history. The synchronous methods run the asynchronous
    ones on an event loop of their own.
    """

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    def invoke(self, input: Question | str, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        with start_blocking_portal() as portal:
            return portal.call(lambda: self.ainvoke(input, config, **kwargs))

    async def ainvoke(self, input: Question | str, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        return await whole_answer(self.astream(input, config, **kwargs))

    def stream(self, input: Question | str, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Any]:
        with start_blocking_portal() as portal:
            events = self.astream(input, config, **kwargs)
            while (event := portal.call(anext, events, None)) is not None:
                yield event

    async def astream(
        self, input: Question | str, config: RunnableConfig | None = None, **kwargs: Any | None
    ) -> AsyncIterator[Any]:
        async def one() -> AsyncIterator[Question | str]:
            yield input

        async for event in self._atransform_stream_with_config(one(), self._transform, ensure_config(config), **kwargs):
            yield event

    async def _transform(
        self, inputs: AsyncIterator[Question | str], run_manager: Any, config: RunnableConfig
    ) -> AsyncIterator[Event]:
        async for given in inputs:
            question = Question(given) if isinstance(given, str) else given
            child = patch_config(config, callbacks=run_manager.get_child())

            async def traced(text: str, sets: tuple[str, ...], child: RunnableConfig = child) -> list[RankedPassage]:
                documents = await PassageRetriever(answering=self._answering, sets=sets).ainvoke(text, child)
                return [document.metadata["ranked"] for document in documents]

            async for event in self._answering.stream(question, traced):
                yield event


def _document(found: RankedPassage) -> Document:
    passage = found.passage
    metadata = {"source": passage.source, "title": passage.title, "start": passage.start, "end": passage.end}
    return Document(
        id=passage.id, page_content=passage.text, metadata=metadata | {"score": found.score, "ranked": found}
    )
