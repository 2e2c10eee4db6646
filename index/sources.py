"""Paths and URLs as a user types them -> the documents they hold, or one error each."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from index.errors import SourceUnreadable
from index.extract import ALIASES, FORMATS, Extracted, extract, suffix_of
from index.fetch import fetch, is_url
from index.types import Document

MAX_FILE_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where one document lies. `key` tells places apart; `source` is how the user spelled it."""

    key: str
    source: str


def find(arguments: Iterable[str]) -> Iterator[Place | SourceUnreadable]:
    """Every document named by `arguments` or lying below a folder they name, in a stable order.

    Hidden files and folders are skipped, and so are files of unknown types, unless named themselves. What
    cannot be found comes as an error with `source` set, in its place in the order.
    """
    seen: set[str] = set()
    for argument in arguments:
        for place in _places(argument):
            if isinstance(place, SourceUnreadable):
                yield place
            elif place.key not in seen:
                seen.add(place.key)
                yield place


def read(place: Place, *, allow_private: bool = False) -> Document:
    """The document at `place`.

    Raises:
        SourceUnreadable: with the reason, in words for the user.
    """
    if is_url(place.key):
        page = fetch(place.key, allow_private=allow_private)
        extracted = extract(page.data, page.suffix, charset=page.charset)
        return _document(place, extracted, urlsplit(place.key).path.rstrip("/").rpartition("/")[2] or place.key)
    path = Path(place.key)
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise SourceUnreadable(f"it is larger than {MAX_FILE_BYTES // 1_000_000} MB")
        data = path.read_bytes()
    except OSError as error:
        raise SourceUnreadable(f"it cannot be read: {error.strerror}") from error
    return _document(place, extract(data, suffix_of(path.name)), path.name)


def key_of(argument: str) -> str:
    """The one spelling of a path or URL under which its document is known."""
    if not is_url(argument):
        return str(Path(argument).absolute().resolve())
    parts = urlsplit(argument)
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", parts.query, ""))


def _document(place: Place, extracted: Extracted, fallback_title: str) -> Document:
    return Document(place.key, place.source, extracted.title or fallback_title, extracted.text)


def _places(argument: str) -> Iterator[Place | SourceUnreadable]:
    path = Path(argument)
    if is_url(argument):
        yield Place(key_of(argument), argument)
    elif path.is_dir():
        found = False
        for folder, folders, files in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if not name.startswith(".") and suffix_of(name) in FORMATS:
                    found = True
                    file = Path(folder, name)
                    yield Place(key_of(str(file)), str(file))
        if not found:
            known = ", ".join((*FORMATS, *ALIASES))
            yield SourceUnreadable(f"the folder holds no file of a known type ({known})", argument)
    elif path.exists():
        yield Place(key_of(argument), argument)
    else:
        yield SourceUnreadable("there is no such file or folder", argument)
