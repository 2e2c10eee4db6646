"""A run for CI: JUnit XML in which a failure means what exit code 1 means."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from bot.evals.catalogue import BY_NAME
from bot.evals.changes import Change
from bot.evals.compare import Comparison
from bot.evals.record import Record, Row
from bot.evals.table import shown

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(record: Record, comparison: Comparison | None) -> bytes:
    """Two suites: the gated measures, and the cases.

    A measure fails if it is a regression. A case fails if it got worse and the comparison failed; wrong answers
    that were wrong before are not news. Stale and unscored cases are skipped, with the reason.
    """
    root = ET.Element("testsuites", name="citebot eval")
    _suite(root, "gate", [_measure(change) for change in _gated(comparison)])
    worse = {flip.id for flip in comparison.worse} if comparison and comparison.regressions else set()
    _suite(root, "cases", [_case(row, failed=row.case.id in worse) for row in record.rows])
    ET.indent(root)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode").encode()


def _gated(comparison: Comparison | None) -> list[Change]:
    return [change for change in comparison.changes if change.adjusted_p is not None] if comparison else []


def _measure(change: Change) -> ET.Element:
    measure = BY_NAME[change.name]
    found = ET.Element("testcase", classname="gate", name=change.name)
    figures = f"{shown(measure, change.old)} before, {shown(measure, change.new)} now, p = {change.adjusted_p:.3f}"
    if change.regression:
        ET.SubElement(found, "failure", message=f"{change.regression}: {figures}")
    else:
        ET.SubElement(found, "system-out").text = figures
    return found


def _case(row: Row, *, failed: bool) -> ET.Element:
    seconds = row.answer.get("timings_ms", {}).get("total", 0.0) / 1e3
    found = ET.Element("testcase", classname="cases", name=_xml(row.case.id), time=f"{seconds:.3f}")
    correct = row.scores["correct"]
    if isinstance(correct, str):
        ET.SubElement(found, "skipped", message=_xml(row.stale or row.answer.get("error", "") or correct))
    elif failed:
        ET.SubElement(found, "failure", message=_xml(f"it was right before: {row.diagnosis}"))
    elif row.diagnosis:
        ET.SubElement(found, "system-out").text = row.diagnosis
    return found


def _suite(root: ET.Element, name: str, found: Sequence[ET.Element]) -> None:
    counts = {tag: sum(case.find(tag) is not None for case in found) for tag in ("failure", "skipped")}
    suite = ET.SubElement(
        root,
        "testsuite",
        name=name,
        tests=str(len(found)),
        failures=str(counts["failure"]),
        errors="0",
        skipped=str(counts["skipped"]),
    )
    suite.extend(found)


def _xml(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return _NOT_XML.sub("", text)
