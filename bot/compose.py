"""Settings -> the parts that answer questions. The one place where they are built and put together."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answering import Answering
from bot.errors import SetupProblem
from bot.evals.replies import Reply
from bot.models import Answerer
from bot.settings import Settings
from index.chunking import sentences
from index.embedding import MiniLmEmbedder, OpenAIEmbedder
from index.library import Library
from index.reader import Reader
from index.types import Embedder

if TYPE_CHECKING:
    from bot.feedback import Feedback
    from bot.journal import Journal


_READ_AHEAD = 4
"""Passages that the word index finds first: three are read for a question on average."""


def library(settings: Settings, *, one_shot: bool = False) -> Library:
    """The index under the configured home, made if it is not there; `one_shot` for a process that asks once.

    Raises:
        SetupProblem: the folder cannot be written.
    """
    try:
        settings.index_folder.mkdir(parents=True, exist_ok=True)
        return Library(settings.index_folder, embedder(settings, one_shot=one_shot), chroma_url=settings.chroma_url)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SetupProblem(
            f"The folder {settings.home} cannot be written ({reason}): set CITEBOT_HOME to another one."
        ) from error


def embedder(settings: Settings, *, one_shot: bool = False) -> Embedder:
    if not settings.embedding_model:
        return MiniLmEmbedder(one_shot=one_shot)

    def client() -> Any:
        import openai

        key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"
        return openai.OpenAI(
            api_key=key,
            base_url=settings.openai_base_url,
            timeout=settings.request_timeout,
            max_retries=settings.max_retries,
        )

    return OpenAIEmbedder(client, settings.embedding_model)


def answerer(settings: Settings, mode: str) -> Answerer:
    if settings.mode(mode) == "embedded":
        from bot.models.embedded import EmbeddedAnswerer

        return EmbeddedAnswerer()
    from bot.models.chat import ChatAnswerer

    return ChatAnswerer(
        model=settings.chat_model,
        api_key=settings.openai_api_key.get_secret_value() if settings.openai_api_key else None,
        base_url=settings.openai_base_url,
        timeout=settings.request_timeout,
        max_retries=settings.max_retries,
    )


@asynccontextmanager
async def judge(settings: Settings, model: str) -> AsyncIterator[Callable[[str], Awaitable[Reply]]]:
    """A chat model as the evaluator's judge, at the configured endpoint, for as long as the context is open."""
    import httpx

    from bot.models.chat import ChatAnswerer

    async with httpx.AsyncClient(timeout=settings.request_timeout) as client:
        asked = ChatAnswerer(
            model=model,
            api_key=settings.openai_api_key.get_secret_value() if settings.openai_api_key else None,
            base_url=settings.openai_base_url,
            timeout=settings.request_timeout,
            max_retries=settings.max_retries,
            http_client=client,
        )

        async def complete(prompt: str) -> Reply:
            reply = await asked.complete(prompt)
            # A server that does not count must not slip under a cap: about three characters are a token.
            counted = reply.usage_metadata or {"input_tokens": len(prompt) // 3, "output_tokens": len(reply.text) // 3}
            served_as = str(reply.response_metadata.get("model_name", ""))
            return Reply(reply.text, served_as, counted["input_tokens"], counted["output_tokens"])

        yield complete


def answering(settings: Settings, opened: Library, mode: str = "auto") -> Answering:
    return Answering(
        library=opened,
        reader=Reader(),
        answerer=answerer(settings, mode),
        passages=settings.passages,
        evidence_threshold=settings.evidence_threshold,
        mark=settings.strictness == "mark",
    )


def journal(settings: Settings) -> "Journal":
    """The journal that the conversation, the batch and Slack keep; a single `ask` keeps none, to stay quick.

    Raises:
        DatabaseUnavailable: see `bot.journal.connect`.
    """
    from bot.journal import Journal, connect

    return Journal(connect(settings.database_url, settings.home))


def feedback(settings: Settings) -> "Feedback":
    """What people said about answers, beside the journal.

    Raises:
        DatabaseUnavailable: see `bot.journal.connect`.
    """
    from bot.feedback import Feedback
    from bot.journal import connect

    return Feedback(connect(settings.database_url, settings.home))


def warm(parts: Answering, question: str = "") -> None:
    """Loads everything a question needs: models and Chroma at the same time, since models load outside Python's lock.

    With a question, what the word index finds for it is read meanwhile: the reader remembers it for the answer.
    """
    with ThreadPoolExecutor(max_workers=1) as background:
        loading = background.submit(_load_models, parts, question)
        _ = parts.library.vectors
        loading.result()


def _load_models(parts: Answering, question: str) -> None:
    if isinstance(parts.library.embedder, MiniLmEmbedder):
        parts.library.embed_question(question or "Are you there?")
    parts.reader.load()
    sentences(question)
    if question:
        found = [match.id for match in parts.library.words.nearest(question, _READ_AHEAD)]
        parts.reader.read(question, [passage.text for passage in parts.library.catalog.passages(found).values()])


def seed_article() -> Path:
    """The article that comes with the package."""
    return next(
        Path(str(entry)) for entry in sorted(resources.files("seeds").iterdir(), key=str) if entry.name.endswith(".txt")
    )


def tell(message: str) -> None:
    """A notice for the person at the terminal."""
    print(f"citebot: {message}", file=sys.stderr)


def announce_mode(parts: Answering, notify: Callable[[str], None] = tell) -> None:
    if parts.answerer.mode == "embedded":
        notify("no chat model is configured: answers are quotes found on this machine (set OPENAI_API_KEY for more).")
