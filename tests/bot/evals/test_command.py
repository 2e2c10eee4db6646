"""`citebot eval` and `citebot cases` as a user runs them: what they print, write, and exit with."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import command
import pytest
from openai_server import Reply, ScriptedOpenAI

ROOT = Path(__file__).parents[3]
Citebot = Callable[..., subprocess.CompletedProcess[str]]
SEED = ROOT / "seeds" / "questions.jsonl"


@pytest.fixture
def citebot(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command in a home of this test's own."""
    return lambda *arguments: command.citebot(*map(str, arguments), home=tmp_path / "home")


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Four of the seed cases: answerable and not."""
    path = tmp_path / "few.jsonl"
    lines = SEED.read_text(encoding="utf-8").splitlines()
    picked = [line for line in lines if json.loads(line)["answerable"]][:3]
    picked.append(next(line for line in lines if not json.loads(line)["answerable"]))
    path.write_text("\n".join(picked), encoding="utf-8")
    return path


def changed(record: Path, to: Path, *, correct: float) -> Path:
    """The record with every case made right or wrong, as another run would have it."""
    content: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
    for row in content["rows"]:
        row["scores"]["correct"] = correct
    to.write_text(json.dumps(content), encoding="utf-8")
    return to


def test_a_run_a_comparison_and_a_gate(citebot: Citebot, few: Path, tmp_path: Path) -> None:
    run, page, xml = tmp_path / "run.json", tmp_path / "report.html", tmp_path / "junit.xml"
    first = citebot("eval", few, "--out", run, "--html", page, "--json")
    assert first.returncode == 0, first.stderr
    printed = json.loads(first.stdout)
    assert printed["cases"]["count"] == 4
    assert printed["summary"]["correct"]["scored"] == 4
    assert printed["summary"]["f1"]["unscored"] == {"the question has no answer": 1}
    assert printed["record"] == str(run)
    assert printed["passed"] is True
    assert "<h1>Evaluation</h1>" in page.read_text(encoding="utf-8")
    record = json.loads(run.read_text(encoding="utf-8"))
    assert record["index"]["sources"]
    assert record["setup"]["versions"]["citebot"]
    assert [row["case"]["id"] for row in record["rows"]] == [
        json.loads(line)["id"] for line in few.read_text(encoding="utf-8").splitlines()
    ]
    assert not list(tmp_path.glob("*.unfinished"))

    same = citebot("eval", few, "--baseline", run)
    assert same.returncode == 0, same.stderr
    assert "Passed: nothing got significantly worse" in same.stdout

    good, bad = (changed(run, tmp_path / f"{name}.json", correct=c) for name, c in (("good", 1.0), ("bad", 0.0)))
    worse = citebot("eval", "--from", bad, "--baseline", good, "--junit", xml)
    assert worse.returncode == 1
    assert "Failed: correct −1.000" in worse.stdout
    assert "<failure" in xml.read_text(encoding="utf-8")
    other = citebot("eval", SEED, "--baseline", run)
    assert other.returncode == 1
    assert "the case sets differ" in other.stderr
    assert other.stderr.count("\n") <= 3


def test_an_interrupted_run_goes_on_where_it_stopped(citebot: Citebot, tmp_path: Path) -> None:
    run = tmp_path / "run.json"
    log = tmp_path / "run.json.unfinished"
    cases = tmp_path / "cases.jsonl"
    cases.write_text("\n".join(SEED.read_text(encoding="utf-8").splitlines()[:12]), encoding="utf-8")
    running = subprocess.Popen(
        [sys.executable, "-m", "bot", "eval", str(cases), "--out", str(run)],
        cwd=ROOT,
        env=dict(os.environ),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (log.exists() and log.read_bytes().count(b"\n") > 1):
        assert time.monotonic() < deadline, "no row was written"
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "--resume" in said
    assert "Traceback" not in said
    kept = [json.loads(line)["row"] for line in log.read_text(encoding="utf-8").splitlines()[1:]]
    assert 0 < len(kept) < 12

    other = tmp_path / "other.jsonl"
    other.write_text(cases.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    refused = citebot("eval", other, "--out", run, "--resume")
    assert refused.returncode == 1
    assert "have changed: cases" in refused.stderr

    resumed = citebot("eval", cases, "--out", run, "--resume", "--json")
    assert resumed.returncode == 0, resumed.stderr
    rows = json.loads(run.read_text(encoding="utf-8"))["rows"]
    assert len(rows) == 12
    assert rows[: len(kept)] == kept
    assert not log.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["none.jsonl"], 2, "does not exist"),
        (["--from", "{run}", "--resume"], 2, "does not go with resume"),
        (["--tolerance", "recall5=0.1"], 2, "did you mean recall@5?"),
        (["{bad}"], 1, "line 1: not JSON"),
        (["--baseline", "nowhere.json"], 1, "cannot be read"),
        (["{foreign}"], 1, "None of the documents that the cases name is indexed"),
    ],
)
def test_what_a_user_can_get_wrong_is_one_sentence(
    citebot: Citebot, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    (tmp_path / "bad").write_text("nonsense", encoding="utf-8")
    foreign = {"id": "1", "question": "Who?", "answerable": True, "answers": ["x"], "sources": ["elsewhere.txt"]}
    (tmp_path / "foreign").write_text(json.dumps(foreign), encoding="utf-8")
    names = {name: str(tmp_path / name) for name in ("bad", "foreign")} | {"run": str(tmp_path / "bad")}
    done = citebot("eval", *(argument.format(**names) for argument in arguments))
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_cases_are_imported_and_pinned_from_the_command_line(citebot: Citebot, tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text(
        "question,answers,sources\nWho met Putin?,Steve Witkoff,000_bb15d51ce95bf2ab.txt\n", encoding="utf-8"
    )
    imported = citebot("cases", "import", table, tmp_path / "set")
    assert imported.returncode == 0, imported.stderr
    pinned = citebot("cases", "pin", tmp_path / "set" / "cases.jsonl")
    assert pinned.returncode == 0, pinned.stderr
    assert pinned.stdout.startswith("1 case of")
    assert json.loads((tmp_path / "set" / "cases.jsonl").read_text(encoding="utf-8"))["source_sha256"]


def test_a_judge_says_what_it_costs_and_a_run_survives_a_judge_that_fails(few: Path, tmp_path: Path) -> None:
    home, run = tmp_path / "home", tmp_path / "run.json"
    asked = ["eval", str(few), "--mode", "embedded", "--out", str(run), "--judge", "judge-1", "--judge-repeats", "1"]
    with ScriptedOpenAI([Reply(fault="401")] * 9) as server:
        failed = command.citebot(*asked, home=home, environment=server.environment)
    assert failed.returncode == 1
    assert "price not known" in failed.stderr
    assert "gave no verdict" in failed.stderr
    assert "refused the key" in failed.stderr
    assert run.exists()

    verdict = '{"correct": true, "supported": true, "reason": "it says so"}'
    again = ["eval", "--from", str(run), "--judge", "judge-1", "--judge-repeats", "1", "--json"]
    with ScriptedOpenAI([verdict] * 9) as server:
        prices = {"CITEBOT_PRICES": '{"judge-1": [1, 2]}'}
        judged = command.citebot(*again, home=home, environment=server.environment | prices)
    assert judged.returncode == 0, judged.stderr
    assert "about $0.0" in judged.stderr
    printed = json.loads(judged.stdout)
    assert printed["judge"]["calls"] == printed["summary"]["judge_correct"]["scored"] == len(server.requests) > 0
    assert json.loads(run.read_text(encoding="utf-8"))["judge"]["model"] == "judge-1"


def test_a_judge_without_an_endpoint_is_refused(few: Path, tmp_path: Path) -> None:
    done = command.citebot("eval", str(few), "--judge", "judge-1", home=tmp_path / "home")
    assert done.returncode == 1
    assert "needs OPENAI_API_KEY or OPENAI_BASE_URL" in done.stderr


def test_calibrating_answers_everything_and_writes_the_threshold(citebot: Citebot, few: Path, tmp_path: Path) -> None:
    done = citebot("eval", few, "--calibrate", "--json")
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["summary"]["abstention_recall"]["value"] == 0
    chosen = printed["calibration"]["chosen"]
    line = f"CITEBOT_EVIDENCE_THRESHOLD={chosen['threshold']:.3f}"
    assert f"{line} was written to .env" in done.stderr
    assert line in (tmp_path / ".env").read_text(encoding="utf-8")
    few.write_text("\n".join(few.read_text(encoding="utf-8").splitlines()[:3]), encoding="utf-8")
    refused = citebot("eval", few, "--calibrate")
    assert refused.returncode == 1
    assert "questions of both kinds" in refused.stderr
