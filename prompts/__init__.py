"""Prompt files and their loader. A prompt is a file beside this one; its digest is recorded with every answer."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt with `$name` places. `digest` is the start of the SHA-256 of its text."""

    name: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    def render(self, **values: str) -> str:
        """The text with every place filled; braces and dollar signs in `values` mean nothing.

        Raises:
            KeyError: a place has no value.
            ValueError: a value has no place.
        """
        template = Template(self.text)
        if unknown := values.keys() - set(template.get_identifiers()):
            raise ValueError(f"the prompt {self.name} has no place for {', '.join(sorted(unknown))}")
        return template.substitute(values)


@cache
def load(name: str) -> Prompt:
    """The prompt in `NAME.md`.

    Raises:
        FileNotFoundError: there is no such prompt.
    """
    return Prompt(name, (Path(__file__).parent / f"{name}.md").read_text(encoding="utf-8").strip())
