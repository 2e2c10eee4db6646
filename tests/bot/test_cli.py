"""The command as people and scripts call it: contracts, exit codes, and nothing but results on stdout."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import citebot
from openai_server import Reply, ScriptedOpenAI
from syrupy.assertion import SnapshotAssertion

QUESTION = "Who met Putin in Moscow last week?"
CITED = 'Steve Witkoff met Putin in Moscow. <cite n="1">Steve Witkoff met final week with Putin in Moscow</cite>'

PASSAGE_KEYS = {"id", "source", "title", "start", "end", "text", "score"}
ANSWER_KEYS = {
    *("id", "question", "standalone_question", "outcome", "answer", "short_answer", "claims", "citations"),
    *("withheld", "passages", "confidence", "mode", "model", "usage", "timings_ms"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the seed article is indexed."""
    folder = tmp_path_factory.mktemp("cli") / "home"
    assert citebot("index", home=folder).returncode == 0
    return folder


@pytest.fixture
def run(home: Path) -> Callable[..., Any]:
    def call(*arguments: str, **options: Any) -> Any:
        done = citebot(*arguments, home=home, **options)
        assert "Traceback" not in done.stderr
        return done

    return call


def test_ask_prints_the_answer_and_its_sources(run: Callable[..., Any], snapshot: SnapshotAssertion) -> None:
    done = run("ask", QUESTION)
    assert done.returncode == 0
    assert done.stdout.replace(str(Path(__file__).parents[2]), "") == snapshot
    assert done.stderr.count("no chat model is configured") == 1


def test_ask_says_when_the_documents_do_not_hold_the_answer(
    run: Callable[..., Any], snapshot: SnapshotAssertion
) -> None:
    done = run("ask", "Who is Russia's foreign minister?")
    assert done.returncode == 0
    assert done.stdout == snapshot


def test_ask_json_is_one_document_with_the_contracts_keys(run: Callable[..., Any]) -> None:
    answer = json.loads(run("ask", QUESTION, "--json").stdout)
    assert answer.keys() == ANSWER_KEYS
    assert answer["outcome"] == "answered"
    assert answer["short_answer"] == "Steve Witkoff"
    (citation,) = answer["citations"]
    assert citation.keys() == {"number", "source", "title", "start", "end", "quote", "passage_id"}
    text = Path(citation["source"]).read_text(encoding="utf-8")
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert all(passage.keys() == PASSAGE_KEYS for passage in answer["passages"])
    assert answer["timings_ms"].keys() == {"condense", "retrieve", "generate", "verify", "total"}


def test_search_json_has_the_contracts_keys(run: Callable[..., Any]) -> None:
    found = json.loads(run("search", "nuclear plant", "-k", "3", "--json").stdout)
    assert found.keys() == {"query", "passages", "timings_ms"}
    assert len(found["passages"]) == 3
    assert all(passage.keys() == PASSAGE_KEYS for passage in found["passages"])


def test_search_shows_passages(run: Callable[..., Any]) -> None:
    assert "Zaporizhzhia" in run("search", "nuclear plant", "-k", "1").stdout


def test_status_counts_what_is_indexed(run: Callable[..., Any], home: Path) -> None:
    status = json.loads(run("status", "--json").stdout)
    assert (status["documents"], status["sets"], status["mode"]) == (1, {"default": 1}, "embedded")
    assert status["home"] == str(home)
    assert "passages   10" in run("status").stdout


def test_doctor_finds_nothing_wrong(run: Callable[..., Any]) -> None:
    done = run("doctor", "--json")
    assert done.returncode == 0
    assert {check["state"] for check in json.loads(done.stdout)["checks"]} == {"ok", "skipped"}


def test_doctor_names_what_fails_and_how_to_mend_it(tmp_path: Path) -> None:
    done = citebot("doctor", home=tmp_path / "new")
    assert done.returncode == 1
    assert "Run `citebot index`" in done.stdout


def test_the_first_question_on_an_empty_home_indexes_the_seed_article(tmp_path: Path) -> None:
    done = citebot("ask", QUESTION, "--json", home=tmp_path / "new")
    assert json.loads(done.stdout)["outcome"] == "answered"
    assert "indexing the article that comes with citebot" in done.stderr


def test_a_batch_is_answered_in_order_and_a_bad_line_loses_nothing(run: Callable[..., Any]) -> None:
    lines = [
        {"id": "one", "question": QUESTION},
        {"id": "two", "question": "And why was he there?", "history": [{"role": "user", "text": QUESTION}]},
        {"id": "three", "question": "Who won the 2030 World Cup?"},
    ]
    done = run("ask", "--batch", "-", "--json", stdin="\n".join(map(json.dumps, lines)) + "\nnot json\n\n{}\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["one", "two", "three", "", ""]
    assert [answer["outcome"] for answer in answers[:3]] == ["answered", "answered", "not_found"]
    assert [answer["error"].partition(":")[0] for answer in answers[3:]] == [
        "Line 4 is not JSON (Expecting value, column 1).",
        "Line 6 is not a question",
    ]
    assert done.returncode == 1


def test_index_json_has_the_contracts_keys(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "good.txt").write_text("The kettle is kept in the second cupboard on the left.")
    (folder / "empty.txt").write_text("")
    done = citebot("index", str(folder), "--json", home=tmp_path / "home")
    report = json.loads(done.stdout)
    assert report["documents"] == {"added": 1, "updated": 0, "unchanged": 0, "deleted": 0, "failed": 1}
    assert report.keys() == {"documents", "passages", "seconds", "errors"}
    assert report["errors"] == [{"path": str(folder / "empty.txt"), "error": "it is empty"}]
    assert done.returncode == 1


def test_index_prunes_what_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("stays", "goes"):
        (folder / f"{name}.txt").write_text(f"This is the document that {name}, as its name says.")
    home = tmp_path / "home"
    citebot("index", str(folder), home=home)
    (folder / "goes.txt").unlink()
    report = json.loads(citebot("index", str(folder), "--prune", "--json", home=home).stdout)
    assert report["documents"]["deleted"] == 1
    assert json.loads(citebot("status", "--json", home=home).stdout)["documents"] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("ask",),
        ("ask", "a", "--batch", "-"),
        ("ask", "--batch", "-"),
        ("ask", "a", "--mode", "psychic"),
        ("search",),
        ("search", "q", "-k", "0"),
        ("index", "--nope"),
    ],
)
def test_wrong_usage_exits_with_2(run: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    done = run(*arguments, stdin="")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Error:" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (("ask", "q", "--mode", "openai"), {}, "needs OPENAI_API_KEY or OPENAI_BASE_URL"),
        (("ask", "q"), {"CITEBOT_PASSAGES": "x"}, "CITEBOT_PASSAGES is not usable"),
        (("search", "q"), {"CITEBOT_EMBEDDING_MODEL": "other"}, "run `citebot index --rebuild`"),
        (("ask", "q"), {"CITEBOT_CHROMA_URL": "http://127.0.0.1:9"}, "CITEBOT_CHROMA_URL"),
        (("status",), {"CITEBOT_HOME": "/proc/nowhere"}, "set CITEBOT_HOME to another one"),
        (("index", "no-such-file"), {}, "no such file or folder"),
    ],
)
def test_a_known_failure_is_one_sentence_and_exit_code_1(
    run: Callable[..., Any], arguments: tuple[str, ...], environment: dict[str, str], says: str
) -> None:
    done = run(*arguments, environment=environment)
    assert done.returncode == 1
    assert says in done.stderr


def test_with_a_server_the_chat_model_writes_the_answer(run: Callable[..., Any]) -> None:
    with ScriptedOpenAI([CITED]) as server:
        done = run("ask", QUESTION, "--json", environment=server.environment)
    answer = json.loads(done.stdout)
    assert (answer["mode"], answer["answer"]) == ("openai", "Steve Witkoff met Putin in Moscow.")
    assert done.stderr == ""


def test_with_a_failing_server_the_documents_own_words_are_shown_and_why(run: Callable[..., Any]) -> None:
    with ScriptedOpenAI([Reply(fault="401")]) as server:
        done = run("ask", QUESTION, "--json", environment=server.environment)
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert (answer["outcome"], answer["mode"]) == ("answered", "embedded")
    assert "OPENAI_API_KEY" in answer["notice"]


def test_withheld_sentences_are_shown_with_a_mark_only_when_asked_for(run: Callable[..., Any]) -> None:
    script = [f"{CITED} The envoy stayed for a week."]
    for strictness, shown in (("strict", False), ("mark", True)):
        with ScriptedOpenAI(script) as server:
            done = run("ask", QUESTION, environment={**server.environment, "CITEBOT_STRICTNESS": strictness})
        assert ("[unverified: it cites nothing] The envoy stayed for a week." in done.stdout) is shown
        assert ("stayed for a week" in done.stdout) is shown


def test_help_loads_nothing_heavy(run: Callable[..., Any]) -> None:
    done = run("--help", environment={"PYTHONPROFILEIMPORTTIME": "1"})
    for heavy in ("chromadb", "langchain_core", "openai", "onnxruntime", "numpy", "pydantic", "rich"):
        assert f" {heavy}\n" not in done.stderr, heavy


def test_a_question_without_a_chat_model_loads_no_langchain(run: Callable[..., Any]) -> None:
    done = run("ask", QUESTION, environment={"PYTHONPROFILEIMPORTTIME": "1"})
    assert " chromadb\n" in done.stderr
    for heavy in ("langchain_core", "langchain_openai", "openai", "slack_bolt", "trafilatura"):
        assert f" {heavy}\n" not in done.stderr, heavy


def test_control_characters_of_a_document_never_reach_the_terminal(tmp_path: Path) -> None:
    home = tmp_path / "home"
    file = tmp_path / "evil.txt"
    file.write_text("The password of the router is\x1b[2J hunter2\x1b]0;pwned\x07, says the label on the router.\n")
    citebot("index", str(file), home=home)
    done = citebot("search", "password of the router", home=home)
    assert "hunter2" in done.stdout
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout


def test_searching_an_empty_index_says_what_to_do(tmp_path: Path) -> None:
    done = citebot("search", "anything", home=tmp_path / "new")
    assert done.returncode == 1
    assert "run `citebot index`" in done.stderr
