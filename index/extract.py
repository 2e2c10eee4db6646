"""Bytes of one file or page -> its title and plain text. One function per format, a library behind each."""

import io
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from itertools import groupby, pairwise
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from index.errors import SourceUnreadable

MAX_TEXT = 10_000_000
"""Characters. More than that is a data dump, and would hold the index for a long time."""
MAX_UNZIPPED = 200_000_000
"""Bytes. A .docx is a zip file, and a small one can unpack to fill a disk."""

_TITLE_CHARACTERS = 120
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LATIN_1 = {"ascii", "us-ascii", "iso-8859-1", "iso8859-1", "iso_8859-1", "latin-1", "latin1"}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_NESTING = 100
"""Twice the depth of lists in lists; the parser's own 20 would drop what lies deeper without a word."""
_FRONT_MATTER = re.compile(r"---\n.*?\n---[^\S\n]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:(.*)$", re.MULTILINE)
_DECLARED_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]+(?:charset|encoding)=[\"']?([\w-]+)", re.IGNORECASE)


class Extracted(NamedTuple):
    title: str | None
    text: str


def extract(data: bytes, suffix: str, *, charset: str | None = None) -> Extracted:
    """Title, where the document has one, and text of `data`, whose format `suffix` names (".txt", ".pdf", ...).

    Raises:
        SourceUnreadable: unknown format, encrypted, damaged, undecodable, without text, or far too long.
    """
    if suffix not in FORMATS:
        raise SourceUnreadable(f"files of type {suffix or '(none)'} are not read; known types: {', '.join(FORMATS)}")
    if not data:
        raise SourceUnreadable("it is empty")
    try:
        title, text = FORMATS[suffix](data, charset)
    except SourceUnreadable:
        raise
    except Exception as error:
        raise SourceUnreadable(f"it is damaged, or no {suffix} file at all") from error
    text = _clean(text).replace("\f", "\n\n")
    if not text.strip():
        raise SourceUnreadable("it holds no text (a scanned page or a page made by scripts?)")
    if len(text) > MAX_TEXT:
        raise SourceUnreadable(f"it holds {len(text):,} characters of text, more than {MAX_TEXT:,}: split it")
    return Extracted(" ".join(_clean(title or "").split())[:_TITLE_CHARACTERS] or None, text)


def decode(data: bytes, charset: str | None) -> str:
    """Text of `data`: by its byte order mark, else the declared charset, else UTF-8, else the likeliest one.

    Raises:
        SourceUnreadable: no encoding makes text of it.
    """
    for encoding, errors in _encodings(data, charset):
        try:
            text = data.decode(encoding, errors)
        except (UnicodeError, LookupError):
            continue
        if len(_CONTROL.findall(text[:100_000])) * 50 <= len(text[:100_000]):
            return _clean(text)
    raise SourceUnreadable("it is not text (binary data, or an unknown encoding): save it as UTF-8")


def _encodings(data: bytes, charset: str | None) -> Iterator[tuple[str, str]]:
    """What `data` may be encoded in, likeliest first, each with what to do about errors."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            yield encoding, "strict"
    if charset:
        # As browsers do: who declares Latin-1 has more often than not used the printable characters of cp1252.
        yield "cp1252" if charset.lower() in _LATIN_1 else charset, "strict"
    yield "utf-8", "strict"
    lenient = data.decode("utf-8", "replace")
    beyond_ascii = len(lenient) - len(lenient.encode("ascii", "ignore"))
    if lenient.count("\ufffd") * 20 < beyond_ascii:
        yield "utf-8", "replace"
    from charset_normalizer import from_bytes

    guesses = from_bytes(data[:1_000_000])
    if best := guesses.best():
        # Equally good guesses come in alphabetical order, but Western European text is by far the most common.
        western = (guess for guess in guesses if guess.encoding == "cp1252" and guess.chaos <= best.chaos)
        yield next(western, best).encoding, "strict"


def _clean(text: str) -> str:
    """One kind of line end; none of the characters that no file or database can hold."""
    return _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))


def _plain(data: bytes, charset: str | None) -> Extracted:
    text = decode(data, charset)
    head, blank, _ = text.lstrip().partition("\n\n")
    titled = (
        bool(blank) and "\n" not in head and len(head) <= _TITLE_CHARACTERS and not head.rstrip().endswith((".", ","))
    )
    return Extracted(head if titled else None, text)


def _headed(title: str | None, text: str) -> str:
    """The text with its title in front, as the reader of a page sees it: what it is about is found there."""
    title = " ".join((title or "").split())
    return f"{title}\n\n{text}" if text and title not in text else text


def _markdown(data: bytes, charset: str | None) -> Extracted:
    """Prose of a Markdown file: markup gone, one paragraph per block, code kept, front matter dropped."""
    from markdown_it import MarkdownIt

    source = decode(data, charset)
    front = _FRONT_MATTER.match(source)
    named = _FRONT_TITLE.search(front[0]) if front else None
    title = named[1].strip("\"' ") if named else None
    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable("table")
    tokens = parser.parse(source[front.end() :] if front else source)
    headings = (_markdown_text(inline) for opening, inline in pairwise(tokens) if opening.tag == "h1")
    return Extracted(title or next(headings, None), _headed(title, "\n\n".join(_markdown_blocks(tokens))))


def _markdown_blocks(tokens: list[Any]) -> Iterator[str]:
    import lxml.html

    parser = lxml.html.HTMLParser(encoding="utf-8")
    row: list[str] = []
    in_row = False
    for token in tokens:
        if token.type in {"tr_open", "tr_close"}:
            in_row = token.type == "tr_open"
            if row and not in_row:
                yield " | ".join(row)
                row = []
        elif token.type == "inline":
            if in_row:
                row.append(_markdown_text(token))
            else:
                yield _markdown_text(token)
        elif token.type in {"fence", "code_block"}:
            yield token.content.rstrip("\n")
        elif token.type == "html_block":
            fragment = lxml.html.fragment_fromstring(token.content.encode(), create_parent=True, parser=parser)
            yield fragment.text_content().strip()


def _markdown_text(inline: Any) -> str:
    return "".join(
        "\n" if child.type in {"softbreak", "hardbreak"} else "" if child.type == "html_inline" else child.content
        for child in inline.children
    )


def _html(data: bytes, charset: str | None) -> Extracted:
    """The main text of a page, without menus, footers and scripts."""
    import lxml.etree
    import lxml.html
    import trafilatura

    declared = _DECLARED_CHARSET.search(data[:4096])
    page = decode(data, charset or (declared and declared[1].decode("ascii")))
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        tree = lxml.html.document_fromstring(page.encode(), parser=parser)
    except lxml.etree.ParserError:  # nothing but white space and comments
        return Extracted(None, "")
    for menu in list(tree.iter("nav", "footer")):
        menu.drop_tree()
    title = tree.findtext(".//title")  # taken now: the extractor edits the tree it is given
    main: Any = trafilatura.bare_extraction(tree, with_metadata=True, include_comments=False, favor_recall=True)
    if not main:
        return Extracted(title, "")
    title = main.title or title
    return Extracted(title, _headed(title, re.sub(r"\n(?!- |\|)", "\n\n", main.text)))


def _pdf(data: bytes, _charset: str | None) -> Extracted:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every oddity that it works around
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise SourceUnreadable("it is encrypted: save a copy without a password")
        pages = [page.extract_text() for page in reader.pages]
    except DependencyError as error:
        raise SourceUnreadable("it is encrypted: save a copy without a password") from error
    return Extracted(reader.metadata.title if reader.metadata else None, "\n\n".join(pages))


def _docx(data: bytes, _charset: str | None) -> Extracted:
    import docx
    from docx.table import Table

    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceUnreadable("it is encrypted or an old .doc file: save it as .docx without a password")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNZIPPED:
            raise SourceUnreadable("it unpacks to an unreasonable size")
    document = docx.Document(io.BytesIO(data))
    blocks = [
        "\n".join(" | ".join(_cells(row)) for row in block.rows) if isinstance(block, Table) else block.text
        for block in document.iter_inner_content()
    ]
    headings = (p.text for p in document.paragraphs if p.style and p.style.name in {"Title", "Heading 1"})
    title = document.core_properties.title or next(headings, None)
    return Extracted(title, "\n\n".join(block for block in blocks if block.strip()))


def _cells(row: Any) -> Iterator[str]:
    """The texts of a table row; a merged cell, which python-docx gives once for each column, once."""
    return (next(same).text for _, same in groupby(row.cells, key=lambda cell: cell._tc))  # noqa: SLF001


FORMATS: dict[str, Callable[[bytes, str | None], Extracted]] = {
    ".txt": _plain,
    ".md": _markdown,
    ".html": _html,
    ".pdf": _pdf,
    ".docx": _docx,
}
"""Formats by the file name's ending."""

ALIASES = {".text": ".txt", ".markdown": ".md", ".htm": ".html", ".xhtml": ".html"}


def suffix_of(name: str) -> str:
    """The format key of a file name or URL path, whether or not that format is known."""
    suffix = PurePosixPath(name).suffix.lower()
    return ALIASES.get(suffix, suffix)
