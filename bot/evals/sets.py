"""What `citebot cases` does: makes question sets out of public ones, and pins them to their sources."""

import sys
from pathlib import Path

from bot import compose
from bot.evals.importers import import_cases
from bot.evals.pinning import pin
from bot.evals.sources import Sources
from bot.render import counted, one_line


def import_command(source: Path, folder: Path, split: str) -> int:
    imported = import_cases(source, folder, split)
    sys.stdout.write(
        f"{counted(len(imported.cases), 'case')} and {counted(len(imported.documents), 'document')} in {folder}.\n"
    )
    if imported.documents:
        compose.tell(f"next: citebot index {folder / 'docs'}, then citebot eval {folder / 'cases.jsonl'}")
    return 0


def show_pinned(path: Path, sources: Sources) -> int:
    """Pins and says what was pinned; 1 if nothing was."""
    pinned = pin(path, sources)
    sys.stdout.write(f"{counted(pinned.number, 'case')} of {path} pinned to the sources as they are indexed now.\n")
    for line, reason in pinned.left:
        compose.tell(f"line {line} was left as it was: {one_line(reason)}.")
    return 0 if pinned.number else 1
