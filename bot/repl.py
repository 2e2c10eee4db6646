"""The local conversation: a prompt with history on a terminal, plain lines in and out elsewhere."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from bot import render
from bot.answering import Answering
from bot.chain import AnswerChain
from bot.compose import warm
from bot.errors import KNOWN_PROBLEMS, explain
from bot.journal import Journal
from bot.types import Answer, Citation, Outcome, Question, Released, Turn
from index.types import Passage

_REMEMBERED_TURNS = 6
_HELP = """Ask a question; a follow-up may lean on the one before ("And when was that?").

/sources      the sources of the last answer
/sources N    source N with the text around it
/why          how the last answer came about: what was searched, how sure it is, what was withheld
/new          forget the conversation
/help         this text
/quit         leave (so does Ctrl-D); Ctrl-C stops an answer"""


class Repl:
    """One conversation. Reads `input_stream` line by line unless that is a terminal, which gets line editing."""

    def __init__(
        self, parts: Answering, journal: Journal, *, history_file: Path, input_stream: TextIO, output: TextIO
    ) -> None:
        self._parts = parts
        self._journal = journal
        self._chain = AnswerChain(parts)
        self._interactive = input_stream.isatty() and output.isatty()
        self._input = input_stream
        self._history_file = history_file
        self._console = Console(file=output, soft_wrap=not output.isatty(), highlight=False)
        self._turns: tuple[Turn, ...] = ()
        self._last: Answer | None = None

    def run(self) -> int:
        return asyncio.run(self._run())

    async def _run(self) -> int:
        count = len(self._parts.library.catalog.entries())
        indexed = "1 document" if count == 1 else f"{count} documents"
        self._console.print(f"citebot: {indexed} indexed. /help for help, Ctrl-D to leave.")
        warming = asyncio.create_task(asyncio.to_thread(warm, self._parts))
        read = self._prompt() if self._interactive else self._next_line
        while (line := await read()) is not None:
            if not line.strip():
                continue
            if line.strip().startswith("/"):
                if not self._obey(line.strip()):
                    break
                continue
            await self._guarded(line.strip(), warming)
        return 0

    def _prompt(self) -> Callable[[], Any]:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import FileHistory

        self._history_file.parent.mkdir(parents=True, exist_ok=True)
        session: PromptSession[str] = PromptSession(history=FileHistory(str(self._history_file)))

        async def read() -> str | None:
            try:
                return await session.prompt_async("> ")
            except KeyboardInterrupt:
                return ""
            except EOFError:
                return None

        return read

    async def _next_line(self) -> str | None:
        return await asyncio.to_thread(self._input.readline) or None

    async def _guarded(self, text: str, warming: "asyncio.Task[None]") -> None:
        """Answers one question; Ctrl-C stops it, a known problem is one sentence, and the session goes on."""
        task = asyncio.create_task(self._answer(text, warming))
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            self._console.print("(stopped)")
        except KNOWN_PROBLEMS as error:
            self._console.print(Text(explain(error), style="red"))
        finally:
            loop.remove_signal_handler(signal.SIGINT)

    async def _answer(self, text: str, warming: "asyncio.Task[None]") -> None:
        thinking = self._console.status("Searching …") if self._interactive else nullcontext()
        with thinking as status:
            await asyncio.shield(warming)
            async for event in self._chain.astream(Question(text, history=self._turns)):
                if status:
                    status.stop()
                if isinstance(event, Released):
                    self._console.print(render.claim_text(event.claim, event.citations))
                elif isinstance(event, Answer):
                    self._finish(text, event)
                    await asyncio.to_thread(self._journal.record, event, "chat")
                elif self._parts.mark:
                    self._console.print(render.unverified_text(event))

    def _finish(self, text: str, answer: Answer) -> None:
        self._last = answer
        if answer.notice:
            self._console.print(render.notice_text(answer))
        if answer.outcome is Outcome.ANSWERED:
            self._console.print()
            self._console.print(render.sources_text(answer.citations, self._passages(answer)))
        else:
            self._console.print(render.not_found_text(answer.passages))
        self._console.print()
        replied = Turn("assistant", answer.text or render.NOT_FOUND)
        self._turns = (*self._turns, Turn("user", text), replied)[-_REMEMBERED_TURNS:]

    def _obey(self, command: str) -> bool:
        """Carries out a command; False to leave."""
        name, _, argument = command.partition(" ")
        match name:
            case "/quit" | "/exit" | "/q":
                return False
            case "/help" | "/?":
                self._console.print(_HELP)
            case "/new":
                self._turns, self._last = (), None
                self._console.print("(a new conversation)")
            case "/sources":
                self._console.print(self._sources(argument.strip()))
            case "/why":
                self._console.print(self._why())
            case _:
                self._console.print(f"There is no command {render.one_line(name)}; /help lists them.")
        return True

    def _sources(self, number: str) -> Text:
        if self._last is None or not self._last.citations:
            return Text("The last answer has no sources.")
        if not number:
            return render.sources_text(self._last.citations, self._passages(self._last))
        chosen = next((c for c in self._last.citations if str(c.number) == number), None)
        if chosen is None:
            return Text(f"There is no source {render.one_line(number)}; there are {len(self._last.citations)}.")
        return self._context(chosen, self._passages(self._last))

    def _context(self, citation: Citation, passages: list[Passage]) -> Text:
        """The quote within its passage and the passages before and after."""
        own = next((passage for passage in passages if passage.id == citation.passage_id), None)
        if own is None:
            return render.in_context(citation, None)
        around = self._parts.library.neighbours(own)
        joined = replace(own, start=around[0].start, end=around[-1].end, text="".join(near.text for near in around))
        title = f"[{citation.number}] {render.one_line(citation.title)}  {render.one_line(citation.source)}\n"
        marked = render.marked_text(citation, joined, marks="" if self._interactive else "**")
        return Text().append(title, style="cyan").append_text(marked)

    def _why(self) -> Text:
        answer = self._last
        if answer is None:
            return Text("There is no answer yet.")
        lines = [
            f"searched for   {render.one_line(answer.standalone_question)}",
            f"confidence     {answer.confidence:.2f} (threshold {self._parts.evidence_threshold:.2f})",
            f"written by     {answer.model} ({answer.mode})",
            "took           " + ", ".join(f"{step} {spent:.0f} ms" for step, spent in answer.timings_ms.items()),
            *(f"withheld       {render.one_line(item.text)} – {item.reason}" for item in answer.withheld),
        ]
        return Text("\n".join(lines))

    @staticmethod
    def _passages(answer: Answer) -> list[Passage]:
        return [found.passage for found in answer.passages]
