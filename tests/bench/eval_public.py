"""Evaluates the public question sets in a folder and prints their table: `make eval-public DATA=folder`.

The folder holds archives NAME.tar.gz, or folders NAME, each with docs/*.txt and cases.jsonl. Each set is indexed in
a home of its own, made for this run and removed after it; records and reports are kept in runs/public. Only the
installed command is used, so the numbers are those that a user would get.

More sets are made of those: `nq_and_qed`, both corpora in one index; `near_topic`, the questions of recipe/evidence
over the paragraphs of `xquad_en`; `nq_all` and `xquad_all`, where everything is answered, however unsure. The aims of
the project are printed beside what was measured.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

READING_WAS_LEARNT_HERE = {"squadshifts_new_wiki"}
"""The reader was trained on the questions of these sets: only their retrieval says anything."""
NEAR_TOPIC = Path(__file__).parents[2] / "recipe" / "evidence" / "near_topic.jsonl"


class Made(NamedTuple):
    """A set made of others; `cases` and `threshold` where they are not those of the corpora, and the shipped one."""

    corpora: tuple[str, ...]
    cases: Path | None = None
    threshold: str = ""


MADE = {
    "nq_all": Made(("nq_oracle_holdout",), threshold="0"),
    "xquad_all": Made(("xquad_en",), threshold="0"),
    "nq_and_qed": Made(("nq_oracle_holdout", "qed")),
    "near_topic": Made(("xquad_en",), NEAR_TOPIC),
}
REFUSED = 0.7
AT_REFUSED = "answer contains at 70 % refused"
AIMS = (
    ("nq_and_qed", "recall@5", 0.95),
    ("nq_and_qed", "mrr@10", 0.90),
    ("xquad_all", "f1", 0.64),
    ("nq_all", AT_REFUSED, 0.70),
    ("near_topic", "auroc", 0.70),
)
"""What is to be reached at least, by set and metric."""
READING = (
    "correct",
    "exact_match",
    "f1",
    "answer_contains",
    "citation_precision",
    "abstention_recall",
    "abstention_f1",
    "auroc",
    "aurc",
)
COLUMNS = {
    "correct": "correct",
    "exact_match": "EM",
    "f1": "F1",
    "recall@1": "recall@1",
    "recall@5": "recall@5",
    "mrr@10": "MRR@10",
    "ndcg@10": "nDCG@10",
    "answer_contains": "answer contains",
    "citation_precision": "citation precision",
    "abstention_recall": "abstention recall",
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
    names += [name for name, made in MADE.items() if set(made.corpora) <= set(names)]
    wanted = [name for name in names if not options.sets or name in options.sets]
    if not wanted:
        sys.exit(f"{options.data} holds no question set of that name: it has {', '.join(names) or 'none'}.")
    results = {name: _evaluated(options.data, name, options.out) for name in wanted}
    print("| set | documents | questions | " + " | ".join(COLUMNS.values()) + " |")
    print("|---" * (3 + len(COLUMNS)) + "|")
    print("\n".join(_row(name, result) for name, result in results.items()))
    print("\n| set | metric | aim | measured | reached |\n|---|---|---|---|---|")
    for name, metric, aim in AIMS:
        if name in results:
            result = results[name]
            value = at_refused(result["record"]) if metric == AT_REFUSED else result["summary"][metric]["value"]
            reached = "yes" if value >= aim else "no"
            print(f"| {name} | {COLUMNS.get(metric, metric)} | {aim:.2f} | {value:.3f} | {reached} |")
    return 0


def _evaluated(data: Path, name: str, out: Path) -> dict[str, Any]:
    corpora, cases, threshold = MADE.get(name, Made((name,)))
    with tempfile.TemporaryDirectory() as made:
        folders = [_unpacked(data, corpus, Path(made)) for corpus in corpora]
        if cases is None:
            cases = Path(made, f"{name}.jsonl")
            cases.write_bytes(b"".join((folder / "cases.jsonl").read_bytes() for folder in folders))
        environment = os.environ | {"CITEBOT_HOME": str(Path(made, "home"))}
        environment |= {"CITEBOT_EVIDENCE_THRESHOLD": threshold} if threshold else {}
        indexed = _citebot(["index", *(str(folder / "docs") for folder in folders), "--json"], environment)
        arguments = ["eval", str(cases), "--mode", "embedded", "--out", str(out / f"{name}.json"), "--json"]
        result = _citebot([*arguments, "--html", str(out / f"{name}.html")], environment)
    print(f"{name}: indexed in {indexed['seconds']:.0f} s, asked in {result['seconds']:.0f} s", file=sys.stderr)
    return result


def _unpacked(data: Path, corpus: str, to: Path) -> Path:
    if (archive := data / f"{corpus}.tar.gz").is_file():
        with tarfile.open(archive) as packed:
            packed.extractall(to, filter="data")
        return to / corpus
    return data / corpus


def at_refused(record: str) -> float:
    """The share of answerable questions rightly answered where REFUSED of the others are refused, by confidence."""
    rows = json.loads(Path(record).read_text(encoding="utf-8"))["rows"]
    without = sorted(row["answer"]["confidence"] for row in rows if not row["case"]["answerable"])
    threshold = without[math.ceil(REFUSED * len(without)) - 1]
    shown: list[float] = [
        row["scores"]["answer_contains"] * (row["answer"]["confidence"] > threshold)
        for row in rows
        if row["case"]["answerable"]
    ]
    return sum(shown) / len(shown)


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
