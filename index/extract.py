"""Bytes of one file or page -> its title and plain text. One function per format, a library behind each."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from index.errors import SourceUnreadable

MAX_TEXT = 10_000_000
"""Characters. More than that is a data dump, and would hold the index for a long time."""
MAX_UNZIPPED = 200_000_000
"""Bytes. A .docx is a zip file, and a small one can unpack to fill a disk."""

_TITLE_CHARACTERS = 120
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


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
    title, text = FORMATS[suffix](data, charset)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").replace("\0", "")
    if not text.strip():
        raise SourceUnreadable("it holds no text (a scanned page or a page made by scripts?)")
    if len(text) > MAX_TEXT:
        raise SourceUnreadable(f"it holds {len(text):,} characters of text, more than {MAX_TEXT:,}: split it")
    return Extracted(" ".join(title.split())[:_TITLE_CHARACTERS] or None if title else None, text)


def decode(data: bytes, charset: str | None) -> str:
    """Text of `data`: by its byte order mark, else the declared charset, else UTF-8, else the likeliest one.

    Raises:
        SourceUnreadable: no encoding makes text of it.
    """
    marked = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if data.startswith(mark)), None)
    for encoding in (marked, charset, "utf-8"):
        try:
            if encoding:
                return _plausible(data.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
    from charset_normalizer import from_bytes

    guess = from_bytes(data[:1_000_000]).best()
    try:
        return _plausible(data.decode(guess.encoding)) if guess else _plausible("\x00")
    except UnicodeDecodeError as error:
        raise SourceUnreadable("its characters cannot be decoded: save it as UTF-8") from error


def _plausible(text: str) -> str:
    if len(_CONTROL.findall(text[:100_000])) * 50 > len(text[:100_000]):
        raise SourceUnreadable("it is not text (binary data, or an unknown encoding): save it as UTF-8")
    return text


def _plain(data: bytes, charset: str | None) -> Extracted:
    text = decode(data, charset)
    head, blank, _ = text.lstrip().partition("\n\n")
    titled = (
        bool(blank) and "\n" not in head and len(head) <= _TITLE_CHARACTERS and not head.rstrip().endswith((".", ","))
    )
    return Extracted(head if titled else None, text)


def _markdown(data: bytes, charset: str | None) -> Extracted:
    """Prose of a Markdown file: markup gone, one paragraph per block, code kept, front matter dropped."""
    from markdown_it import MarkdownIt

    source = re.sub(r"\A---\n.*?\n---\n", "", decode(data, charset).replace("\r\n", "\n"), flags=re.DOTALL)
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    blocks = list(_markdown_blocks(tokens))
    title = next(
        (inline.content for opening, inline in pairwise(tokens) if opening.tag == "h1"),
        None,
    )
    return Extracted(title, "\n\n".join(blocks))


def _markdown_blocks(tokens: list[Any]) -> Iterator[str]:
    row: list[str] = []
    in_row = False
    for token in tokens:
        if token.type in {"tr_open", "tr_close"}:
            in_row = token.type == "tr_open"
            if row and not in_row:
                yield " | ".join(row)
                row = []
        elif token.type == "inline":
            text = "".join(
                "\n" if child.type in {"softbreak", "hardbreak"} else child.content for child in token.children
            )
            if in_row:
                row.append(text)
            else:
                yield text
        elif token.type in {"fence", "code_block"}:
            yield token.content.rstrip("\n")


def _html(data: bytes, charset: str | None) -> Extracted:
    """The main text of a page, without menus, footers and scripts."""
    import lxml.etree
    import lxml.html
    import trafilatura

    try:
        parser = lxml.html.HTMLParser(encoding=charset or _html_charset(data))
        tree = lxml.html.document_fromstring(data, parser=parser)
    except (lxml.etree.LxmlError, LookupError, ValueError) as error:
        raise SourceUnreadable("it is not a page that can be parsed") from error
    title = (tree.findtext(".//title") or "").strip()
    # The extractor edits the tree it is given, and gives up on pages of a sentence or two.
    whole = lxml.html.tostring(tree, encoding="unicode")
    page: Any = trafilatura.bare_extraction(tree, with_metadata=True, include_comments=False, favor_recall=True)
    text = re.sub(r"\n(?!- |\|)", "\n\n", (page.text if page else "") or "")
    return Extracted((page.title if page else None) or title or None, text or _visible_text(whole))


def _html_charset(data: bytes) -> str | None:
    """The charset a page declares about itself; else UTF-8 if its bytes are that, else the parser's own guess."""
    declared = re.search(rb"<meta[^>]+charset=[\"']?([\w-]+)", data[:4096], re.IGNORECASE)
    if declared:
        return declared[1].decode("ascii")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _visible_text(html: str) -> str:
    import lxml.html

    body = lxml.html.document_fromstring(html).find("body")
    if body is None:
        return ""
    for element in list(body.iter("script", "style", "noscript", "template")):
        element.drop_tree()
    lines = (" ".join(line.split()) for line in body.xpath("string()").splitlines())
    return "\n".join(line for line in lines if line)


def _pdf(data: bytes, _charset: str | None) -> Extracted:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise SourceUnreadable("it is encrypted: save a copy without a password")
        pages = [page.extract_text() for page in reader.pages]
        title = reader.metadata.title if reader.metadata else None
    except DependencyError as error:
        raise SourceUnreadable("it is encrypted: save a copy without a password") from error
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        # The parser raises whatever the damage in a file leads it to.
        raise SourceUnreadable("it is a damaged PDF") from error
    return Extracted(title, "\n\n".join(pages))


def _docx(data: bytes, _charset: str | None) -> Extracted:
    import docx
    from docx.table import Table

    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceUnreadable("it is encrypted or an old .doc file: save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNZIPPED:
                raise SourceUnreadable("it unpacks to an unreasonable size")
        document = docx.Document(io.BytesIO(data))
        blocks = [
            "\n".join(" | ".join(cell.text for cell in row.cells) for row in block.rows)
            if isinstance(block, Table)
            else block.text
            for block in document.iter_inner_content()
        ]
        heading = next(
            (p.text for p in document.paragraphs if p.style and p.style.name in {"Title", "Heading 1"}), None
        )
        title = document.core_properties.title or heading
    except (zipfile.BadZipFile, KeyError, ValueError, AttributeError, OSError) as error:
        raise SourceUnreadable("it is a damaged Word file") from error
    return Extracted(title, "\n\n".join(block for block in blocks if block.strip()))


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
