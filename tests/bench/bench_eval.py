"""What the evaluator costs beside the chain it calls, and how its report and comparison bear 10,000 cases.

The chain alone and the evaluator take turns on the same cases, chunk by chunk, each with a reader of its own, so that
a busy machine slows both alike and neither profits from what the other has read. The evaluator's side includes its
log, scores, intervals and record. `python tests/bench/bench_eval.py` prints the numbers; nothing here is a test.
"""

import argparse
import asyncio
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bot.answering import Answering
from bot.chain import AnswerChain
from bot.evals.cases import Case, digest_of, read_cases
from bot.evals.diagnosis import fixes
from bot.evals.measures import latency, summarise
from bot.evals.record import FORMAT, CaseSet, Hit, IndexFacts, Record, Row, Setup, Text, write_record
from bot.evals.report import page
from bot.evals.rowlog import RowLog
from bot.evals.run import Runner
from bot.evals.sources import Sources
from bot.models.embedded import EmbeddedAnswerer
from index.build import index_sources
from index.embedding import MiniLmEmbedder
from index.library import Library
from index.reader import Reader

ROOT = Path(__file__).parents[2]
SEED = ROOT / "seeds" / "000_bb15d51ce95bf2ab.txt"
CHUNK = 25
SETUP = Setup("embedded", "minilm-reader-int8", {}, {}, None, None, {}, "bench", 1)


class Watch:
    """Adds up seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--cases", type=int, default=1000, help="cases asked by either side")
    parser.add_argument("--large", type=int, default=10_000, help="cases of the report and the comparison")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        library = Library(folder / "index", MiniLmEmbedder())
        index_sources(library, [str(SEED)])
        seeds = read_cases(ROOT / "seeds" / "questions.jsonl")
        cases = [replace(seeds[n % len(seeds)], id=f"{n}") for n in range(options.cases)]
        record = overhead(library, cases, folder)
        large(record, options.large, folder)
        library.close()


def overhead(library: Library, cases: Sequence[Case], folder: Path) -> Record:
    """Prints the evaluator's time over the chain's; returns the record it made."""
    chain_parts, evaluator_parts = (
        Answering(library, Reader(), EmbeddedAnswerer(), passages=8, evidence_threshold=0.5) for _ in range(2)
    )
    chain, runner = AnswerChain(chain_parts), Runner(evaluator_parts, Sources(library.catalog))
    rows: list[Row] = []
    texts: dict[str, Text] = {}
    alone, evaluated = Watch(), Watch()

    async def ask(chunk: Sequence[Case]) -> None:
        for case in chunk:
            await chain.ainvoke(case.asked())

    asyncio.run(ask(cases[:3]))
    asyncio.run(runner.run(cases[:3], 1, lambda _row, _texts: None))
    with RowLog(folder / "log", {}, "now") as log:

        def done(row: Row, passages: dict[str, Text]) -> None:
            new = {name: text for name, text in passages.items() if name not in texts}
            texts.update(new)
            rows.append(row)
            log.add(row, new)

        for start in range(0, len(cases), CHUNK):
            chunk = cases[start : start + CHUNK]
            sides: list[tuple[Watch, Callable[[], None]]] = [
                (alone, lambda chunk=chunk: asyncio.run(ask(chunk))),  # type: ignore[misc]
                (evaluated, lambda chunk=chunk: asyncio.run(runner.run(chunk, 1, done))),  # type: ignore[misc]
            ]
            for watch, work in sides if start // CHUNK % 2 else reversed(sides):
                with watch.running():
                    work()
    with evaluated.running():
        record = record_of(rows, texts)
        write_record(record, folder / "run.json")
    ratio = evaluated.seconds / alone.seconds
    print(f"{len(cases)} cases: chain alone {alone.seconds:.1f} s, evaluator {evaluated.seconds:.1f} s, {ratio:.3f} ×")
    return record


def large(record: Record, count: int, folder: Path) -> None:
    """Prints size and opening time of a large report, and how long comparing two such runs takes."""
    new, old = multiplied(record, count, seed=1), multiplied(record, count, seed=1)
    rows = [replace(row, scores=row.scores | {"f1": 0.0}) if n % 50 == 0 else row for n, row in enumerate(new.rows)]
    new = replace(new, rows=rows, summary=summarise(rows))
    for name, run in (("new", new), ("old", old)):
        write_record(run, folder / f"{name}.json")
    watch = Watch()
    with watch.running():
        html = page(new, fixes([row.diagnosis for row in rows], [row.scores["correct"] for row in rows]), None, None)
    path = folder / "report.html"
    path.write_text(html, encoding="utf-8")
    size = path.stat().st_size / 1e6
    print(f"{count} cases, every passage another: report of {size:.1f} MB, made in {watch.seconds:.1f} s")
    command = [sys.executable, "-m", "bot", "eval", "--from", str(folder / "new.json")]
    command += ["--baseline", str(folder / "old.json"), "--json"]
    seconds = []
    busy = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    for _ in range(3):
        once = Watch()
        with once.running():
            done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        if done.returncode not in {0, 1}:
            raise SystemExit("the comparison failed")
        seconds.append(once.seconds)
    size = (folder / "new.json").stat().st_size / 1e6
    middle, busy = statistics.median(seconds), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - busy
    print(
        f"{count} cases, two records of {size:.0f} MB: compared in {middle:.1f} s, start of the process included "
        f"({busy / 3:.1f} s of processor time)"
    )
    opened(path)


def record_of(rows: list[Row], texts: dict[str, Text]) -> Record:
    cases = CaseSet("bench", digest_of([row.case for row in rows]), len(rows))
    index = IndexFacts("bench", "minilm", 1, len(texts), {})
    return Record(
        FORMAT, "2026-11-22T00:00:00+00:00", 0.0, cases, index, SETUP, None, summarise(rows), latency(rows), rows, texts
    )


def multiplied(record: Record, count: int, seed: int) -> Record:
    """The rows again and again, each with words and passages of its own: the worst that a corpus can do."""
    chance = random.Random(seed)  # noqa: S311 - words, not secrets
    words = " ".join(text.text for text in record.passages.values()).split()
    rows, texts = [], {}
    for n in range(count):
        row = record.rows[n % len(record.rows)]
        question = f"{row.case.question} {' '.join(chance.sample(words, 3))}"
        hits = []
        for hit in row.hits:
            old = record.passages[hit.id]
            text = " ".join(chance.choices(words, k=len(old.text) // 5)).ljust(len(old.text))[: len(old.text)]
            texts[f"{n}-{hit.id}"] = replace(old, text=text)
            hits.append(Hit(f"{n}-{hit.id}", hit.score, hit.relevant))
        citations = [cited | {"passage_id": f"{n}-{cited['passage_id']}"} for cited in row.answer["citations"]]
        case = replace(row.case, id=f"case-{n}", question=question)
        rows.append(replace(row, case=case, hits=hits, answer=row.answer | {"citations": citations}))
    return record_of(rows, texts)


def opened(path: Path) -> None:
    """Prints how long Chromium takes until the page is drawn, if it is installed."""
    driver = shutil.which("chromedriver")
    if not driver:
        print("Chromium's driver is not installed: the opening time is not measured.")
        return
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    browser = Chrome(options=options, service=Service(driver))
    drawn = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))"
    seconds = []
    for _ in range(5):
        browser.get("about:blank")
        watch = Watch()
        with watch.running():
            browser.get(path.as_uri())
            browser.execute_async_script(drawn)
        seconds.append(watch.seconds)
    browser.quit()
    print(f"opened and drawn in {statistics.median(seconds):.2f} s (median of 5)")


if __name__ == "__main__":
    main()
