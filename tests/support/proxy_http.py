"""The HTTP half of the test proxy: reads requests, passes them on, writes answers."""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# RFC 9110 §7.6.1: these belong to one connection. Bodies travel whole, with their length.
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "expect"}
_UPSTREAM_SECONDS = 60


@dataclass(frozen=True)
class Request:
    """A request as it came in: ``path`` is the raw target, header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What goes back; ``cut_after`` breaks the connection after so many bytes of the body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    cut_after: int | None = None


class Dropped(Exception):
    """Raised instead of an answer: the connection is cut without one."""


def forward(upstream: str, request: Request, authority: Path | None = None) -> Answer:
    """Send the request on as it is, Host included; 502 if nobody answers.

    ``authority`` is the certificate to trust where ``upstream`` is https.
    """
    connection = _connect(upstream, authority)
    try:
        connection.putrequest(
            request.method, request.path, skip_host=True, skip_accept_encoding=True
        )
        for name, value in request.headers.items():
            if name not in _HOP_BY_HOP:
                connection.putheader(name, value)
        if "transfer-encoding" in request.headers:
            connection.putheader("content-length", str(len(request.body)))
        connection.endheaders(request.body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read())
    except (OSError, http.client.HTTPException) as error:
        return Answer(502, [("Content-Type", "text/plain")], repr(error).encode())
    finally:
        connection.close()


def _connect(upstream: str, authority: Path | None) -> http.client.HTTPConnection:
    parts = urlsplit(upstream)
    if parts.scheme == "https":
        return http.client.HTTPSConnection(
            parts.netloc,
            timeout=_UPSTREAM_SECONDS,
            context=ssl.create_default_context(cafile=authority),
        )
    return http.client.HTTPConnection(parts.netloc, timeout=_UPSTREAM_SECONDS)


class HttpFront:
    """A threaded server on a free loopback port that asks ``answer`` about every request."""

    def __init__(
        self, answer: Callable[[Request], Answer], certificate: tuple[Path, Path] | None = None
    ) -> None:
        self._handler = type("Handler", (_Handler,), {"ask": staticmethod(answer)})
        self._certificate = certificate
        self._bind(0)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.server_address[1]

    def start(self) -> None:
        """Begin to answer."""
        self._server.server_activate()
        self._thread.start()

    def pause(self) -> None:
        """Refuse connections from now on, and keep the port for the next :meth:`start`."""
        port = self.port
        self.stop()
        self._bind(port)

    def stop(self) -> None:
        """Close every connection and stop listening."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.close_connections()
        self._server.server_close()

    def _bind(self, port: int) -> None:
        # A port that is bound but not listened on refuses connections, and nobody can take it.
        self._server = _Server(("127.0.0.1", port), self._handler, bind_and_activate=False)
        self._server.server_bind()
        if self._certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self._certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close() waits for the handlers
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        handler: type[BaseHTTPRequestHandler],
        bind_and_activate: bool = True,  # noqa: FBT001, FBT002 - the base class's signature
    ) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(address, handler, bind_and_activate)

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that were killed: that is what some tests do."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ask: Callable[[Request], Answer]

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline:
            self.close_connection = True
            return
        if not self.parse_request():
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self._body())
        try:
            self._send(self.ask(request))
        except Dropped:
            self.close_connection = True

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = bytearray()
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return bytes(body)

    def _send(self, answer: Answer) -> None:
        lines = [f"HTTP/1.1 {answer.status} {http.client.responses.get(answer.status, '')}"]
        has_no_body = self.command == "HEAD" or answer.status in {204, 304}
        drop = _HOP_BY_HOP if has_no_body else _HOP_BY_HOP | {"content-length"}
        lines += [f"{name}: {value}" for name, value in answer.headers if name.lower() not in drop]
        if not has_no_body:
            lines.append(f"Content-Length: {len(answer.body)}")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        body = b"" if has_no_body else answer.body
        if answer.cut_after is not None:
            body = body[: answer.cut_after]
            self.close_connection = True
        self.wfile.write(head + body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep quiet: the proxy records requests itself."""
