"""A web server on loopback whose pages a test writes: any status, header and body, as slowly as wanted."""

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

_CERTIFICATE = Path(__file__).with_name("self-signed.pem")
"""With its key, for localhost, until 2126. Nobody should trust it, and the tests see to that."""


@dataclass(frozen=True)
class Response:
    body: bytes = b""
    content_type: str = "text/plain"
    status: int = 200
    headers: Mapping[str, str] | None = None


def redirect(location: str, status: int = 302) -> Response:
    return Response(status=status, headers={"Location": location})


Handler = BaseHTTPRequestHandler
Page = Response | Callable[[Handler], None]
"""A response, or a function that writes what it likes."""


class WebServer:
    """Use as a context manager. `pages` are by path and may change while it runs; any other path is a 404."""

    def __init__(self, pages: Mapping[str, Page] | None = None, *, host: str = "127.0.0.1", tls: bool = False) -> None:
        self.pages: dict[str, Page] = dict(pages or {})
        self.requests: list[Handler] = []
        self.closing = threading.Event()
        self._host, self._scheme = host, "https" if tls else "http"
        self._server = ThreadingHTTPServer((host, 0), self._handler())
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(_CERTIFICATE)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "/", host: str | None = None) -> str:
        return f"{self._scheme}://{host or self._host}:{self.port}{path}"

    def drip(self, http: Handler, head: bytes, drop: bytes) -> None:
        """Sends `head`, then one drop after another, without an end, until the server is closed."""
        http.wfile.write(head)
        while not self.closing.wait(0.01):
            http.wfile.write(drop)
            http.wfile.flush()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[Handler]:
        server = self

        class PageHandler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                """Says nothing."""

            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:  # the client has had enough
                    self.close_connection = True

            def do_GET(self) -> None:
                server.requests.append(self)
                page = server.pages.get(self.path.partition("?")[0], Response(b"no such page", status=404))
                if callable(page):
                    page(self)
                    return
                self.send_response(page.status)
                if page.content_type:
                    self.send_header("Content-Type", page.content_type)
                for name, value in (page.headers or {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(page.body)

        return PageHandler
