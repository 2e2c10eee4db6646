"""What a run ran on, for its record: settings without secrets, commit, package versions, prompt digests, the index."""

import platform
import re
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from bot import __version__
from bot.answering import Answering
from bot.evals.cases import Case
from bot.evals.record import IndexFacts, Setup
from bot.evals.sources import Sources

_USER_INFO = re.compile(r"(?<=://)[^/@\s]*@")
_GIT_SECONDS = 5


def setup_of(parts: Answering, settings: BaseModel, jobs: int) -> Setup:
    commit, dirty = _revision()
    return Setup(
        mode=parts.answerer.mode,
        model=parts.answerer.model,
        settings=without_secrets(settings),
        prompts=parts.answerer.prompts,
        commit=commit,
        dirty=dirty,
        versions=_versions(),
        machine=f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        jobs=jobs,
    )


def index_facts(parts: Answering, sources: Sources, cases: Sequence[Case]) -> IndexFacts:
    named = sorted({name for case in cases for name in case.sources})
    return IndexFacts(
        fingerprint=sources.fingerprint(),
        embedder=parts.library.embedder.name,
        documents=sources.documents,
        passages=sources.passages,
        sources={name: sources.digests(name) for name in named},
    )


def without_secrets(settings: BaseModel) -> dict[str, Any]:
    """The settings by name: secrets left out, names and passwords taken out of URLs."""
    secret = {name for name in type(settings).model_fields if isinstance(getattr(settings, name), SecretStr)}
    shown = settings.model_dump(mode="json", exclude=secret)
    return {name: _USER_INFO.sub("", value) if isinstance(value, str) else value for name, value in shown.items()}


def _revision() -> tuple[str | None, bool | None]:
    """The commit of the code that runs, and whether it has changes; nothing if it is not run from a checkout."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return None, None
    commit, status = _git(root, "rev-parse", "HEAD"), _git(root, "status", "--porcelain")
    return commit, None if commit is None or status is None else bool(status)


def _git(root: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_GIT_SECONDS, check=True)  # noqa: S603 - fixed words
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _versions() -> dict[str, str]:
    """This package and those that it requires."""
    found = {"citebot": __version__}
    try:
        required = metadata.requires("citebot") or []
    except metadata.PackageNotFoundError:
        return found
    for requirement in required:
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
