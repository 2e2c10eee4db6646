"""A page is fetched within its limits, and never from an address inside one's own network."""

import gzip
import ipaddress
import socket
import zlib
from collections.abc import Iterator

import pytest
from web_server import Handler, Response, WebServer, redirect

from index.errors import SourceGone, SourceUnreadable
from index.fetch import Address, Limits, fetch, is_public, is_url

SHORT = Limits(seconds=0.3)
SMALL = Limits(size=1000)
TEXT = b"Steve Witkoff met Putin in Moscow."


def anywhere(_: Address) -> bool:
    return True


def first_loopback_only(address: Address) -> bool:
    """Lets a test stand on 127.0.0.1 as if that were public; all of 127.0.0.0/8 reaches this machine."""
    return address == ipaddress.ip_address("127.0.0.1")


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer({"/": Response(TEXT)}) as server:
        yield server


def refusal(url: str, limits: Limits = Limits()) -> str:  # noqa: B008 - frozen
    with pytest.raises(SourceUnreadable) as caught:
        fetch(url, allowed=anywhere, limits=limits)
    return caught.value.reason


def test_a_page_comes_with_its_format_and_charset(web: WebServer) -> None:
    web.pages["/a"] = Response(TEXT, "text/html; charset=ISO-8859-1")
    assert fetch(web.url("/a"), allowed=anywhere) == (TEXT, ".html", "iso-8859-1")
    assert fetch(web.url("/"), allowed=anywhere) == (TEXT, ".txt", None)


def test_the_server_is_asked_by_its_name(web: WebServer) -> None:
    fetch(web.url("/?q=1#fragment", host="localhost"), allowed=anywhere)
    [request] = web.requests
    assert request.headers["Host"] == f"localhost:{web.port}"
    assert request.path == "/?q=1"
    assert request.headers["User-Agent"] == "citebot"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(web: WebServer, status: int) -> None:
    web.pages["/old/page"] = redirect("../new", status)
    web.pages["/new"] = redirect(web.url("/"), status)
    assert fetch(web.url("/old/page"), allowed=anywhere).data == TEXT


def test_a_redirect_loop_ends(web: WebServer) -> None:
    web.pages["/loop"] = redirect("/loop")
    assert refusal(web.url("/loop"), Limits(redirects=3)) == "it redirects more than 3 times"
    assert len(web.requests) == 4


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:70/x"])
def test_a_redirect_to_anything_but_a_page_is_refused(web: WebServer, target: str) -> None:
    web.pages["/away"] = redirect(target)
    assert refusal(web.url("/away")) == "only http and https addresses are fetched"


@pytest.mark.parametrize("target", ["http://[::1", "http://127.0.0.1:x/", "javascript:1", "data:text/plain,x"])
def test_a_redirect_to_what_is_no_address_is_one_clear_error(web: WebServer, target: str) -> None:
    web.pages["/away"] = redirect(target)
    assert refusal(web.url("/away")) in {"its server's answer is broken", "it is not a valid address"}


def test_a_redirect_without_a_target_is_an_answer_like_any_other(web: WebServer) -> None:
    web.pages["/nowhere"] = Response(status=302)
    assert refusal(web.url("/nowhere")) == "the server answered 302"


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_does_not_exist_is_gone(web: WebServer, status: int) -> None:
    web.pages["/gone"] = Response(status=status)
    with pytest.raises(SourceGone, match=str(status)):
        fetch(web.url("/gone"), allowed=anywhere)


@pytest.mark.parametrize("status", [204, 206, 304, 401, 403, 429, 500, 503])
def test_any_other_status_is_an_error_but_no_sign_that_the_page_is_gone(web: WebServer, status: int) -> None:
    web.pages["/page"] = Response(status=status)
    with pytest.raises(SourceUnreadable, match=f"the server answered {status}") as caught:
        fetch(web.url("/page"), allowed=anywhere)
    assert not isinstance(caught.value, SourceGone)


# Where a page may come from.

PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
PRIVATE = [
    *("127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("0.0.0.0", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
    *("2002:7f00:1::", "2001:0:7f00:1::"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_ones_own_network_is_not_public_however_it_is_wrapped(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "LOCALHOST", "127.1", "0", "2130706433", "0x7f000001", "169.254.169.254"),
        *("[::1]", "[::ffff:127.0.0.1]", "[fe80::1]", "0.0.0.0"),
    ],
)
def test_a_private_host_is_refused_before_anything_is_sent(web: WebServer, host: str) -> None:
    with pytest.raises(SourceUnreadable, match="private network; set CITEBOT_ALLOW_PRIVATE_URLS=true to allow it"):
        fetch(web.url(host=host))
    assert web.requests == []


@pytest.mark.parametrize("host", ["127.0.0.2", "[::1]", "169.254.169.254", "[::ffff:127.0.0.2]"])
def test_a_redirect_to_a_private_address_is_refused(web: WebServer, host: str) -> None:
    web.pages["/away"] = redirect(web.url("/", host=host))
    with pytest.raises(SourceUnreadable, match="private network"):
        fetch(web.url("/away"), allowed=first_loopback_only)
    assert [request.path for request in web.requests] == ["/away"]


def test_a_name_is_judged_by_every_address_it_has(web: WebServer) -> None:
    judged: list[Address] = []

    def all_but_the_last(address: Address) -> bool:
        judged.append(address)
        return len(judged) < len(socket.getaddrinfo("localhost", None, type=socket.SOCK_STREAM))

    with pytest.raises(SourceUnreadable, match="localhost is an address of a private network"):
        fetch(web.url(host="localhost"), allowed=all_but_the_last)


def test_user_names_in_an_address_are_refused_for_they_mislead_and_leak(web: WebServer) -> None:
    for trick in (f"http://example.com@127.0.0.1:{web.port}/", f"http://user:secret@127.0.0.1:{web.port}/"):
        assert refusal(trick) == "addresses with a user name or password are not fetched"
    assert web.requests == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.com/a.txt", "gopher://127.0.0.1/", "http://", "data://x", "://"]
)
def test_only_web_addresses_are_fetched(url: str) -> None:
    assert is_url(url)
    assert refusal(url) in {"only http and https addresses are fetched", "it is not a valid address"}


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:99999/", "http://127.0.0.1:port/", "http://a\nb/"])
def test_a_malformed_address_is_one_clear_error(url: str) -> None:
    assert refusal(url) == "it is not a valid address"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "x" * 300])
def test_an_unknown_host_is_one_clear_error(host: str) -> None:
    assert refusal(f"http://{host}/") in {f"the host {host} is not known", "it is not a valid address"}


def test_a_server_that_is_not_there_is_one_clear_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert refusal(f"http://127.0.0.1:{unused.getsockname()[1]}/") == "its server cannot be reached"


def test_a_host_is_tried_at_each_of_its_addresses(web: WebServer) -> None:
    """`localhost` is two addresses on most machines, and a server often listens at one of them only."""
    assert fetch(web.url(host="localhost"), allowed=anywhere).data == TEXT


def test_a_certificate_that_nobody_vouches_for_is_one_clear_error() -> None:
    with WebServer({"/": Response(TEXT)}, tls=True) as server:
        assert refusal(server.url()) == "its certificate is not trusted (self-signed certificate)"
        assert server.requests == []


# What a page may cost.


def test_a_page_over_the_size_limit_is_refused(web: WebServer) -> None:
    web.pages["/big"] = Response(b"x" * 1001)
    web.pages["/fits"] = Response(b"x" * 1000)
    assert refusal(web.url("/big"), SMALL) == "it is larger than 0.001 MB"
    assert len(fetch(web.url("/fits"), allowed=anywhere, limits=SMALL).data) == 1000


def test_an_endless_page_is_not_read_to_its_end(web: WebServer) -> None:
    def endless(http: Handler) -> None:
        web.drip(http, b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"x" * 500)

    web.pages["/endless"] = endless
    assert refusal(web.url("/endless"), SMALL) == "it is larger than 0.001 MB"


def test_compressed_pages_are_unpacked(web: WebServer) -> None:
    web.pages["/gzip"] = Response(gzip.compress(TEXT), headers={"Content-Encoding": "gzip"})
    web.pages["/deflate"] = Response(zlib.compress(TEXT), headers={"Content-Encoding": "deflate"})
    assert fetch(web.url("/gzip"), allowed=anywhere).data == TEXT
    assert fetch(web.url("/deflate"), allowed=anywhere).data == TEXT


def test_it_is_the_unpacked_size_that_counts(web: WebServer) -> None:
    bomb = gzip.compress(b"\0" * 1_000_000)
    web.pages["/bomb"] = Response(bomb, headers={"Content-Encoding": "gzip"})
    assert refusal(web.url("/bomb"), Limits(size=500_000)) == "it is larger than 0.5 MB"
    assert len(bomb) < 2000


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "zstd", "x-unknown"])
def test_nested_and_unknown_compression_is_refused(web: WebServer, coding: str) -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 1_000_000))
    web.pages["/bomb"] = Response(bomb, headers={"Content-Encoding": coding})
    assert refusal(web.url("/bomb")) == "it is compressed in a way that was not asked for"


def test_damaged_compression_is_one_clear_error(web: WebServer) -> None:
    web.pages["/bad"] = Response(b"not gzip at all", headers={"Content-Encoding": "gzip"})
    assert refusal(web.url("/bad")) == "its compressed contents are damaged"


HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n"


@pytest.mark.parametrize(
    ("head", "drop"),
    [(HEAD + b"\r\n", b"x"), (HEAD, b"X-A: b\r\n"), (b"HTTP/1.0 200 ", b"O"), (b"", b"")],
    ids=["body", "headers", "status line", "silence"],
)
def test_a_page_that_trickles_in_is_given_up_at_the_deadline(web: WebServer, head: bytes, drop: bytes) -> None:
    web.pages["/slow"] = lambda http: web.drip(http, head, drop)
    assert refusal(web.url("/slow"), SHORT) == "it did not arrive within 0.3 seconds"


def test_the_deadline_is_for_all_redirects_together(web: WebServer) -> None:
    def hesitate(http: Handler) -> None:
        web.closing.wait(0.2)
        http.send_response(302)
        http.send_header("Location", "/slow")
        http.end_headers()

    web.pages["/slow"] = hesitate
    assert refusal(web.url("/slow"), SHORT) == "it did not arrive within 0.3 seconds"


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"])
def test_a_server_that_breaks_off_is_one_clear_error(web: WebServer, answer: bytes) -> None:
    def odd(http: Handler) -> None:
        http.wfile.write(answer)

    web.pages["/odd"] = odd
    assert refusal(web.url("/odd")) in {
        "its server's answer is broken",
        "pages of type unknown are not read",
    }


# What a page may be.


@pytest.mark.parametrize(
    ("content_type", "path", "suffix"),
    [
        ("text/html", "/a", ".html"),
        ("TEXT/HTML; charset=utf-8", "/a.pdf", ".html"),
        ("application/xhtml+xml", "/a", ".html"),
        ("text/plain", "/readme.md", ".md"),
        ("text/plain", "/a.unknown", ".txt"),
        ("text/markdown", "/a", ".md"),
        ("application/pdf", "/a", ".pdf"),
        ("application/octet-stream", "/report.pdf", ".pdf"),
        ("application/octet-stream", "/notes.DOCX", ".docx"),
        ("", "/page.htm", ".html"),
    ],
)
def test_the_format_is_what_the_server_says_or_else_the_name(
    web: WebServer, content_type: str, path: str, suffix: str
) -> None:
    web.pages[path] = Response(TEXT, content_type)
    assert fetch(web.url(path), allowed=anywhere).suffix == suffix


@pytest.mark.parametrize("content_type", ["image/png", "application/json", "video/mp4", "application/octet-stream", ""])
def test_other_formats_are_refused_without_being_downloaded(web: WebServer, content_type: str) -> None:
    def endless(http: Handler) -> None:
        head = f"HTTP/1.0 200 OK\r\nContent-Type: {content_type}\r\n\r\n"
        web.drip(http, head.encode(), b"x")

    web.pages["/a"] = endless
    assert refusal(web.url("/a")) == f"pages of type {content_type or 'unknown'} are not read"
