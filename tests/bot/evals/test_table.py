"""The terminal's tables, JUnit and charts, as people and CI see them."""

from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from bot.evals import charts, junit, table
from bot.evals.compare import Comparison, compare
from bot.evals.diagnosis import fixes
from bot.evals.record import JudgeFacts, Record, Row

MakeRow = Callable[..., Row]
MakeRecord = Callable[..., Record]


@pytest.fixture
def old(make_row: MakeRow, make_record: MakeRecord) -> Record:
    answered = [make_row(f"c{n}", correct=float(n % 4 > 0), confidence=0.5 + n / 100, ms=10 + n) for n in range(40)]
    none = [make_row(f"n{n}", answerable=False, outcome="not_found", confidence=0.1) for n in range(8)]
    return make_record([*answered, *none, make_row("f", outcome="failed", correct="the question failed")])


@pytest.fixture
def new(make_row: MakeRow, make_record: MakeRecord, old: Record) -> Record:
    lost = [make_row(f"c{n}", correct=0.0, confidence=0.5 + n / 100, ms=10 + n) for n in range(16)]
    stale = make_row("c16", stale="a.txt has changed", correct="the case is stale", diagnosis="stale")
    return make_record([*lost, stale, *old.rows[17:]])


def drawn(record: Record, comparison: Comparison | None = None) -> str:
    console = Console(file=StringIO(), width=160, highlight=False)
    mending = fixes([row.diagnosis for row in record.rows], [row.scores["correct"] for row in record.rows])
    console.print(table.tables(record, mending, comparison))
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())  # type: ignore[attr-defined]


def test_a_run_in_a_terminal(old: Record, snapshot: SnapshotAssertion) -> None:
    assert drawn(old) == snapshot


def test_a_judged_comparison_in_a_terminal(old: Record, new: Record, snapshot: SnapshotAssertion) -> None:
    judge = JudgeFacts("judge-1", ["judge-1-2026-01-01"], "0123456789ab", 3, 9000, 300, 3, 30, 0.975)
    assert drawn(replace(new, judge=judge), compare(old, new, name="old.json")) == snapshot


def test_junit_fails_where_the_exit_code_does(old: Record, new: Record) -> None:
    comparison = compare(old, new, name="old.json")
    assert comparison.regressions
    gate, cases = ET.fromstring(junit.document(new, comparison))  # noqa: S314 - our own document
    assert {case.get("name") for case in gate if case.find("failure") is not None} == {
        change.name for change in comparison.regressions
    }
    failed = [case.get("name") for case in cases if case.find("failure") is not None]
    assert failed == [flip.id for flip in comparison.worse]
    assert cases.get("failures") == str(len(failed))
    skipped = {case.get("name"): case.find("skipped") for case in cases if case.find("skipped") is not None}
    assert set(skipped) == {"c16", "f"}
    assert skipped["f"].get("message") == "The model is away."  # type: ignore[union-attr]


def test_junit_of_a_passed_comparison_fails_nothing(old: Record) -> None:
    rows = [replace(old.rows[1], scores=old.rows[1].scores | {"correct": 0.0}), *old.rows[2:]]
    slightly = replace(old, rows=[old.rows[0], *rows])
    comparison = compare(old, slightly, name="old.json")
    assert [flip.id for flip in comparison.worse] == ["c1"]
    assert not comparison.regressions
    assert b"<failure" not in junit.document(slightly, comparison)


def test_junit_survives_characters_that_xml_cannot_hold(make_row: MakeRow, make_record: MakeRecord) -> None:
    row = make_row("a\x00\x1b]<&", outcome="failed", correct="the question failed")
    (_, (case,)) = ET.fromstring(junit.document(make_record([row]), None))  # noqa: S314 - our own document
    assert case.get("name") == "a]<&"


def test_a_risk_chart_ends_at_the_coverage_that_was_reached(old: Record) -> None:
    chart = charts.risk_chart(old.rows, old.rows)
    assert [line.name for line in chart.lines] == ["before", "now"]
    assert chart.words == "83% of the questions were answered, 25% of those wrongly."


def test_charts_of_a_run_without_answers_are_empty(make_row: MakeRow) -> None:
    failed = [make_row("a", outcome="failed", correct="the question failed")]
    assert charts.risk_chart(failed).lines[0].end is None
    assert not charts.latency_chart({}).bars
