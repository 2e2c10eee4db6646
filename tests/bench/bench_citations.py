"""How well and how fast citations are checked; prints the tables of docs/citations.md.

make bench-citations                      claims, parser and verifier: a minute
make bench-citations ADVERSARY=1          also runs SmolLM2-135M over the question set: half an hour on two cores
"""

import argparse
import asyncio
import json
import os
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.citing import Draft, DraftParser, Quote, Verifier
from bot.evidence import Findings
from bot.quoting import Quotable
from bot.support import objection
from bot.types import Released, Usage, Withheld
from index.types import Passage

SEEDS = Path(__file__).parents[2] / "seeds"
SEED = SEEDS / "000_bb15d51ce95bf2ab.txt"
console = Console()


def lines(name: str) -> Iterator[dict]:  # type: ignore[type-arg]
    for line in (SEEDS / name).read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def claims() -> None:
    """Share of each kind of claim that is withheld, over the pairs that the rules were written on and over others."""
    texts = {row["document"]: row["text"] for row in lines("claims_documents.jsonl")}
    texts[SEED.name] = SEED.read_text(encoding="utf-8")
    withheld: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for row in lines("claims.jsonl"):
        reason = objection(row["claim"], row["quote"], row["sentence"], texts[row["document"]])
        for kind in (row["kind"], "all"):
            withheld[row["label"], kind, row["split"]].append(reason is not None)
    table = Table(title="Claims withheld (corrupted should be, supported should not)")
    for heading in ("label", "kind", "dev", "n", "test", "n"):
        table.add_column(heading, justify="left" if heading in {"label", "kind"} else "right")
    for label, kind in sorted({key[:2] for key in withheld}, key=lambda key: (key[0], key[1] == "all", key[1])):
        cells = []
        for split in ("dev", "test"):
            rows = withheld[label, kind, split]
            cells += [f"{sum(rows) / len(rows):.0%}" if rows else "", str(len(rows))]
        table.add_row(label, kind, *cells, end_section=kind == "all")
    console.print(table)
    for split in ("dev", "test"):
        right = sum(withheld["corrupted", "all", split])
        wrong = sum(withheld["supported", "all", split])
        recall = right / len(withheld["corrupted", "all", split])
        console.print(f"{split}: precision of rejection {right / (right + wrong):.3f}, recall {recall:.3f}")


def parser() -> None:
    """Time per character of the parser, on texts of growing length fed in pieces: constant, if it is linear."""
    table = Table(title="Parsing model text, fed one character at a time")
    for heading in ("characters", "ms", "ns a character"):
        table.add_column(heading, justify="right")
    unit = 'A sentence of the answer. <cite n="1">words of the passage</cite> < not a tag <cite n="2">never closed '
    for repeats in (100, 1_000, 10_000):
        text = unit * repeats
        started = time.perf_counter()
        stream = DraftParser()
        count = sum(1 for character in text for _ in stream.feed(character)) + sum(1 for _ in stream.close())
        seconds = time.perf_counter() - started
        assert count
        table.add_row(f"{len(text):,}", f"{1e3 * seconds:.1f}", f"{1e9 * seconds / len(text):.0f}")
    console.print(table)


def verifier() -> None:
    """Milliseconds to check an answer of three sentences against eight passages, none of it seen before."""
    text = SEED.read_text(encoding="utf-8")
    step = len(text) // 8
    passages = [
        Passage(str(n), 1, "a", "a", n, n * step, (n + 1) * step, text[n * step : (n + 1) * step]) for n in range(8)
    ]
    drafts = [
        Draft("Steve Witkoff met Putin in Moscow last week.", (Quote(1, "Steve Witkoff met final week with Putin"),)),
        Draft(
            "The plant made a quarter of Ukraine's electricity.", (Quote(5, "almost 1 / 4 of Ukraine’s electrical"),)
        ),
        Draft("Trump told reporters so on Monday.", (Quote(8, "Trump advised reporters on Monday"),)),
    ]
    Verifier(passages).check(drafts[0])
    times = []
    for _ in range(100):
        fresh = Verifier(passages)
        started = time.perf_counter()
        for draft in drafts:
            fresh.check(draft)
        times.append(1e3 * (time.perf_counter() - started))
    console.print(f"Verifying an answer of three sentences: median {statistics.median(times):.2f} ms, aim 5 ms.")


async def adversary(limit: int | None) -> None:
    """A small real model over the question set: citations it invents, and those that are shown."""
    import tempfile

    from adversary import small_model

    from bot.answering import Answering
    from bot.models.chat import ChatAnswerer
    from bot.types import Answer, Question, Turn
    from index.build import index_sources
    from index.embedding import MiniLmEmbedder
    from index.library import Library
    from index.reader import Reader

    seen: list[Quote] = []

    class Watched(ChatAnswerer):
        """Keeps every quote as the model wrote it, before it is checked."""

        async def drafts(
            self, question: str, findings: Findings, failed: Sequence[Withheld] = ()
        ) -> AsyncIterator[Draft | Usage]:
            async for item in super().drafts(question, findings, failed):
                seen.extend(item.quotes if isinstance(item, Draft) else ())
                yield item

    counts: dict[str, int] = defaultdict(int)
    with tempfile.TemporaryDirectory() as folder, small_model() as base_url:
        library = Library(Path(folder), MiniLmEmbedder())
        index_sources(library, [str(SEED)])
        text = library.catalog.text(library.catalog.entries()[0].id)
        model = Watched(model="smollm2", api_key=None, base_url=base_url, timeout=120, max_retries=0)
        parts = Answering(library, Reader(), model, passages=2, evidence_threshold=0.5)
        cases = list(lines("questions.jsonl"))
        for number, case in enumerate(cases[:: max(1, len(cases) // (limit or len(cases)))], start=1):
            history = tuple(Turn(turn["role"], turn["text"]) for turn in case.get("history", []))
            seen.clear()
            released: list[Released] = []
            async for event in parts.stream(Question(case["question"], history=history)):
                if isinstance(event, Released):
                    released.append(event)
                if isinstance(event, Answer):
                    passages = [found.passage for found in event.passages]
                    counts["questions"] += 1
                    counts["asked of the model"] += bool(event.usage.calls)
                    counts["citations written"] += len(seen)
                    counts["of these not in the passage they name"] += sum(
                        not stands(quote, passages) for quote in seen
                    )
                    counts["sentences withheld"] += len(event.withheld)
                    counts["answers of the model shown"] += event.outcome == "answered" and event.mode == "openai"
                    counts["citations shown"] += len(event.citations)
                    counts["invalid citations shown"] += sum(
                        text[citation.start : citation.end] != citation.quote for citation in event.citations
                    )
            if number % 10 == 0:
                print(f"{number} questions: {dict(counts)}", flush=True)
        library.close()
    table = Table(title="SmolLM2-135M over the question set")
    table.add_column("what")
    table.add_column("count", justify="right")
    for what, count in counts.items():
        table.add_row(what, str(count))
    console.print(table)


def stands(quote: Quote, passages: list[Passage]) -> bool:
    if not 0 < quote.number <= len(passages):
        return False
    place = Quotable(passages[quote.number - 1].text).find(quote.words)
    return place is not None and place.exact


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--adversary", action="store_true", help="also run the small model over the question set")
    options.add_argument("--limit", type=int, help="about that many questions, spread over the set")
    chosen = options.parse_args()
    console.print(f"{os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}")
    claims()
    parser()
    verifier()
    if chosen.adversary:
        asyncio.run(adversary(chosen.limit))
