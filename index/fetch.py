"""One web page, fetched with limits: size, time, redirects, and no address inside the reader's own network."""

import ipaddress
import socket
import time
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx

from index.errors import SourceGone, SourceUnreadable
from index.extract import FORMATS, suffix_of

MAX_BYTES = 10_000_000
MAX_SECONDS = 20.0
MAX_REDIRECTS = 5

_REDIRECTS = {301, 302, 303, 307, 308}
_CONTENT_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}


class Page(NamedTuple):
    data: bytes
    suffix: str
    charset: str | None


def is_url(place: str) -> bool:
    return "://" in place


def fetch(url: str, *, allow_private: bool = False) -> Page:
    """Fetches `url`, following up to MAX_REDIRECTS redirects, each checked like the first address.

    The name is resolved once and the connection goes to that very address, so that a name cannot point to a
    public address while it is checked and to a private one while it is fetched.

    Raises:
        SourceGone: the page does not exist.
        SourceUnreadable: anything else that keeps it from being read, in words for the user.
    """
    deadline = time.monotonic() + MAX_SECONDS
    # Proxy settings are ignored: behind a proxy the address check would check the proxy.
    with httpx.Client(trust_env=False, headers={"User-Agent": "citebot", "Accept-Encoding": "gzip, deflate"}) as client:
        for _ in range(MAX_REDIRECTS + 1):
            try:
                answer = _get(client, url, deadline, allow_private=allow_private)
            except httpx.TimeoutException as error:
                raise SourceUnreadable(f"no answer within {MAX_SECONDS:.0f} seconds") from error
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise SourceUnreadable(f"the connection failed ({type(error).__name__})") from error
            if isinstance(answer, Page):
                return answer
            url = urljoin(url, answer)
    raise SourceUnreadable(f"more than {MAX_REDIRECTS} redirects")


def _get(client: httpx.Client, url: str, deadline: float, *, allow_private: bool) -> Page | str:
    """The page, or the address it redirects to."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SourceUnreadable("only http and https addresses are fetched")
    address = _resolve(
        parts.hostname, parts.port or (443 if parts.scheme == "https" else 80), allow_private=allow_private
    )
    pinned = httpx.URL(url).copy_with(host=address, username=None, password=None, fragment=None)
    host = httpx.URL(url).netloc.decode("ascii").rpartition("@")[2]
    request = client.build_request(
        "GET", pinned, headers={"Host": host}, timeout=max(0.001, deadline - time.monotonic())
    )
    request.extensions["sni_hostname"] = httpx.URL(url).raw_host.decode("ascii")
    response = client.send(request, stream=True)
    try:
        if response.status_code in _REDIRECTS and "location" in response.headers:
            return response.headers["location"]
        if response.status_code in {404, 410}:
            raise SourceGone(f"the server answered {response.status_code}")
        if response.status_code != httpx.codes.OK:
            raise SourceUnreadable(f"the server answered {response.status_code}")
        return Page(_body(response, deadline), _suffix(response, parts.path), response.charset_encoding)
    finally:
        response.close()


def _body(response: httpx.Response, deadline: float) -> bytes:
    data = bytearray()
    for chunk in response.iter_bytes(65_536):
        data += chunk
        if len(data) > MAX_BYTES:
            raise SourceUnreadable(f"it is larger than {MAX_BYTES // 1_000_000} MB")
        if time.monotonic() > deadline:
            raise SourceUnreadable(f"it did not arrive within {MAX_SECONDS:.0f} seconds")
    return bytes(data)


def _suffix(response: httpx.Response, path: str) -> str:
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    by_name = suffix_of(path)
    if content_type in {"text/plain", "application/octet-stream", ""} and by_name in FORMATS:
        return by_name
    if content_type not in _CONTENT_TYPES:
        raise SourceUnreadable(f"pages of type {content_type or 'unknown'} are not read")
    return _CONTENT_TYPES[content_type]


def _resolve(host: str, port: int, *, allow_private: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceUnreadable(f"the host {host} is not known") from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        ip = ipaddress.ip_address(address.partition("%")[0])
        mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
        if not allow_private and not (mapped or ip).is_global:
            raise SourceUnreadable(
                f"{host} is an address of a private network; set CITEBOT_ALLOW_PRIVATE_URLS=true to allow it"
            )
    return addresses[0]
