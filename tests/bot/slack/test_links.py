"""Links go to sources, and to the quoted words of a web page."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from slack_answers import texts

from bot.slack.links import web_link
from bot.slack.message import URL

PAGE = "https://intra.example.org/canteen"


@pytest.mark.parametrize(
    ("quote", "fragment"),
    [
        ("Lunch is served.", "Lunch%20is%20served."),
        ("well-known, a & b", "well%2Dknown%2C%20a%20%26%20b"),
        ("Heading\nThe first words", "Heading%20The,first%20words"),
        (
            "The first five words of it, then so much more that nobody would name it all, and the last five words.",
            "The%20first%20five%20words%20of,and%20the%20last%20five%20words.",
        ),
        ("ÖPNV 日本", "%C3%96PNV%20%E6%97%A5%E6%9C%AC"),
    ],
)
def test_a_web_page_is_opened_at_the_quoted_words(quote: str, fragment: str) -> None:
    assert web_link(PAGE, quote) == f"{PAGE}#:~:text={fragment}"


def test_a_page_with_an_anchor_keeps_it() -> None:
    assert web_link(f"{PAGE}#menu", "Lunch") == f"{PAGE}#menu:~:text=Lunch"


@pytest.mark.parametrize(
    "source",
    ["docs/a.md", "/srv/a.txt", "file:///etc/passwd", "javascript:alert(1)", "https:///x", "http://[", "", "C:\\a"],
)
def test_what_is_no_web_page_has_no_link(source: str) -> None:
    assert web_link(source, "words") == ""


def test_a_link_that_slack_would_refuse_is_shortened_or_left_out() -> None:
    assert web_link(PAGE, "w" * 4_000) == PAGE
    assert web_link(f"{PAGE}/{'y' * URL}", "words") == ""


@given(texts, texts)
def test_no_address_holds_what_could_end_it(path: str, quote: str) -> None:
    link = web_link(f"https://x.example/{path}", quote)
    assert not set(link) & set(' <>|"\n\t')
    assert link.isascii()
    assert not link or urlsplit(link).netloc == "x.example"
    assert "\x00" not in unquote(link.partition(":~:text=")[2])
