"""All settings, read once from the environment and `.env`. The only reader of the environment."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_data_path
from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SetupProblem
from bot.types import Mode


def _from_json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


class Settings(BaseSettings):
    """Frozen; an undeclared key in `.env` is an error. Descriptions are the comments of `.env.example`."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="forbid", frozen=True
    )

    openai_api_key: SecretStr | None = Field(
        None,
        alias="OPENAI_API_KEY",
        description="Key for a chat model; without it, answers are quotes read on this machine.",
    )
    openai_base_url: str | None = Field(
        None,
        alias="OPENAI_BASE_URL",
        description="Any OpenAI-compatible server (Ollama, vLLM, llama.cpp), ending in /v1.",
    )
    home: Path = Field(
        default_factory=lambda: user_data_path("citebot", appauthor=False),
        alias="CITEBOT_HOME",
        description="Where the index and the REPL's history live; default: the platform's user data folder.",
    )
    chat_model: str = Field(
        "gpt-4.1-mini",
        alias="CITEBOT_CHAT_MODEL",
        description="The chat model that writes answers, as its server names it.",
    )
    embedding_model: str | None = Field(
        None,
        alias="CITEBOT_EMBEDDING_MODEL",
        description="For example text-embedding-3-small; empty: all-MiniLM-L6-v2 on this machine. "
        "A change needs `citebot index --rebuild`.",
    )
    chroma_url: str | None = Field(
        None,
        alias="CITEBOT_CHROMA_URL",
        description="A Chroma server; empty: embedded Chroma under CITEBOT_HOME.",
    )
    database_url: str = Field(
        "",
        alias="CITEBOT_DATABASE_URL",
        description="Where the journal of questions is kept, as an SQLAlchemy URL; empty: SQLite under CITEBOT_HOME.",
    )
    allow_private_urls: bool = Field(
        default=False,
        alias="CITEBOT_ALLOW_PRIVATE_URLS",
        description="Whether pages of private networks may be indexed.",
    )
    passages: int = Field(
        8,
        ge=1,
        le=50,
        alias="CITEBOT_PASSAGES",
        description="How many passages are read for one question (1 to 50).",
    )
    evidence_threshold: float = Field(
        0.5,
        ge=0,
        le=1,
        alias="CITEBOT_EVIDENCE_THRESHOLD",
        description='Below this confidence the answer is "not in the documents" (0 to 1); `citebot eval --calibrate` '
        "fits it.",
    )
    strictness: Literal["strict", "mark"] = Field(
        "strict",
        alias="CITEBOT_STRICTNESS",
        description="strict: unverified sentences are withheld; mark: they are shown with a visible mark.",
    )
    request_timeout: float = Field(
        30.0,
        gt=0,
        alias="CITEBOT_REQUEST_TIMEOUT",
        description="Seconds to wait for a chat or embedding model.",
    )
    max_retries: int = Field(
        2,
        ge=0,
        le=10,
        alias="CITEBOT_MAX_RETRIES",
        description="How often a failed model call is tried again (0 to 10).",
    )

    prices: Annotated[dict[str, tuple[float, float]], NoDecode, BeforeValidator(_from_json)] = Field(
        {},
        alias="CITEBOT_PRICES",
        description="What chat models cost, for `citebot eval`: US dollars for a million input and output tokens, "
        'as JSON: {"some-model": [0.4, 1.6]}.',
    )

    slack_bot_token: SecretStr | None = Field(
        None,
        alias="SLACK_BOT_TOKEN",
        description='For `citebot slack`: the bot token, beginning with xoxb- ("OAuth & Permissions").',
    )
    slack_app_token: SecretStr | None = Field(
        None,
        alias="SLACK_APP_TOKEN",
        description="For Socket Mode: an app-level token with connections:write, beginning with xapp- "
        '("Basic Information").',
    )
    slack_signing_secret: SecretStr | None = Field(
        None,
        alias="SLACK_SIGNING_SECRET",
        description='For `citebot slack --http`: the signing secret ("Basic Information").',
    )
    slack_api_url: str = Field(
        "https://slack.com/api/",
        alias="SLACK_API_URL",
        description="Where Slack's Web API is; another address is for tests and proxies.",
    )
    slack_human_channel: str = Field(
        "",
        alias="CITEBOT_SLACK_HUMAN_CHANNEL",
        description='The id of the channel that "Ask a human" posts to, as in C0123456789; empty: no such button.',
    )

    @property
    def index_folder(self) -> Path:
        return self.home / "index"

    def mode(self, wanted: str = "auto") -> Mode:
        """The mode to run in: the wanted one, or for "auto" openai where a key or a base URL is set.

        Raises:
            SetupProblem: openai is wanted and there is neither.
        """
        configured = bool(self.openai_api_key or self.openai_base_url)
        if wanted == "openai" and not configured:
            raise SetupProblem("Mode openai needs OPENAI_API_KEY or OPENAI_BASE_URL: set one, or use --mode embedded.")
        return "openai" if configured and wanted != "embedded" else "embedded"


def load_settings() -> Settings:
    """The settings of this process.

    Raises:
        SetupProblem: naming the first setting that is unknown or out of range, and what would be right.
    """
    try:
        return Settings()  # type: ignore[call-arg] # the values come from the environment
    except ValidationError as error:
        raise SetupProblem(_explain(error.errors()[0])) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SetupProblem("The file .env cannot be read: it must be a text file in UTF-8.") from error


def names() -> list[str]:
    """The settings' names as they are written in the environment, in the order of `.env.example`."""
    return [field.alias or name for name, field in Settings.model_fields.items()]


def _explain(problem: Any) -> str:
    name = str(problem["loc"][0]).upper()
    if problem["type"] == "extra_forbidden":
        import difflib

        near = difflib.get_close_matches(name, names(), n=1)
        return f"Unknown setting {name} in .env: " + (f"did you mean {near[0]}?" if near else "see .env.example.")
    return f"The setting {name} is not usable ({problem['msg'].lower()}): see .env.example."
