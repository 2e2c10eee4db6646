"""A chat model behind any OpenAI-compatible endpoint, through LangChain. The only importer of `langchain_openai`."""

import json
import secrets
from collections.abc import AsyncIterator, Sequence
from functools import cached_property
from typing import Any

import httpx
import openai
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from bot.citing import Draft, DraftParser
from bot.errors import ModelUnavailable
from bot.evidence import Findings
from bot.types import Mode, Standalone, Turn, Usage, Withheld
from prompts import load

_REFUSAL = "NOT_FOUND"
_MAX_ANSWER_TOKENS = 700
_MAX_HISTORY_TURNS = 8
_UNUSABLE = (openai.OpenAIError, httpx.HTTPError, json.JSONDecodeError, TimeoutError)
"""What a request can end in. A stream that is cut, garbled or stalled raises the last three from below the client."""


class ChatAnswerer:
    """Writes answers in the citation protocol. Temperature 0, bounded time, retries and length."""

    mode: Mode = "openai"

    def __init__(
        self,
        *,
        model: str,
        api_key: str | None,
        base_url: str | None,
        timeout: float,
        max_retries: int,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        """Without an `http_client`, LangChain keeps one for the process, which one event loop alone can use."""
        self.model = model
        self._settings: dict[str, Any] = {
            "model": model,
            "api_key": SecretStr(api_key or "none"),
            "base_url": base_url,
            "timeout": timeout,
            "stream_chunk_timeout": timeout,
            "max_retries": max_retries,
            "temperature": 0,
            "max_completion_tokens": _MAX_ANSWER_TOKENS,
            "stream_usage": True,
            "http_async_client": http_client,
        }

    @cached_property
    def _chat(self) -> ChatOpenAI:
        return ChatOpenAI(**self._settings)

    @property
    def prompts(self) -> dict[str, str]:
        return {name: load(name).digest for name in ("answer", "passages", "condense", "repair")}

    async def condense(self, question: str, history: Sequence[Turn]) -> tuple[Standalone, Usage]:
        """See `Answerer.condense`.

        Raises:
            ModelUnavailable: see `Answerer.drafts`.
        """
        conversation = "\n".join(f"{turn.role}: {turn.text}" for turn in history[-_MAX_HISTORY_TURNS:])
        reply = await self.complete(load("condense").render(conversation=conversation, question=question))
        return Standalone(" ".join(reply.text.split()) or question), _usage(reply)

    async def complete(self, prompt: str) -> AIMessage:
        """The whole reply to one prompt.

        Raises:
            ModelUnavailable: see `Answerer.drafts`.
        """
        try:
            return await self._chat.ainvoke([HumanMessage(prompt)])
        except _UNUSABLE as error:
            raise self._unavailable(error) from error

    async def drafts(
        self, question: str, findings: Findings, failed: Sequence[Withheld] = ()
    ) -> AsyncIterator[Draft | Usage]:
        """See `Answerer.drafts`."""
        messages: list[BaseMessage] = [SystemMessage(load("answer").text), HumanMessage(_prompt(question, findings))]
        if failed:
            failures = "\n".join(f"- {item.text} ({item.reason})" for item in failed)
            messages.append(HumanMessage(load("repair").render(failures=failures)))
        parser = DraftParser()
        usage = Usage()
        try:
            async for chunk in self._chat.astream(messages):
                usage += _usage(chunk)
                for draft in parser.feed(chunk.text):
                    yield draft
        except _UNUSABLE as error:
            raise self._unavailable(error) from error
        for draft in parser.close():
            if draft.quotes or draft.text.strip(" .") != _REFUSAL:
                yield draft
        yield Usage(usage.input_tokens, usage.output_tokens, calls=1)

    def _unavailable(self, error: Exception) -> ModelUnavailable:
        match error:
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                reason, cure = "refused the key", "check OPENAI_API_KEY"
            case openai.NotFoundError():
                reason, cure = "is not known to the server", "check CITEBOT_CHAT_MODEL and OPENAI_BASE_URL"
            case openai.RateLimitError():
                reason, cure = "is over its rate limit or quota", "try again later or check the account"
            case openai.APITimeoutError() | httpx.TimeoutException() | TimeoutError():
                reason, cure = "did not answer in time", "try again, or raise CITEBOT_REQUEST_TIMEOUT"
            case openai.APIStatusError():
                reason, cure = f"answered with an error ({error.status_code})", "try again later"
            case openai.APIConnectionError():
                reason, cure = "cannot be reached or broke off", "check OPENAI_BASE_URL and the network"
            case _:
                reason, cure = "broke off in the middle of an answer", "try again"
        return ModelUnavailable(f"The chat model {self.model} {reason}: {cure}.")


def _prompt(question: str, findings: Findings) -> str:
    # The marker cannot be guessed, so no passage can pretend to end and go on as something else.
    fence = f"=== {secrets.token_hex(8)} ==="
    blocks = []
    for number, item in enumerate(findings.evidence, start=1):
        passage = item.found.passage
        blocks.append(f"Passage {number}\n{fence}\nTitle: {passage.title}\n\n{passage.text.strip()}\n{fence}")
    return load("passages").render(fence=fence, passages="\n\n".join(blocks), question=question)


def _usage(message: Any) -> Usage:
    counted = message.usage_metadata
    if not counted:
        return Usage(calls=0 if isinstance(message, AIMessageChunk) else 1)
    return Usage(counted["input_tokens"], counted["output_tokens"], 0 if isinstance(message, AIMessageChunk) else 1)
