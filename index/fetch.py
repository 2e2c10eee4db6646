"""One web page, fetched with limits: size, time, redirects, and no address inside the reader's own network."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

import httpx

from index.errors import SourceGone, SourceUnreadable
from index.extract import FORMATS, suffix_of

_LAST_PORT = 65_535
_REDIRECTS = {301, 302, 303, 307, 308}
_CODINGS = {"", "identity", "gzip", "deflate"}
_CONTENT_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}
_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: an IPv4 address in its last 32 bits, which a gateway connects to."""

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Limits:
    """What one page may cost: bytes after decompression, seconds from the first look-up to the last byte, redirects."""

    size: int = 10_000_000
    seconds: float = 20.0
    redirects: int = 5


LIMITS = Limits()


class Page(NamedTuple):
    data: bytes
    suffix: str
    charset: str | None


def is_url(place: str) -> bool:
    return "://" in place


def is_public(address: Address) -> bool:
    """Whether `address` is one machine's for the whole internet; an address that holds another is judged by that."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def fetch(url: str, *, allowed: Callable[[Address], bool] = is_public, limits: Limits = LIMITS) -> Page:
    """Fetches `url`, following redirects; only from addresses that are `allowed`. Not to be called in an event loop.

    Each name is resolved once and the connection goes to that very address, so that a name cannot point to a
    public address while it is checked and to a private one while it is fetched.

    Raises:
        SourceGone: the page does not exist.
        SourceUnreadable: anything else that keeps it from being read, in words for the user.
    """
    try:
        return asyncio.run(_fetch(url, allowed, limits))
    except TimeoutError as error:
        raise SourceUnreadable(f"it did not arrive within {limits.seconds:g} seconds") from error
    except httpx.InvalidURL as error:
        raise SourceUnreadable("it is not a valid address") from error
    except httpx.HTTPError as error:
        raise SourceUnreadable(_reason(error)) from error


async def _fetch(url: str, allowed: Callable[[Address], bool], limits: Limits) -> Page:
    headers = {"User-Agent": "citebot", "Accept-Encoding": "gzip, deflate"}
    # Proxy settings are ignored: behind a proxy the address check would check the proxy.
    async with (
        asyncio.timeout(limits.seconds),
        httpx.AsyncClient(trust_env=False, headers=headers, timeout=None) as client,  # noqa: S113 - limited as a whole
    ):
        here = httpx.URL(url)
        for _ in range(limits.redirects + 1):
            response = await _send(client, here, allowed)
            try:
                if response.status_code not in _REDIRECTS or "location" not in response.headers:
                    return await _page(response, here.path, limits)
                here = here.join(response.headers["location"])
            finally:
                await response.aclose()
    raise SourceUnreadable(f"it redirects more than {limits.redirects} times")


async def _send(client: httpx.AsyncClient, url: httpx.URL, allowed: Callable[[Address], bool]) -> httpx.Response:
    """The answer's head, from the first of the host's addresses that takes a connection."""
    if url.scheme not in {"http", "https"} or not url.host:
        raise SourceUnreadable("only http and https addresses are fetched")
    if (url.port or 0) > _LAST_PORT:
        raise SourceUnreadable("it is not a valid address")
    if url.userinfo:
        raise SourceUnreadable("addresses with a user name or password are not fetched")
    host = url.raw_host.decode("ascii")
    failure: Exception = SourceUnreadable(f"the host {host} is not known")
    for address in await _resolve(host, allowed):
        pinned = url.copy_with(host=address, fragment=None)
        request = client.build_request("GET", pinned, headers={"Host": url.netloc.decode("ascii")})
        request.extensions["sni_hostname"] = host
        try:
            return await client.send(request, stream=True)
        except httpx.ConnectError as error:
            failure = error
    raise failure


async def _resolve(host: str, allowed: Callable[[Address], bool]) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceUnreadable(f"the host {host} is not known") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not all(allowed(ip_address(address.partition("%")[0])) for address in addresses):
        raise SourceUnreadable(
            f"{host} is an address of a private network; set CITEBOT_ALLOW_PRIVATE_URLS=true to allow it"
        )
    return addresses


async def _page(response: httpx.Response, path: str, limits: Limits) -> Page:
    if response.status_code in {404, 410}:
        raise SourceGone(f"the server answered {response.status_code}")
    if response.status_code != httpx.codes.OK:
        raise SourceUnreadable(f"the server answered {response.status_code}")
    suffix = _suffix(response, path)
    # Codings can be nested, and others unpack further: a few kilobytes would fill the memory in one step.
    if response.headers.get("content-encoding", "").lower() not in _CODINGS:
        raise SourceUnreadable("it is compressed in a way that was not asked for")
    data = bytearray()
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > limits.size:
            raise SourceUnreadable(f"it is larger than {limits.size / 1e6:g} MB")
    return Page(bytes(data), suffix, response.charset_encoding)


def _suffix(response: httpx.Response, path: str) -> str:
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    by_name = suffix_of(path)
    if content_type in {"text/plain", "application/octet-stream", ""} and by_name in FORMATS:
        return by_name
    if content_type not in _CONTENT_TYPES:
        raise SourceUnreadable(f"pages of type {content_type or 'unknown'} are not read")
    return _CONTENT_TYPES[content_type]


def _reason(error: httpx.HTTPError) -> str:
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError):
        return "its server cannot be reached"
    if isinstance(error, httpx.DecodingError):
        return "its compressed contents are damaged"
    return "its server's answer is broken"
