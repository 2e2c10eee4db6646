"""From a question to its answer in embedded mode: real index, real models, no network."""

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableLambda

from bot.answering import Answering, whole_answer
from bot.chain import AnswerChain, PassageRetriever
from bot.models.embedded import EmbeddedAnswerer
from bot.overview import is_overview
from bot.types import Answer, Outcome, Question, Released, Turn
from index.build import index_sources
from index.errors import IndexMissing
from index.library import Library
from index.reader import Reader


@pytest.fixture(scope="session")
def answering(seed_library: Library, reader: Reader) -> Answering:
    return Answering(seed_library, reader, EmbeddedAnswerer(), passages=8, evidence_threshold=0.5)


@pytest.fixture
def chain(answering: Answering) -> AnswerChain:
    return AnswerChain(answering)


async def test_an_answer_is_a_source_sentence_with_the_span_marked(answering: Answering) -> None:
    answer = await whole_answer(answering.stream(Question("Who met Putin in Moscow last week?")))
    (citation,) = answer.citations
    document = answering.library.catalog.text(answer.passages[0].passage.document_id)
    assert document[citation.start : citation.end] == citation.quote
    assert answer.text == " ".join(citation.quote.split())
    start, end = citation.highlight or (0, 0)
    assert document[start:end] == "Steve Witkoff"


async def test_what_the_documents_do_not_hold_is_not_found_and_shows_no_sources(answering: Answering) -> None:
    answer = await whole_answer(answering.stream(Question("Who is Russia's foreign minister?")))
    assert answer.outcome is Outcome.NOT_FOUND
    assert answer.citations == ()
    assert answer.passages, "the closest passages can still be offered as such"


async def test_an_overview_is_key_sentences_in_the_order_of_the_text(answering: Answering) -> None:
    answer = await whole_answer(answering.stream(Question("What is this article about?")))
    assert len(answer.claims) == 3
    starts = [citation.start for citation in answer.citations]
    assert starts == sorted(starts)


async def test_a_follow_up_leans_on_the_question_before(answering: Answering) -> None:
    history = (Turn("user", "Who met Putin in Moscow last week?"), Turn("assistant", "Steve Witkoff."))
    answer = await whole_answer(answering.stream(Question("And why was he there?", history=history)))
    assert answer.standalone_question != "And why was he there?"
    assert "to debate the proposal" in answer.text


async def test_a_question_that_stands_alone_is_not_changed_by_its_history(answering: Answering) -> None:
    history = (Turn("user", "Who met Putin?"), Turn("assistant", "Steve Witkoff."))
    question = "How much land did Ukraine take in the Kursk region?"
    answer = await whole_answer(answering.stream(Question(question, history=history)))
    assert answer.standalone_question == question


async def test_every_step_is_timed(answering: Answering) -> None:
    answer = await whole_answer(answering.stream(Question("Who is Karoline Leavitt?")))
    assert answer.timings_ms.keys() == {"condense", "retrieve", "generate", "verify", "total"}


async def test_an_empty_index_says_what_to_do(library: Library, reader: Reader) -> None:
    parts = Answering(library, reader, EmbeddedAnswerer(), passages=8, evidence_threshold=0.5)
    with pytest.raises(IndexMissing, match="citebot index"):
        await whole_answer(parts.stream(Question("Anything?")))


async def test_a_question_can_be_limited_to_a_set(
    library: Library, reader: Reader, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("docs")
    for name, colour in (("red", "crimson"), ("blue", "navy")):
        file = folder / f"{name}.txt"
        file.write_text(f"The door of the {name} house is painted {colour}, says the caretaker.\n")
        index_sources(library, [str(file)], collection=name)
    parts = Answering(library, reader, EmbeddedAnswerer(), passages=8, evidence_threshold=0.0)
    answer = await whole_answer(parts.stream(Question("What colour is the door?", sets=("blue",))))
    assert "navy" in answer.text
    assert {found.passage.title for found in answer.passages} == {"blue.txt"}


@pytest.mark.parametrize(
    "question",
    [
        "What is this about?",
        "what's the article about",
        "Summarize this document",
        "give me a quick summary",
        "tl;dr",
        "What are the main points?",
        "what does the report say?",
        "Can you sum up the paper for me please?",
    ],
)
def test_questions_about_the_whole_document_are_overviews(question: str) -> None:
    assert is_overview(question)


@pytest.mark.parametrize(
    "question",
    [
        "What is the deal about?",
        "What did Bowman say about the summary?",
        "Who is this about",
        "What are the terms?",
        "What does the report say about Kursk?",
        "Is the plant the main source of power?",
        "Who wrote the summary?",
    ],
)
def test_questions_about_something_in_it_are_not(question: str) -> None:
    assert not is_overview(question)


class Recorder(BaseCallbackHandler):
    def __init__(self) -> None:
        self.events: list[str] = []

    def on_chain_start(self, *args: object, **details: object) -> None:
        self.events.append(f"chain starts: {details['name']}")

    def on_chain_end(self, outputs: object, **details: object) -> None:
        self.events.append(f"chain ends: {type(outputs).__name__}")

    def on_retriever_start(self, serialized: object, query: str, **details: object) -> None:
        self.events.append(f"retriever starts below a run: {details['parent_run_id'] is not None}")

    def on_retriever_end(self, documents: object, **details: object) -> None:
        self.events.append("retriever ends")


async def test_the_chain_reports_to_callbacks_like_any_runnable(chain: AnswerChain) -> None:
    recorder = Recorder()
    await chain.ainvoke("Who is Karoline Leavitt?", {"callbacks": [recorder]})
    assert recorder.events == [
        "chain starts: AnswerChain",
        "retriever starts below a run: True",
        "retriever ends",
        "chain ends: Answer",
    ]


async def test_the_chain_streams_claims_before_the_answer(chain: AnswerChain) -> None:
    events = [event async for event in chain.astream("What is this about?")]
    assert [type(event) for event in events] == [Released, Released, Released, Answer]
    assert events[-1].claims == tuple(event.claim for event in events[:-1])


def test_the_chain_works_without_an_event_loop(chain: AnswerChain) -> None:
    question = "Who met Putin in Moscow last week?"
    streamed = list(chain.stream(question))
    assert [chain.invoke(question).claims] == [event.claims for event in streamed if isinstance(event, Answer)]
    answers = chain.batch([question, "Who won the 2030 World Cup?"])
    assert [answer.outcome for answer in answers if isinstance(answer, Answer)] == [
        Outcome.ANSWERED,
        Outcome.NOT_FOUND,
    ]


def test_the_chain_composes_with_other_runnables(chain: AnswerChain) -> None:
    shout = chain | RunnableLambda(lambda answer: answer.text.upper())
    assert "STEVE WITKOFF" in shout.invoke("Who met Putin in Moscow last week?")


def test_retrieval_is_a_langchain_retriever(answering: Answering) -> None:
    documents = PassageRetriever(answering=answering).invoke("Who met Putin in Moscow?")
    assert len(documents) == 8
    assert documents[0].metadata["source"].endswith("000_bb15d51ce95bf2ab.txt")
