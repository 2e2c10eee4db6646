"""The chat model behind a real HTTP endpoint: what it is asked, what becomes of its words, and of its faults."""

from collections.abc import Awaitable, Callable

import pytest
from openai_server import Fault, Reply, ScriptedOpenAI

from bot.answering import UNVERIFIED, Answering, whole_answer
from bot.models.chat import ChatAnswerer
from bot.types import Answer, Outcome, Question, Turn
from index.library import Library
from index.reader import Reader

QUESTION = "Who met Putin in Moscow last week?"
QUOTE = "Steve Witkoff met final week with Putin in Moscow"
CITED = f'Steve Witkoff met Putin in Moscow. <cite n="1">{QUOTE}</cite>'

Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture
def ask(seed_library: Library, reader: Reader) -> Ask:
    async def run(server: ScriptedOpenAI, question: str = QUESTION, history: tuple[Turn, ...] = ()) -> Answer:
        model = ChatAnswerer(model="m", api_key="sk-test", base_url=server.base_url, timeout=2.0, max_retries=1)
        parts = Answering(seed_library, reader, model, passages=8, evidence_threshold=0.5)
        return await whole_answer(parts.stream(Question(question, history=history)))

    return run


async def test_a_cited_sentence_is_answered_with_the_sources_own_characters(ask: Ask, seed_library: Library) -> None:
    with ScriptedOpenAI([CITED]) as server:
        answer = await ask(server)
    assert answer.outcome is Outcome.ANSWERED
    assert answer.text == "Steve Witkoff met Putin in Moscow."
    (citation,) = answer.citations
    entry = seed_library.catalog.entries()[0]
    assert seed_library.catalog.text(entry.id)[citation.start : citation.end] == citation.quote == QUOTE
    assert answer.usage.input_tokens == 100
    assert answer.usage.calls == 1


async def test_the_passages_are_fenced_with_a_marker_that_changes_every_time(ask: Ask) -> None:
    with ScriptedOpenAI([CITED, CITED]) as server:
        await ask(server)
        await ask(server)
    fences = [next(line for line in prompt.splitlines() if line.startswith("=== ")) for prompt in server.prompts]
    assert fences[0] != fences[1]
    assert all(prompt.count(fence) == 2 * 8 + 1 for prompt, fence in zip(server.prompts, fences, strict=True))


INVENTED = 'Lavrov met him. <cite n="1">Sergei Lavrov met with Putin in Moscow</cite>'


async def test_after_only_withheld_sentences_the_model_gets_one_more_try(ask: Ask) -> None:
    with ScriptedOpenAI([INVENTED, CITED]) as server:
        answer = await ask(server)
    assert answer.text == "Steve Witkoff met Putin in Moscow."
    assert [item.text for item in answer.withheld] == ["Lavrov met him."]
    assert "- Lavrov met him. (its quote is not in the passages)" in server.prompts[1]
    assert answer.usage.calls == 2
    assert answer.notice == ""


async def test_after_two_failed_tries_the_documents_own_words_are_shown_and_why(ask: Ask) -> None:
    with ScriptedOpenAI([INVENTED, INVENTED]) as server:
        answer = await ask(server)
    assert answer.outcome is Outcome.ANSWERED
    assert answer.mode == "embedded"
    assert answer.notice == UNVERIFIED
    assert answer.text.startswith("In preparation for the Trump-Putin name")
    assert len(answer.withheld) == 2


async def test_a_good_sentence_is_kept_and_a_bad_one_beside_it_is_withheld(ask: Ask) -> None:
    with ScriptedOpenAI([f"{CITED} {INVENTED}"]) as server:
        answer = await ask(server)
    assert answer.text == "Steve Witkoff met Putin in Moscow."
    assert [(item.text, item.after) for item in answer.withheld] == [("Lavrov met him.", 1)]


async def test_a_refusal_of_the_model_is_not_found(ask: Ask) -> None:
    with ScriptedOpenAI(["NOT_FOUND"]) as server:
        answer = await ask(server)
    assert answer.outcome is Outcome.NOT_FOUND
    assert not answer.withheld


async def test_a_question_far_from_the_documents_costs_no_call(ask: Ask) -> None:
    with ScriptedOpenAI() as server:
        answer = await ask(server, "How do I bake sourdough bread?")
    assert answer.outcome is Outcome.NOT_FOUND
    assert server.requests == []


async def test_a_follow_up_is_condensed_with_its_history(ask: Ask) -> None:
    history = (Turn("user", QUESTION), Turn("assistant", "Steve Witkoff."))
    with ScriptedOpenAI([QUESTION, CITED]) as server:
        answer = await ask(server, "And where was that?", history)
    assert "assistant: Steve Witkoff." in server.prompts[0]
    assert answer.standalone_question == QUESTION
    assert answer.usage.calls == 2


@pytest.mark.parametrize("fault", ["429", "500"])
async def test_a_passing_fault_is_tried_again(ask: Ask, fault: str) -> None:
    with ScriptedOpenAI([Reply(fault=fault), CITED]) as server:  # type: ignore[arg-type]
        answer = await ask(server)
    assert answer.outcome is Outcome.ANSWERED


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ([Reply(fault="401")], "refused the key: check OPENAI_API_KEY"),
        ([Reply(fault="404")], "is not known to the server: check CITEBOT_CHAT_MODEL"),
        ([Reply(fault="429")] * 2, "rate limit or quota"),
        ([Reply(fault="500")] * 2, "answered with an error (500)"),
        ([Reply("Some words", fault="cut")], "cannot be reached or broke off"),
        ([Reply("Some words", fault="garbage")], "broke off"),
    ],
)
async def test_a_lasting_fault_is_told_and_the_documents_own_words_are_shown(
    ask: Ask, script: list[Reply], says: str
) -> None:
    with ScriptedOpenAI(script) as server:
        answer = await ask(server)
    assert answer.notice.startswith("The chat model m ")
    assert says in answer.notice
    assert (answer.outcome, answer.mode) == (Outcome.ANSWERED, "embedded")


async def test_what_was_verified_before_a_stream_broke_stays(ask: Ask) -> None:
    with ScriptedOpenAI([Reply(f"{CITED} And then", fault="cut")]) as server:
        answer = await ask(server)
    assert answer.text == "Steve Witkoff met Putin in Moscow."
    assert answer.mode == "openai"
    assert "broke off" in answer.notice


async def test_a_fault_while_condensing_falls_back_to_the_rule(ask: Ask) -> None:
    history = (Turn("user", QUESTION), Turn("assistant", "Steve Witkoff."))
    with ScriptedOpenAI([Reply(fault="401")]) as server:
        answer = await ask(server, "And why was he there?", history)
    assert "refused the key" in answer.notice
    assert answer.mode == "embedded"


@pytest.mark.parametrize("fault", ["hang", "stall"])
async def test_a_server_that_never_goes_on_is_given_up_in_time(
    fault: Fault, seed_library: Library, reader: Reader
) -> None:
    with ScriptedOpenAI([Reply("The envoy met", fault=fault)]) as server:
        model = ChatAnswerer(model="m", api_key=None, base_url=server.base_url, timeout=0.2, max_retries=0)
        parts = Answering(seed_library, reader, model, passages=8, evidence_threshold=0.5)
        answer = await whole_answer(parts.stream(Question(QUESTION)))
    assert "did not answer in time" in answer.notice
