"""How fast documents are indexed, beside a plain LangChain script with the same embedding model: `make bench-index`.

Both index the same documents, each time into an empty folder, and take turns, so that a busy machine slows both
alike; ratios are taken pair by pair. Prints medians; nothing here is a test.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from public_sets import unpacked
from rich.console import Console
from rich.table import Table

PLAIN = Path(__file__).with_name("plain_langchain.py")


@dataclass(frozen=True)
class Run:
    """One process: `indexing` seconds are those it reports itself, `whole` from its start to its end."""

    passages: int
    indexing: float
    whole: float
    cpu: float
    peak_mb: float


def run(command: list[str], environment: dict[str, str]) -> tuple[str, float, float, float]:
    """What the command printed, its seconds by the clock and of the processors, and its peak memory in MB."""
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command[:5])} failed with exit code {process.returncode}")
        output.seek(0)
        return output.read(), seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def ours(home: Path, documents: Path) -> Run:
    environment = {**os.environ, "CITEBOT_HOME": str(home)}
    output, *measured = run([sys.executable, "-m", "bot", "index", str(documents), "--json"], environment)
    report = json.loads(output)
    return Run(report["passages"], report["seconds"], *measured)


def theirs(folder: Path, documents: Path) -> Run:
    files = sorted(map(str, documents.iterdir()))
    output, *measured = run([sys.executable, str(PLAIN), str(folder), "index", *files], dict(os.environ))
    passages, seconds = output.split()
    return Run(int(passages), float(seconds), *measured)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="the folder with the public sets")
    parser.add_argument("-n", "--runs", type=int, default=5, help="runs of each side")
    parser.add_argument("--documents", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made, unpacked(options.data, ["nq_oracle_holdout"]) as [folder]:
        documents = Path(made, "docs")
        documents.mkdir()
        for path in sorted(folder.glob("docs/*.txt"))[: options.documents]:
            (documents / path.name).write_bytes(path.read_bytes())
        pairs = [
            (ours(Path(made, f"home{n}"), documents), theirs(Path(made, f"plain{n}"), documents))
            for n in range(options.runs)
        ]
        again = [ours(Path(made, f"home{n}"), documents) for n in range(options.runs)]
    median = statistics.median
    table = Table(
        title=f"{options.documents} documents, {options.runs} alternating runs, {os.cpu_count()} cores, medians"
    )
    for heading in ("what", "citebot", "plain LangChain", "ratio", "aim"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    rows: list[tuple[str, Callable[[Run], float], str]] = [
        ("passages", lambda run: run.passages, ""),
        ("passages a second while indexing", lambda run: run.passages / run.indexing, "at least 1.50"),
        ("passages a second, whole process", lambda run: run.passages / run.whole, ""),
        ("passages a second of processor time", lambda run: run.passages / run.cpu, ""),
        ("peak memory, MB", lambda run: run.peak_mb, ""),
    ]
    for name, figure, aim in rows:
        mine, other = [[figure(run) for run in side] for side in zip(*pairs, strict=True)]
        ratio = median(a / b for a, b in zip(mine, other, strict=True))
        table.add_row(name, f"{median(mine):.0f}", f"{median(other):.0f}", f"{ratio:.2f}", aim)
    Console().print(table)
    print(f"Indexing the same documents again: {median(run.whole for run in again):.2f} s, whole process.")


if __name__ == "__main__":
    main()
