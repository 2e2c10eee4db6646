"""Public question sets become documents and cases that validate, and that an index of those documents can win."""

import json
from pathlib import Path

import pytest

from bot.errors import BadInput
from bot.evals.cases import read_cases
from bot.evals.importers import import_cases
from bot.evals.pinning import pin
from bot.evals.sources import Sources
from index.build import index_sources
from index.library import Library

CONTEXT = "The Normans came in 1066.\r\nThey were led by William. He won at Hastings."
SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Norman_Conquest",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {
                            "id": "q1",
                            "question": "Who led them?",
                            "answers": [{"text": "William", "answer_start": CONTEXT.index("William")}] * 2,
                            "is_impossible": False,
                        },
                        {
                            "id": "q2",
                            "question": "Who lost at Paris?",
                            "answers": [],
                            "plausible_answers": [{"text": "William", "answer_start": CONTEXT.index("William")}],
                            "is_impossible": True,
                        },
                    ],
                }
            ],
        }
    ],
}


def sound(library: Library, folder: Path) -> Sources:
    """Indexes what was imported; every case must be fresh and its evidence where it says."""
    index_sources(library, [str(folder / "docs")])
    sources = Sources(library.catalog)
    for case in read_cases(folder / "cases.jsonl"):
        assert case.source_sha256
        assert sources.stale(case) == ""
        assert all(found.places for found in sources.locate(case))
    return sources


def test_squad_2_keeps_ids_answers_and_impossible_questions(library: Library, tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text(json.dumps(SQUAD), encoding="utf-8")
    import_cases(tmp_path / "dev.json", tmp_path / "set")
    sound(library, tmp_path / "set")
    possible, impossible = read_cases(tmp_path / "set" / "cases.jsonl")
    assert (possible.id, possible.answers, possible.evidence) == ("q1", ("William",), ("They were led by William.",))
    assert (impossible.id, impossible.answerable, impossible.answers) == ("q2", False, ())
    (document,) = (tmp_path / "set" / "docs").iterdir()
    assert document.read_text(encoding="utf-8").startswith("Norman Conquest\n\nThe Normans came")


def test_squad_1_has_no_impossible_questions(library: Library, tmp_path: Path) -> None:
    asked = {"id": 7, "question": "When?", "answers": [{"text": "1066", "answer_start": CONTEXT.index("1066")}]}
    data = {"version": "1.1", "data": [{"title": "", "paragraphs": [{"context": CONTEXT, "qas": [asked]}]}]}
    (tmp_path / "dev.json").write_text(json.dumps(data), encoding="utf-8")
    import_cases(tmp_path / "dev.json", tmp_path / "set")
    sound(library, tmp_path / "set")
    (case,) = read_cases(tmp_path / "set" / "cases.jsonl")
    assert (case.id, case.answerable, case.evidence) == ("7", True, ("The Normans came in 1066.",))


def test_beir_documents_are_evidence_as_a_whole(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    corpus = [
        {"_id": "d/1", "title": "Rain", "text": "It rained in Moscow.\r\nAll day."},
        {"_id": "d2", "title": "", "text": "The sun shone."},
        {"_id": "d3", "title": "Empty", "text": ""},
    ]
    queries = [{"_id": "q1", "text": "where did it rain"}, {"_id": "q2", "text": "what is blue"}]
    for name, lines in (("corpus", corpus), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    scores = "query-id\tcorpus-id\tscore\nq1\td/1\t2\nq1\td2\t0\nq2\td3\t1\n"
    (folder / "qrels" / "test.tsv").write_text(scores, encoding="utf-8")
    import_cases(folder, tmp_path / "set")
    sound(library, tmp_path / "set")
    (case,) = read_cases(tmp_path / "set" / "cases.jsonl")
    assert (case.id, case.evidence, case.answers) == ("q1", ("It rained in Moscow.\nAll day.",), ())


def test_a_table_may_leave_out_most_columns(tmp_path: Path) -> None:
    rows = 'question,answers,answerable,tags\nWho?,Putin|Vladimir Putin,,who|easy\n"When, then?",,no,\n'
    (tmp_path / "mine.csv").write_text(rows, encoding="utf-8-sig")
    imported = import_cases(tmp_path / "mine.csv", tmp_path / "set")
    first, second = read_cases(tmp_path / "set" / "cases.jsonl")
    assert not imported.documents
    assert (first.id, first.answers, first.tags) == ("1", ("Putin", "Vladimir Putin"), ("who", "easy"))
    assert (second.question, second.answerable) == ("When, then?", False)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "{}"),
        ("a.json", "not json"),
        ("a.json", '{"data": [{"paragraphs": [{"qas": []}]}]}'),
        ("a.csv", "query\nWho?\n"),
        ("a.csv", "question,answerable\nWho?,perhaps\n"),
        ("a.csv", "question\nWho?\n"),
        ("a.tsv", "question\nWho?\n"),
        ("folder/corpus.jsonl", "{}"),
    ],
)
def test_what_is_not_of_the_format_is_one_sentence(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput):
        import_cases(path.parent if "/" in name else path, tmp_path / "set")


def test_pinning_leaves_other_keys_and_unfit_cases_as_they_were(library: Library, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The envoy met Putin.", encoding="utf-8")
    index_sources(library, [str(tmp_path / "a.txt")])
    good = {"id": "1", "question": "Whom?", "answerable": True, "answers": ["Putin"], "sources": ["a.txt"], "by": "me"}
    lines = [
        good,
        good | {"id": "2", "evidence": ["Not there."]},
        good | {"id": "3", "sources": ["b.txt"]},
        good | {"id": "4", "sources": []},
    ]
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n\n", encoding="utf-8")
    pinned = pin(path, Sources(library.catalog))
    written = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    assert (pinned.number, [line for line, _ in pinned.left]) == (1, [2, 3])
    assert written[0].pop("source_sha256")
    assert written == lines
    assert [Sources(library.catalog).stale(case) for case in read_cases(path)] == [""] * 4
