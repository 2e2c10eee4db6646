"""A run as one self-contained page: no network, the essentials without JavaScript. Its files are in `page/`."""

import base64
import gzip
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup

from bot.evals import charts, table
from bot.evals.catalogue import BY_NAME, MEASURES
from bot.evals.compare import Comparison
from bot.evals.diagnosis import MEANING, Diagnosis, Fix
from bot.evals.measures import by_tag
from bot.evals.record import Record, Row
from bot.evals.view import Detail, case_view

HEADLINE = ("correct", "f1", "recall@5", "citation_precision", "abstention_f1", "latency_p50")
_PAGE = Path(__file__).parent / "page"
_OPEN_WITHOUT_SCRIPT = 300
"""Cases whose details stand in the page itself; those of the others are packed, and unpacked when opened."""
_PACK = 100
_LARGE = 2000
"""Cases from which on details are cut shorter, so that the page stays below 15 MB at 10,000."""


def page(record: Record, fixes: Sequence[Fix], comparison: Comparison | None, baseline: Record | None) -> str:
    """The page. Everything that came from outside is escaped, and a policy in it forbids any connection."""
    flips = {flip.id: name for name in ("better", "worse") for flip in getattr(comparison, name, ())}
    detail = Detail.SHORT if len(record.rows) > _LARGE else Detail.FULL
    views = [
        case_view(n, row, record.passages, flips.get(row.case.id, ""), detail) for n, row in enumerate(record.rows)
    ]
    inline = _inline(record.rows, flips)
    packed = [n for n in range(len(views)) if n not in inline]
    script = _text("report.js")
    return _template("report.html").render(
        record=record,
        heading=table.heading(record),
        started=f"{datetime.fromisoformat(record.started):%Y-%m-%d %H:%M %Z}",
        fixes=fixes,
        most=max((fix.cases for fix in fixes), default=1),
        advice=table.advice(fixes) if fixes else "",
        meaning=MEANING,
        comparison=comparison,
        verdict=table.verdict(comparison) if comparison else "",
        changes={change.name: change for change in comparison.changes} if comparison else {},
        headline=[BY_NAME[name] for name in HEADLINE],
        groups=_groups(record),
        measure=BY_NAME,
        shown=table.shown,
        signed=table.signed,
        unscored=list(table.unscored_lines(record)),
        judge=table.judge_line(record.judge) if record.judge else "",
        risk_chart=charts.risk_chart(record.rows, baseline.rows if baseline else None),
        latency_chart=charts.latency_chart(record.latency_ms),
        tags=by_tag(record.rows),
        causes=[cause for cause in Diagnosis if any(row.diagnosis == cause for row in record.rows)],
        cases=views,
        case=_template("case.html"),
        inline=inline,
        places={n: (place // _PACK, place % _PACK) for place, n in enumerate(packed)},
        packs=_packs([views[n] for n in packed]),
        style=Markup(_text("report.css")),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _inline(rows: Sequence[Row], flips: dict[str, str]) -> set[int]:
    """The cases to write out: all of a small run; of a large one those that changed, then those that are wrong."""
    if len(rows) <= _OPEN_WITHOUT_SCRIPT:
        return set(range(len(rows)))
    order = sorted(range(len(rows)), key=lambda n: (rows[n].case.id not in flips, not rows[n].diagnosis, n))
    return set(order[:_OPEN_WITHOUT_SCRIPT])


def _packs(views: Sequence[dict[str, Any]]) -> list[str]:
    """The details of cases as base64 of gzipped JSON lists of HTML, _PACK cases each."""
    template = _template("case.html")
    rendered = [template.render(case=view) for view in views]
    lists = (rendered[start : start + _PACK] for start in range(0, len(rendered), _PACK))
    return [base64.b64encode(gzip.compress(json.dumps(each).encode(), mtime=0)).decode() for each in lists]


def _groups(record: Record) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for measure in MEASURES:
        if measure.name in record.summary:
            groups.setdefault(measure.group, []).append(measure)
    return groups


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_PAGE),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template(name: str) -> Template:
    return _environment().get_template(name)


def _text(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")
