"""Evaluates the public question sets in a folder and prints their table: `make eval-public DATA=folder`.

The folder holds archives NAME.tar.gz, or folders NAME, each with docs/*.txt and cases.jsonl. Each set is indexed in
a home of its own, made for this run and removed after it; records and reports are kept in runs/public. Only the
installed command is used, so the numbers are those that a user would get.
"""

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

READING_WAS_LEARNT_HERE = {"squadshifts_new_wiki"}
"""The reader was trained on the questions of these sets: only their retrieval says anything."""
READING = ("correct", "exact_match", "f1", "citation_precision", "abstention_f1", "auroc", "aurc")
COLUMNS = {
    "correct": "correct",
    "exact_match": "EM",
    "f1": "F1",
    "recall@1": "recall@1",
    "recall@5": "recall@5",
    "mrr@10": "MRR@10",
    "ndcg@10": "nDCG@10",
    "citation_precision": "citation precision",
    "abstention_f1": "abstention F1",
    "auroc": "AUROC",
    "aurc": "AURC",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="the folder with the sets")
    parser.add_argument("--sets", nargs="*", default=[], help="only these, by name")
    parser.add_argument("--out", type=Path, default=Path("runs/public"))
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(
            f"There is no folder {options.data}: give the one with the question sets, make eval-public DATA=folder."
        )
    names = sorted({path.name.removesuffix(".tar.gz") for path in options.data.glob("*.tar.gz")})
    names = sorted({*names, *(path.parent.name for path in options.data.glob("*/cases.jsonl"))})
    wanted = [name for name in names if not options.sets or name in options.sets]
    if not wanted:
        sys.exit(f"{options.data} holds no question set of that name: it has {', '.join(names) or 'none'}.")
    rows = [row for name in wanted for row in _evaluated(options.data, name, options.out)]
    print("| set | documents | questions | " + " | ".join(COLUMNS.values()) + " |")
    print("|---" * (3 + len(COLUMNS)) + "|")
    print("\n".join(rows))
    return 0


def _evaluated(data: Path, name: str, out: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as made:
        folder = data / name
        if (archive := data / f"{name}.tar.gz").is_file():
            with tarfile.open(archive) as packed:
                packed.extractall(made, filter="data")
            folder = Path(made, name)
        environment = os.environ | {"CITEBOT_HOME": str(Path(made, "home"))}
        indexed = _citebot(["index", str(folder / "docs"), "--json"], environment)
        run = out / f"{name}.json"
        arguments = ["eval", str(folder / "cases.jsonl"), "--mode", "embedded", "--out", str(run), "--json"]
        result = _citebot([*arguments, "--html", str(out / f"{name}.html")], environment)
        print(f"{name}: indexed in {indexed['seconds']:.0f} s, asked in {result['seconds']:.0f} s", file=sys.stderr)
        yield _row(name, result)


def _row(name: str, result: dict[str, Any]) -> str:
    cells = [name, f"{result['index']['documents']:,}", f"{result['cases']['count']:,}"]
    for metric in COLUMNS:
        measured = result["summary"][metric]
        if measured["value"] is None or (name in READING_WAS_LEARNT_HERE and metric in READING):
            cells.append("–")
        else:
            half = (measured["high"] - measured["low"]) / 2
            cells.append(f"{measured['value']:.3f} ± {half:.3f}")
    return f"| {' | '.join(cells)} |"


def _citebot(arguments: list[str], environment: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments], env=environment, stdout=subprocess.PIPE, check=True
    )
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    sys.exit(main())
