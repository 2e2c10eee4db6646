"""Runs the installed command the way a shell does."""

import os
import subprocess
import sys
from pathlib import Path


def citebot(
    *arguments: str,
    home: Path,
    stdin: str | None = None,
    environment: dict[str, str] | None = None,
    folder: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """One run of `citebot` with a home of its own; what it printed and its exit code."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        cwd=folder or home.parent,
        env={**os.environ, "CITEBOT_HOME": str(home), "COLUMNS": "100", **(environment or {})},
    )
