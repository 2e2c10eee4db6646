"""How long a question takes, beside a plain LangChain script that does the same job with the same models.

Every command is a process of its own; the two sides take turns, so that a busy machine slows both alike, and the
ratio is taken pair by pair. Prints medians. `make bench` runs it; nothing here is a test.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
SEED = ROOT / "seeds" / "000_bb15d51ce95bf2ab.txt"
PLAIN = Path(__file__).with_name("plain_langchain.py")
QUESTION = "Who met Putin in Moscow last week?"
SEARCHES = 200


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds one process took, and its peak memory in MB."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with exit code {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


def search_times(home: Path) -> list[float]:
    """Milliseconds per search inside this process, models loaded."""
    from index.embedding import MiniLmEmbedder
    from index.library import Library
    from index.search import search

    questions = [f"{QUESTION} {n}" for n in range(SEARCHES)]
    library = Library(home / "index", MiniLmEmbedder())
    search(library, QUESTION, 8)
    return [search(library, question, 8).timings_ms["total"] for question in questions]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--runs", type=int, default=10, help="runs of each command")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        home, plain = Path(folder, "home"), Path(folder, "plain")
        environment = {**os.environ, "CITEBOT_HOME": str(home), "OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}
        citebot = [sys.executable, "-m", "bot"]
        script = [sys.executable, str(PLAIN), str(plain)]
        timed([*citebot, "index", str(SEED)], environment)
        timed([*script, "index", str(SEED)], environment)
        ours, theirs, helps = [], [], []
        for _ in range(runs + 1):
            theirs.append(timed([*script, "ask", QUESTION], environment))
            ours.append(timed([*citebot, "ask", QUESTION], environment))
            helps.append(timed([*citebot, "--help"], environment)[0])
        ours, theirs, helps = ours[1:], theirs[1:], helps[1:]  # the first of each fills the caches
        searches = search_times(home)
    ratios = [mine / other for (mine, _), (other, _) in zip(ours, theirs, strict=True)]
    table = Table(title=f"{runs} alternating runs, {os.cpu_count()} cores, medians")
    for heading in ("what", "citebot", "plain LangChain", "ratio", "aim"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    median = statistics.median
    table.add_row(
        "cold ask, s",
        f"{median(mine for mine, _ in ours):.2f}",
        f"{median(other for other, _ in theirs):.2f}",
        f"{median(ratios):.2f}",
        "at most 0.50",
    )
    table.add_row(
        "cold ask, peak MB",
        f"{median(mine for _, mine in ours):.0f}",
        f"{median(other for _, other in theirs):.0f}",
        "",
        "under 500",
    )
    table.add_row("search in a running process, ms", f"{median(searches):.1f}", "", "", "at most 40")
    table.add_row("citebot --help, s", f"{median(helps):.2f}", "", "", "under 0.40")
    Console().print(table)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"The searching process peaked at {own:.0f} MB.")


if __name__ == "__main__":
    main()
