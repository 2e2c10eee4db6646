"""Settings are read once, checked, and documented."""

from pathlib import Path

import pytest

from bot.errors import SetupProblem
from bot.settings import load_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_a_key_the_mode_is_embedded() -> None:
    assert load_settings().mode() == "embedded"


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "OPENAI_BASE_URL"])
def test_a_key_or_a_server_turns_the_chat_model_on(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1/v1")
    settings = load_settings()
    assert settings.mode() == "openai"
    assert settings.mode("embedded") == "embedded"


def test_asking_for_a_chat_model_without_one_says_what_is_missing() -> None:
    with pytest.raises(SetupProblem, match="OPENAI_API_KEY or OPENAI_BASE_URL"):
        load_settings().mode("openai")


def test_the_environment_wins_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("CITEBOT_PASSAGES=3\nCITEBOT_CHAT_MODEL=from-file\n")
    monkeypatch.setenv("CITEBOT_PASSAGES", "5")
    settings = load_settings()
    assert settings.passages == 5
    assert settings.chat_model == "from-file"


def test_an_empty_value_means_the_default(folder: Path) -> None:
    (folder / ".env").write_text("CITEBOT_PASSAGES=\nOPENAI_API_KEY=\n")
    assert load_settings().passages == 8
    assert load_settings().mode() == "embedded"


def test_a_misspelt_setting_is_named_with_the_right_one(folder: Path) -> None:
    (folder / ".env").write_text("CITEBOT_PASSAGE=3\n")
    with pytest.raises(SetupProblem, match=r"Unknown setting CITEBOT_PASSAGE in .env: did you mean CITEBOT_PASSAGES\?"):
        load_settings()


def test_a_value_out_of_range_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEBOT_PASSAGES", "many")
    with pytest.raises(SetupProblem, match="The setting CITEBOT_PASSAGES is not usable"):
        load_settings()


def test_prices_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEBOT_PRICES", '{"some-model": [0.4, 1.6]}')
    assert load_settings().prices == {"some-model": (0.4, 1.6)}
    for wrong in ("cheap", "[1]", '{"some-model": 3}'):
        monkeypatch.setenv("CITEBOT_PRICES", wrong)
        with pytest.raises(SetupProblem, match="The setting CITEBOT_PRICES is not usable"):
            load_settings()


def test_a_key_does_not_show_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert "sk-secret" not in repr(load_settings())


def test_a_problem_does_not_show_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("CITEBOT_MAX_RETRIES", "sk-also-secret")
    with pytest.raises(SetupProblem) as raised:
        load_settings()
    assert "secret" not in str(raised.value)
