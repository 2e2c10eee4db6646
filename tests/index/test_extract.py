"""Files of every format become their title and text, or one clear error."""

import io
import random
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.document import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from index.errors import SourceUnreadable
from index.extract import FORMATS, MAX_TEXT, decode, extract, suffix_of


def refusal(data: bytes, suffix: str) -> str:
    with pytest.raises(SourceUnreadable) as caught:
        extract(data, suffix)
    return caught.value.reason


# What holds for every format.

NOT_TEXT = "it is not text (binary data, or an unknown encoding): save it as UTF-8"
NO_TEXT = "it holds no text (a scanned page or a page made by scripts?)"


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_empty_file_is_one_clear_error(suffix: str) -> None:
    assert refusal(b"", suffix) == "it is empty"


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_a_file_of_white_space_holds_no_text(suffix: str) -> None:
    assert refusal(b" \n\t\r\n ", suffix) == NO_TEXT


def test_an_unknown_format_names_the_known_ones() -> None:
    assert refusal(b"x", ".png") == "files of type .png are not read; known types: .txt, .md, .html, .pdf, .docx"


def test_a_data_dump_is_refused() -> None:
    assert "split it" in refusal(b"word " * (MAX_TEXT // 5 + 1), ".txt")


@pytest.mark.parametrize("name", ["a.TXT", "a.text", "b/c.Markdown", "x.htm", "x.xhtml", "a.b.PDF", "a.docx"])
def test_common_endings_are_known(name: str) -> None:
    assert suffix_of(name) in FORMATS


@pytest.mark.parametrize("suffix", FORMATS)
@given(st.binary(max_size=300))
@settings(max_examples=40, deadline=None)
def test_any_bytes_are_text_or_a_known_error(suffix: str, data: bytes) -> None:
    try:
        title, text = extract(data, suffix)
    except SourceUnreadable:
        return
    assert text.strip()
    assert not set("\r\0") & set(f"{title}{text}".encode().decode())


# Plain text, and what it is encoded in.

WESTERN = "L’été dernier, à Évian, l’élève naïf a payé 5 £ « pour rien » – c’était très cher.\n"
RUSSIAN = "Президент России провёл переговоры в Москве во вторник утром.\n" * 3
JAPANESE = "大統領は火曜日にモスクワで会談した。和平への道を探る。\n" * 3


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((text, encoding) for text in (WESTERN, RUSSIAN, JAPANESE) for encoding in ("utf-8", "utf-8-sig", "utf-16")),
        *((WESTERN, encoding) for encoding in ("cp1252", "utf-16-le", "utf-16-be")),
        ("Un café déjà vu, naïveté à l’œuvre.".replace("’", "'").replace("œ", "oe"), "latin-1"),
        *((RUSSIAN, encoding) for encoding in ("cp1251", "koi8-r", "utf-16-le", "utf-16-be")),
        *((JAPANESE, encoding) for encoding in ("shift_jis", "euc-jp", "utf-16-le")),
        ("Zażółć gęślą jaźń. Prezydent powiedział, że nie będzie żadnych ustępstw.\n" * 3, "cp1250"),
    ],
)
def test_a_text_is_read_in_the_encoding_it_was_written_in(text: str, encoding: str) -> None:
    assert extract(text.encode(encoding), ".txt").text == text


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("ISO-8859-1", "cp1252"),
        ("us-ascii", "cp1252"),
        ("windows-1251", "cp1251"),
        ("big5", "big5"),
    ],
)
def test_a_declared_charset_is_believed_as_browsers_do(declared: str, encoding: str) -> None:
    text = {"cp1251": "Да", "big5": "你好"}.get(encoding, "“é”")
    assert decode(text.encode(encoding), declared) == text


@pytest.mark.parametrize("declared", ["utf-8", "no-such-charset", "undefined", "idna", "base64", "utf-16", "ü"])
def test_a_wrong_charset_is_not_the_last_word(declared: str) -> None:
    assert decode(WESTERN.encode("cp1252"), declared) == WESTERN


def test_a_byte_order_mark_outranks_the_declared_charset() -> None:
    assert decode("Straße".encode("utf-8-sig"), "latin-1") == "Straße"
    assert decode("Straße".encode("utf-16"), "latin-1") == "Straße"


def test_one_broken_byte_does_not_spoil_a_whole_text() -> None:
    damaged = (WESTERN * 20).encode()[:-2] + b"\xc3\n"
    assert extract(damaged, ".txt").text == WESTERN * 19 + WESTERN[:-2] + "\ufffd\n"


NOISE = random.Random(0).randbytes(200_000)  # noqa: S311 - the same in every run


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 4,
        b"\x89PNG\r\n\x1a\n" + NOISE[:5000],
        b"PK\x03\x04" + bytes(500),
        bytes(1000),
        b"\x7fELF" + NOISE,
    ],
    ids=["bytes", "png", "zip", "zeros", "program"],
)
def test_binary_data_is_not_text(data: bytes) -> None:
    assert refusal(data, ".txt") == NOT_TEXT


def test_a_stray_zero_byte_is_dropped() -> None:
    assert extract(b"One\0 stray byte in a text of more than fifty characters.", ".txt").text.startswith("One stray")


def test_a_charset_that_makes_half_characters_does_no_harm() -> None:
    """No UTF-8 file or database takes a lone surrogate, but some of Python's own codecs make them."""
    assert extract(b"a \\ud800 b", ".txt", charset="unicode_escape").text == "a \ufffd b"


def test_line_ends_are_made_one_kind() -> None:
    assert extract(b"a\r\nb\rc\nd\fe", ".txt").text == "a\nb\nc\nd\n\ne"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_short_first_line_above_a_blank_one_is_the_title(newline: str) -> None:
    lines = ["The title", "", "The text.", "More."]
    assert extract(newline.join(lines).encode(), ".txt") == ("The title", "\n".join(lines))


@pytest.mark.parametrize(
    "text", ["A sentence is no title.\n\nText.", "Two\nlines\n\nText.", "Just text", "x" * 121 + "\n\nText"]
)
def test_other_first_lines_are_no_title(text: str) -> None:
    assert extract(text.encode(), ".txt").title is None


# Markdown.

MARKDOWN = """---
title: "From the front matter"
tags: [a, b]
---
# The *first* heading

Some **bold** text with a [link](https://example.com/x) and `code`,
on two lines.

![A picture](a.png)

Second heading
--------------

- one item
- another item

> A quotation.

| Name | Age |
|------|-----|
| *Ann* | 42 |

```python
print("kept")
```

<div align="center">Inside &amp; außerhalb <b>tags</b></div>

Line<br>break, 2 < 3, a_b_c, \\*not emphasis\\*.
"""


def test_markdown_loses_its_markup_and_keeps_its_words() -> None:
    title, text = extract(MARKDOWN.encode(), ".md")
    assert title == "From the front matter"
    assert text.split("\n\n") == [
        "From the front matter",
        "The first heading",
        "Some bold text with a link and code,\non two lines.",
        "A picture",
        "Second heading",
        "one item",
        "another item",
        "A quotation.",
        "Name | Age",
        "Ann | 42",
        'print("kept")',
        "Inside & außerhalb tags",
        "Linebreak, 2 < 3, a_b_c, *not emphasis*.",
    ]


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("# A *plain* `title`\n\nText.", "A plain title"),
        ("A title\n=======\n\nText.", "A title"),
        ("---\ntitle:\nauthor: me\n---\n# Heading\n\nText.", "Heading"),
        ("---\r\ntitle: 'Quoted'\r\n---\r\nText.", "Quoted"),
        ("## Only a lesser heading\n\nText.", None),
        ("Text with --- in it.\n\n---\n\nMore.", None),
    ],
)
def test_a_markdown_title_is_in_the_front_matter_or_the_first_heading(source: str, title: str | None) -> None:
    assert extract(source.encode(), ".md").title == title


def test_deeply_nested_lists_keep_their_words() -> None:
    lines = [f"{'  ' * depth}- item {depth}" for depth in range(30)]
    assert extract("\n".join(lines).encode(), ".md").text.split("\n\n") == [f"item {depth}" for depth in range(30)]


@pytest.mark.parametrize("source", ["<!--\n", "<div ", "<", "<p\n", "&#"])
def test_html_that_is_never_closed_takes_time_in_proportion_to_its_length(source: str) -> None:
    extract(b"<div>\n" + source.encode() * 50_000 + b"\n\nThe end.", ".md")


def test_a_rule_is_not_taken_for_front_matter() -> None:
    assert extract(b"Text.\n\n---\n\nMore text.\n\n---\n", ".md").text == "Text.\n\nMore text."


# Web pages.

PAGE = """<!doctype html><html><head><meta charset="{charset}"><title>The page’s title</title>
<style>p {{ color: red }}</style><script>var hidden = 1;</script></head><body>
<nav><a href="/">Home</a> <a href="/about">About us</a></nav>
<article><p>{text}</p><ul><li>First point of the list</li><li>Second point</li></ul>
<script>document.write("written")</script></article>
<footer>Copyright notice</footer></body></html>"""
PROSE = "Der Präsident sagte am Dienstag „nein“ – mehr war nicht zu hören. " * 3


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "iso-8859-1", "utf-16"])
def test_a_page_loses_its_menus_and_scripts(charset: str) -> None:
    encoding = "cp1252" if charset == "iso-8859-1" else charset
    title, text = extract(PAGE.format(charset=charset, text=PROSE).encode(encoding), ".html")
    assert title == "The page’s title"
    assert PROSE.strip() in text
    assert "First point of the list" in text
    for noise in ("Home", "About us", "hidden", "written", "color", "Copyright"):
        assert noise not in text


def test_a_very_short_page_keeps_its_one_sentence_below_its_title() -> None:
    page = b"<title>T</title><nav><a href=/>Home</a></nav><p>Short page.</p><footer>(c)</footer>"
    assert extract(page, ".html") == ("T", "T\n\nShort page.")


def test_a_title_that_the_text_holds_is_not_repeated() -> None:
    page = b"<title>Office hours</title><h1>Office hours</h1><p>The office closes at six. It opens at eight.</p>"
    assert extract(page, ".html").text.count("Office hours") == 1
    assert extract(b"---\ntitle: Hours\n---\n# Hours\n\nFrom eight.", ".md") == ("Hours", "Hours\n\nFrom eight.")


def test_a_page_that_is_all_title_has_no_text() -> None:
    with pytest.raises(SourceUnreadable, match="holds no text"):
        extract(b"<title>Nothing else</title>", ".html")


def test_paragraphs_of_a_page_stay_apart() -> None:
    page = b"<p>One paragraph of text.</p><p>Another one<br>with a break.</p>"
    assert extract(page, ".html").text == "One paragraph of text.\n\nAnother one\n\nwith a break."


def test_a_page_without_a_declared_charset_is_guessed() -> None:
    assert "à Évian" in extract(f"<p>{WESTERN}</p>".encode("cp1252"), ".html").text
    assert "à Évian" in extract(f"<p>{WESTERN}</p>".encode(), ".html").text


def test_the_charset_of_an_xml_declaration_counts() -> None:
    page = f'<?xml version="1.0" encoding="koi8-r"?><html><body><p>{RUSSIAN}</p></body></html>'
    assert RUSSIAN.strip().replace("\n", " ") in extract(page.encode("koi8-r"), ".html").text


def test_the_charset_of_the_server_outranks_that_of_the_page() -> None:
    page = '<meta charset="utf-8"><p>Да, это так.</p>'
    assert extract(page.encode("cp1251"), ".html", charset="windows-1251").text == "Да, это так."


def test_deeply_nested_pages_are_read_whole() -> None:
    page = "<p>First.</p>" + "<div>" * 400 + "<p>Deep text.</p>" + "</div>" * 400 + "<p>Last.</p>"
    assert extract(page.encode(), ".html").text.split("\n\n") == ["First.", "Deep text.", "Last."]


@pytest.mark.parametrize(
    "page",
    [b"<div id=app></div><script>app()</script>", b"<html></html>", b"<!-- -->", b"<nav><a href=/>Home</a></nav>"],
)
def test_a_page_made_by_scripts_holds_no_text(page: bytes) -> None:
    assert refusal(page, ".html") == NO_TEXT


# PDF.


def pdf(text: str, title: str = "") -> bytes:
    """The smallest PDF that shows one line of text."""
    stream = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Title ({title}) >>",
    ]
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    rows = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return (body + f"xref\n0 {size}\n0000000000 65535 f \n{rows}{trailer}").encode("ascii")


def encrypted(user_password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("A secret."))))
    writer.encrypt(user_password, owner_password="owner", algorithm="RC4-128")  # noqa: S106
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_gives_its_title_and_text() -> None:
    assert extract(pdf("Hello there.", title="A report"), ".pdf") == ("A report", "Hello there.")
    assert extract(pdf("Hello there."), ".pdf").title is None


def test_the_pages_of_a_pdf_are_paragraphs() -> None:
    writer = PdfWriter()
    for words in ("Page one.", "Page two."):
        writer.append(io.BytesIO(pdf(words)))
    assert extract(written(writer), ".pdf").text == "Page one.\n\nPage two."


def test_an_encrypted_pdf_is_one_clear_error() -> None:
    assert refusal(encrypted("password"), ".pdf") == "it is encrypted: save a copy without a password"


def test_a_pdf_that_opens_without_a_password_is_read() -> None:
    assert extract(encrypted(""), ".pdf").text == "A secret."


def test_a_scanned_pdf_holds_no_text() -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    assert refusal(written(writer), ".pdf") == NO_TEXT


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:300],
        lambda _: b"%PDF-1.7\nnothing else",
        lambda _: b"not a PDF at all",
        lambda data: data.replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]"),
        lambda data: data.replace(b"/Pages 2 0 R", b"/Pages 9 0 R"),
    ],
    ids=["cut", "empty", "text", "endless", "no pages"],
)
def test_a_damaged_pdf_is_one_clear_error(damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture) -> None:
    assert refusal(damage(pdf("Hello.")), ".pdf") in {"it is damaged, or no .pdf file at all", NO_TEXT}
    assert caplog.messages == []


# Word.


def saved(document: Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def word(title: str = "") -> Document:
    document = docx.Document()
    document.core_properties.title = title
    return document


def test_a_word_file_gives_its_paragraphs_and_tables_in_order() -> None:
    document = word("From the properties")
    document.add_heading("A heading", 1)
    document.add_paragraph("First paragraph.")
    table = document.add_table(2, 2)
    for cell, words in zip(table._cells, ("Name", "Age", "Ann", "42"), strict=True):  # noqa: SLF001
        cell.text = words
    document.add_paragraph("")
    document.add_paragraph("Last paragraph.")
    title, text = extract(saved(document), ".docx")
    assert title == "From the properties"
    assert text == "A heading\n\nFirst paragraph.\n\nName | Age\nAnn | 42\n\nLast paragraph."


@pytest.mark.parametrize(("level", "title"), [(0, "The heading"), (1, "The heading"), (2, None)])
def test_a_word_file_without_a_title_is_titled_by_its_first_heading(level: int, title: str | None) -> None:
    document = word()
    document.add_heading("The heading", level)
    document.add_paragraph("Text.")
    assert extract(saved(document), ".docx").title == title


def test_a_merged_cell_is_read_once() -> None:
    document = word()
    table = document.add_table(2, 3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "Wide"
    for column, words in enumerate("abc"):
        table.cell(1, column).text = words
    assert extract(saved(document), ".docx").text == "Wide\na | b | c"


def test_a_word_file_without_words_holds_no_text() -> None:
    assert refusal(saved(word("Title")), ".docx") == NO_TEXT


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as member:
        for _ in range(201):
            member.write(b" " * 1_000_000)
    assert len(out.getvalue()) < 300_000
    assert refusal(out.getvalue(), ".docx") == "it unpacks to an unreasonable size"


def test_an_old_or_encrypted_word_file_is_one_clear_error() -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert refusal(old, ".docx") == "it is encrypted or an old .doc file: save it as .docx without a password"


def test_a_damaged_word_file_is_one_clear_error() -> None:
    sound, chance = saved(word("Title")), random.Random(0)  # noqa: S311
    for _ in range(60):
        damaged = bytearray(sound)
        for _ in range(chance.choice([1, 20, 400])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        assert refusal(bytes(damaged), ".docx") in {"it is damaged, or no .docx file at all", NO_TEXT}


def test_another_zip_file_is_no_word_file() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "text")
    assert refusal(out.getvalue(), ".docx") == "it is damaged, or no .docx file at all"
