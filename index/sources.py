"""Paths and URLs as a user types them -> the documents they hold, or one error each."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG

import httpx

from index.errors import SourceUnreadable
from index.extract import ALIASES, FORMATS, Extracted, extract, suffix_of
from index.fetch import fetch, is_public, is_url
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
        page = fetch(place.key, allowed=(lambda _: True) if allow_private else is_public)
        extracted = extract(page.data, page.suffix, charset=page.charset)
        return _document(place, extracted, httpx.URL(place.key).path.rstrip("/").rpartition("/")[2] or place.key)
    path = Path(place.key)
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise SourceUnreadable("it is not a regular file")
        if status.st_size > MAX_FILE_BYTES:
            raise SourceUnreadable(f"it is larger than {MAX_FILE_BYTES // 1_000_000} MB")
        data = path.read_bytes()
    except OSError as error:
        raise SourceUnreadable(f"it cannot be read: {error.strerror}") from error
    return _document(place, extract(data, suffix_of(path.name)), path.name)


def key_of(argument: str) -> str:
    """The one spelling of a path or URL under which its document is known; what is no valid URL stays as it is."""
    if not is_url(argument):
        return os.path.realpath(argument)
    try:
        url = httpx.URL(argument)
    except (httpx.InvalidURL, UnicodeError):
        return argument
    return str(url.copy_with(raw_path=url.raw_path, fragment=None)) if url.host else argument


def _document(place: Place, extracted: Extracted, fallback_title: str) -> Document:
    return Document(place.key, place.source, extracted.title or fallback_title, extracted.text)


def _places(argument: str) -> Iterator[Place | SourceUnreadable]:
    if is_url(argument):
        yield _place(argument)
        return
    try:
        mode = os.stat(argument).st_mode  # noqa: PTH116 - Path("") would be the current folder
    except (FileNotFoundError, NotADirectoryError):
        yield SourceUnreadable("there is no such file or folder", argument)
    except OSError as error:
        yield SourceUnreadable(f"it cannot be read: {error.strerror}", argument)
    else:
        yield from _below(argument) if S_ISDIR(mode) else (_place(argument),)


def _below(folder: str) -> Iterator[Place | SourceUnreadable]:
    """The documents in a folder and its folders, and those of its folders that cannot be listed."""
    unlisted: list[OSError] = []
    found = False
    for here, folders, files in os.walk(Path(folder), onerror=unlisted.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and suffix_of(name) in FORMATS:
                found = True
                yield _place(str(Path(here, name)))
    for error in unlisted:
        yield SourceUnreadable(f"it cannot be listed: {error.strerror}", str(error.filename))
    if not found and not unlisted:
        known = ", ".join((*FORMATS, *ALIASES))
        yield SourceUnreadable(f"the folder holds no file of a known type ({known})", folder)


def _place(path: str) -> Place | SourceUnreadable:
    place = Place(key_of(path), path)
    try:
        f"{place.key}{place.source}".encode()
    except UnicodeEncodeError:
        shown = path.encode(errors="backslashreplace").decode()
        return SourceUnreadable("its name is not valid UTF-8: rename it", shown)
    return place
