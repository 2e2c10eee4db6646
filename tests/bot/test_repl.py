"""A conversation, seen from outside: as lines through a pipe, and in a real terminal."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from command import citebot
from openai_server import Reply, ScriptedOpenAI
from syrupy.assertion import SnapshotAssertion

READY = r"\x1b\[\?12l\x1b\[\?25h"
"""What a terminal is sent when the prompt waits for a key."""

CONVERSATION = """Who met Putin in Moscow last week?
And why was he there?
/sources 1
/sources 7
Who is Russia's foreign minister?
/sources
/nonsense
/new
/why
/help
/quit
this is not read any more
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repl") / "home"
    assert citebot("index", home=folder).returncode == 0
    return folder


def chat(home: Path, environment: dict[str, str] | None = None) -> pexpect.spawn:
    settings = {"CITEBOT_HOME": str(home), "TERM": "xterm", "NO_COLOR": "1", "PROMPT_TOOLKIT_NO_CPR": "1"}
    settings |= {"COLUMNS": "200"}  # pytest may have set another width than the terminal has
    return pexpect.spawn(
        sys.executable,
        ["-m", "bot", "chat"],
        env={**os.environ, **settings, **(environment or {})},
        cwd=str(home.parent),
        encoding="utf-8",
        timeout=30,
        dimensions=(40, 200),
    )


@pytest.fixture
def terminal(home: Path) -> Iterator[pexpect.spawn]:
    child = chat(home)
    yield child
    child.close(force=True)


def test_a_whole_conversation_through_a_pipe(home: Path, snapshot: SnapshotAssertion) -> None:
    done = citebot("chat", home=home, stdin=CONVERSATION)
    assert done.returncode == 0
    assert done.stdout.replace(str(Path(__file__).parents[2]), "") == snapshot


def test_the_end_of_input_ends_the_conversation(home: Path) -> None:
    assert citebot("chat", home=home, stdin="").returncode == 0


def test_a_failing_model_is_told_and_the_conversation_goes_on(home: Path) -> None:
    with ScriptedOpenAI([Reply(fault="401"), "NOT_FOUND"]) as server:
        done = citebot("chat", home=home, stdin="Who met Putin?\nWho met Putin?\n", environment=server.environment)
    assert "Note: The chat model gpt-4.1-mini refused the key: check OPENAI_API_KEY" in done.stdout
    assert "That is not in the documents." in done.stdout
    assert done.returncode == 0


def test_ctrl_d_leaves_the_terminal(terminal: pexpect.spawn) -> None:
    terminal.expect(READY)
    terminal.send("\x04")
    terminal.expect(pexpect.EOF)
    terminal.wait()
    assert terminal.exitstatus == 0


def test_ctrl_c_at_the_prompt_keeps_the_session(terminal: pexpect.spawn) -> None:
    terminal.expect(READY)
    terminal.send("half a quest")
    terminal.sendintr()
    terminal.expect(READY)
    terminal.sendline("Who met Putin in Moscow last week?")
    terminal.expect("Steve Witkoff")


def test_ctrl_c_stops_an_answer_and_keeps_the_session(home: Path) -> None:
    with ScriptedOpenAI([Reply(fault="hang"), "NOT_FOUND"]) as server:
        child = chat(home, server.environment)
        child.expect(READY)
        child.sendline("Who met Putin in Moscow last week?")
        server.wait_for_requests(1)
        child.sendintr()
        child.expect(r"\(stopped\)")
        child.sendline("Who met Putin in Moscow last week?")
        child.expect("That is not in the documents")
        child.close(force=True)


def test_the_history_lasts_from_one_session_to_the_next(home: Path) -> None:
    for keys, seen in (("/why\r", "no answer yet"), ("\x1b[A\r", "no answer yet")):
        child = chat(home)
        child.expect(READY)
        child.send(keys)
        child.expect(seen)
        child.expect(READY)
        child.send("\x04")
        child.expect(pexpect.EOF)
        child.close()
