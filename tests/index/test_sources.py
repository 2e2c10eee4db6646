"""Paths and addresses as people type them become documents, or one clear error each."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from web_server import Response, WebServer

from index.errors import SourceGone, SourceUnreadable
from index.sources import MAX_FILE_BYTES, Place, find, key_of, read


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with documents, hidden files and other files in it."""
    for name in (
        *("b.txt", "a.md", "sub/c.html", "sub/deep/d.TXT", "sub/e.png", "notes"),
        *(".hidden.txt", ".git/f.txt", "sub/.cache/g.txt"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<p>The text of {name}.</p>", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sources(*arguments: str) -> list[str]:
    return [place.source for place in find(arguments) if isinstance(place, Place)]


def problems(*arguments: str) -> list[tuple[str, str]]:
    return [(place.source, place.reason) for place in find(arguments) if isinstance(place, SourceUnreadable)]


@pytest.mark.usefixtures("folder")
def test_a_folder_gives_its_documents_in_order_without_hidden_ones() -> None:
    assert sources(".") == ["a.md", "b.txt", "sub/c.html", "sub/deep/d.TXT"]
    assert problems(".") == []


def test_documents_are_named_as_the_user_spelled_them(folder: Path) -> None:
    assert sources("sub", str(folder / "sub")) == ["sub/c.html", "sub/deep/d.TXT"]
    assert sources(str(folder / "b.txt")) == [str(folder / "b.txt")]


def test_a_place_is_found_once_however_often_it_is_named(folder: Path) -> None:
    (folder / "link.txt").symlink_to(folder / "b.txt")
    assert sources("b.txt", "./b.txt", "sub/../b.txt", "link.txt", str(folder)) == [
        "b.txt",
        str(folder / "a.md"),
        str(folder / "sub/c.html"),
        str(folder / "sub/deep/d.TXT"),
    ]


@pytest.mark.usefixtures("folder")
def test_a_file_that_is_named_itself_is_found_even_if_hidden() -> None:
    assert sources(".hidden.txt", ".git") == [".hidden.txt", ".git/f.txt"]


@pytest.mark.usefixtures("folder")
def test_a_file_of_an_unknown_type_is_an_error_only_when_it_is_named() -> None:
    [place] = find(["sub/e.png"])
    assert isinstance(place, Place)
    with pytest.raises(SourceUnreadable, match=r"files of type \.png are not read; known types: \.txt, \.md"):
        read(place)
    [place] = find(["notes"])
    assert isinstance(place, Place)
    with pytest.raises(SourceUnreadable, match=r"files of type \(none\) are not read"):
        read(place)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["missing.txt", "b.txt/inside.txt", ""])
def test_what_is_not_there_is_one_error_and_the_rest_is_found(name: str) -> None:
    assert problems(name, "b.txt") == [(name, "there is no such file or folder")]
    assert sources(name, "b.txt") == ["b.txt"]


@pytest.mark.usefixtures("folder")
def test_a_name_that_is_too_long_is_one_error() -> None:
    assert problems("x" * 300) == [("x" * 300, "it cannot be read: File name too long")]


def test_an_empty_folder_is_one_error(folder: Path) -> None:
    (folder / "empty").mkdir()
    [(source, reason)] = problems("empty")
    assert source == "empty"
    assert reason.startswith("the folder holds no file of a known type (.txt, .md, .html, .pdf, .docx")


def test_a_link_that_leads_to_itself_is_one_error_and_stops_nothing(folder: Path) -> None:
    (folder / "sub/loop.txt").symlink_to(folder / "sub/loop.txt")
    assert sources("sub") == ["sub/c.html", "sub/loop.txt", "sub/deep/d.TXT"]
    with pytest.raises(SourceUnreadable, match="it cannot be read: Too many levels of symbolic links"):
        read(Place(key_of("sub/loop.txt"), "sub/loop.txt"))


def test_a_link_to_a_folder_above_is_not_followed_for_ever(folder: Path) -> None:
    (folder / "sub/up").symlink_to(folder)
    assert sources("sub") == ["sub/c.html", "sub/deep/d.TXT"]


def test_a_pipe_is_refused_rather_than_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    with pytest.raises(SourceUnreadable, match="it is not a regular file"):
        read(Place(key_of("pipe.txt"), "pipe.txt"))


def test_a_name_that_is_not_utf8_is_one_error_that_can_be_printed(folder: Path) -> None:
    (folder / os.fsdecode(b"sub/caf\xe9.txt")).write_text("text", encoding="utf-8")
    [(source, reason)] = problems("sub")
    assert (source, reason) == ("sub/caf\\udce9.txt", "its name is not valid UTF-8: rename it")
    assert sources("sub") == ["sub/c.html", "sub/deep/d.TXT"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to the superuser")
def test_what_may_not_be_read_is_one_error_each(folder: Path) -> None:
    (folder / "b.txt").chmod(0)
    (folder / "sub/deep").chmod(0)
    assert problems("sub") == [("sub/deep", "it cannot be listed: Permission denied")]
    with pytest.raises(SourceUnreadable, match="it cannot be read: Permission denied"):
        read(Place(key_of("b.txt"), "b.txt"))
    (folder / "sub/deep").chmod(stat.S_IRWXU)


def test_a_huge_file_is_refused_before_it_is_read(folder: Path) -> None:
    with (folder / "huge.txt").open("wb") as huge:
        huge.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(SourceUnreadable, match="it is larger than 50 MB"):
        read(Place(key_of("huge.txt"), "huge.txt"))


@pytest.mark.usefixtures("folder")
def test_a_file_that_has_gone_meanwhile_is_one_error() -> None:
    with pytest.raises(SourceUnreadable, match="it cannot be read: No such file or directory"):
        read(Place(key_of("missing.txt"), "missing.txt"))


def test_a_document_is_titled_by_itself_or_else_by_its_name(folder: Path) -> None:
    (folder / "a.md").write_text("# A *plain* title\n\nText.", encoding="utf-8")
    titled, named = (read(place) for place in find(["a.md", "b.txt"]) if isinstance(place, Place))
    assert (titled.title, titled.source, titled.key) == ("A plain title", "a.md", str(folder / "a.md"))
    assert named.title == "b.txt"


@pytest.mark.parametrize(
    ("argument", "key"),
    [
        ("HTTP://Example.COM", "http://example.com/"),
        ("http://example.com:80/#part", "http://example.com/"),
        ("https://example.com:443/a%2Fb?q=1", "https://example.com/a%2Fb?q=1"),
        ("https://example.com:8443/A", "https://example.com:8443/A"),
        ("http://münchen.example/straße", "http://xn--mnchen-3ya.example/stra%C3%9Fe"),
        ("http://[::1", "http://[::1"),
        ("file:///etc/passwd", "file:///etc/passwd"),
        ("http://", "http://"),
    ],
)
def test_an_address_has_one_spelling(argument: str, key: str) -> None:
    assert key_of(argument) == key
    assert list(find([argument])) == [Place(key, argument)]


@pytest.mark.parametrize("argument", ["file:///etc/passwd", "ftp://example.com/a.txt", "http://", "http://[::1"])
def test_what_is_no_web_address_is_never_taken_for_a_path(argument: str) -> None:
    with pytest.raises(SourceUnreadable, match=r"only http and https addresses are fetched|it is not a valid address"):
        read(Place(key_of(argument), argument), allow_private=True)


@pytest.fixture
def web() -> Iterator[WebServer]:
    pages = {
        "/page": Response(b"<title>A page</title><p>Some text.</p>", "text/html"),
        "/notes/my%20notes.txt": Response(b"Some notes.", "text/plain"),
        "/legacy": Response("Café “Ÿ”".encode("cp1252"), "text/html; charset=iso-8859-1"),
        "/": Response(b"The front page.", "text/plain"),
    }
    with WebServer(pages) as server:
        yield server


def test_a_page_becomes_a_document(web: WebServer) -> None:
    address = web.url("/page")
    document = read(Place(key_of(address), address), allow_private=True)
    assert (document.title, document.text.strip(), document.source) == ("A page", "A page\n\nSome text.", address)


def test_a_page_without_a_title_is_titled_by_its_address(web: WebServer) -> None:
    titles = [
        read(Place(key_of(web.url(path)), path), allow_private=True).title for path in ("/notes/my notes.txt", "/")
    ]
    assert titles == ["my notes.txt", web.url("/")]


def test_the_charset_of_the_header_counts(web: WebServer) -> None:
    assert read(Place(web.url("/legacy"), ""), allow_private=True).text.strip() == "Café “Ÿ”"


def test_private_pages_need_permission(web: WebServer) -> None:
    with pytest.raises(SourceUnreadable, match="CITEBOT_ALLOW_PRIVATE_URLS"):
        read(Place(web.url("/page"), ""))
    with pytest.raises(SourceGone):
        read(Place(web.url("/missing"), ""), allow_private=True)
