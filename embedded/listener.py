"""
A listener of the one-process form: whole requests reach the threads, so nobody holds one by being slow.

One event loop reads every connection and writes every answer; a thread is used for nothing but
a page. What is silent or slow costs a socket until its time is over. HTTP/1.1 is h11's work.
"""

import asyncio
import contextlib
import io
import ssl
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from socket import socket
from typing import Any
from urllib.parse import unquote_to_bytes

import h11
import structlog

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

_MOST_OF_A_HEAD = 16 * 1024  # bytes of request line and headers
_MOST_OF_A_BODY = 128 * 1024  # bytes, for each of many at once; the apps' own limit is half of it and says so on a page
_LINGER = 2.0  # seconds in which what a refused request still sends is thrown away
_WAITING = 8  # requests for each thread that may wait for it; more are told to come back
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """
    How long a connection may take, in seconds.

    Attributes:
        head: From its beginning, or from the last answer, until a request's headers are here.
        body: Until the body is here.
        answer: Until the other side has taken the answer.
    """

    head: float = 10
    body: float = 20
    answer: float = 300


@dataclass(frozen=True, slots=True)
class Request:
    """One request, whole."""

    method: bytes
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What an app said to it, whole."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


class _Bad(Exception):
    """A request that reaches no app."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Listener:
    """
    Serves one app on one socket with threads of its own.

    Args:
        name: For its threads and the log.
        socket: Bound; listened to by `open`.
        app: A WSGI application (PEP 3333).
        threads: Requests worked on at once.
        tls: Certificate and key, None for plain HTTP.
        most: Connections at once; with more, the one that has said nothing for longest goes.
    """

    def __init__(
        self,
        name: str,
        socket: socket,
        app: Wsgi,
        *,
        threads: int,
        tls: ssl.SSLContext | None = None,
        most: int = 2000,
        patience: Patience = Patience(),
    ) -> None:
        self.name = name
        self._socket = socket
        self._app = app
        self._tls = tls
        self._most = most
        self._patience = patience
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most_working = threads * (1 + _WAITING)
        self._working = 0
        self._closing = False
        self._open: set[asyncio.Task[None]] = set()
        self._silent: dict[asyncio.Task[None], asyncio.StreamWriter] = {}  # oldest first
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Answer from now on."""
        self._server = await asyncio.start_server(
            self._connected,
            sock=self._socket,
            backlog=1024,
            ssl=self._tls,
            ssl_handshake_timeout=self._patience.head if self._tls else None,
            limit=_MOST_OF_A_HEAD,
        )

    async def close(self, within: float) -> None:
        """Take nothing new, let what is being worked on end, for `within` seconds at most."""
        self._closing = True
        if self._server is not None:
            self._server.close()
        for writer in list(self._silent.values()):
            writer.transport.abort()
        if self._open:
            await asyncio.wait(self._open, timeout=within)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # a stream's callback is one
        self._open.add(task)
        if len(self._open) > self._most and self._silent:
            self._silent.pop(next(iter(self._silent))).transport.abort()
        writer.transport.set_write_buffer_limits(0)  # `drain` is over when the other side has taken all
        try:
            await self._converse(task, reader, writer)
            writer.close()
        except (OSError, TimeoutError, h11.ProtocolError):
            pass  # the other side is gone, or too slow: there is nobody to tell
        finally:
            self._open.discard(task)
            self._silent.pop(task, None)
            if not writer.is_closing():
                writer.transport.abort()

    async def _converse(
        self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_MOST_OF_A_HEAD)
        while not self._closing:
            self._silent[task] = writer
            try:
                request = await self._read(connection, reader, writer)
            except _Bad as bad:
                answer, request = _short(bad.status), None
            except h11.RemoteProtocolError as error:
                answer, request = _short(HTTPStatus(error.error_status_hint)), None
            else:
                if request is None:
                    return
                self._silent.pop(task, None)  # from here on it is worked on, and nobody ends it
                answer = await self._work(request, writer)
            self._silent.pop(task, None)
            async with asyncio.timeout(self._patience.answer):
                await _write(connection, writer, answer, last=request is None or self._closing)
            if request is None:
                await _hear_out(reader, writer)
            if request is None or connection.our_state is not h11.DONE:
                return
            connection.start_next_cycle()

    async def _read(
        self, connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Request | None:
        """The next request, None at the end of the connection."""
        async with asyncio.timeout(self._patience.head):
            head = await _next_event(connection, reader)
        if not isinstance(head, h11.Request):
            return None
        if connection.they_are_waiting_for_100_continue:
            writer.write(connection.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
        body = bytearray()
        try:
            async with asyncio.timeout(self._patience.body):
                while isinstance(event := await _next_event(connection, reader), h11.Data):
                    body += event.data
                    if len(body) > _MOST_OF_A_BODY:
                        raise _Bad(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except TimeoutError:
            raise _Bad(HTTPStatus.REQUEST_TIMEOUT) from None
        if not isinstance(event, h11.EndOfMessage):
            return None
        if not head.target.startswith(b"/"):
            raise _Bad(HTTPStatus.BAD_REQUEST)
        return Request(head.method, head.target, list(head.headers), bytes(body))

    async def _work(self, request: Request, writer: asyncio.StreamWriter) -> Answer:
        if self._working >= self._most_working:
            return _short(HTTPStatus.SERVICE_UNAVAILABLE, ("Retry-After", "2"))
        self._working += 1
        try:
            environ = _environ(request, writer)
            return await asyncio.get_running_loop().run_in_executor(self._threads, _ask, self._app, environ)
        except Exception as error:  # noqa: BLE001 - the app's own handlers failed; its text goes to nobody
            _log.error("request failed", name=self.name, exc_info=error)
            return _short(HTTPStatus.INTERNAL_SERVER_ERROR)
        finally:
            self._working -= 1


async def _next_event(connection: h11.Connection, reader: asyncio.StreamReader) -> Any:
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(_MOST_OF_A_HEAD))
    return event


async def _write(connection: h11.Connection, writer: asyncio.StreamWriter, answer: Answer, *, last: bool) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    if last:
        headers.append((b"connection", b"close"))
    headers.append((b"date", formatdate(usegmt=True).encode()))
    code, _, reason = answer.status.partition(" ")
    head = h11.Response(status_code=int(code), headers=headers, reason=reason.encode("latin-1"))
    writer.write(connection.send(head) or b"")
    if answer.body:
        writer.write(connection.send(h11.Data(data=answer.body)) or b"")
    writer.write(connection.send(h11.EndOfMessage()) or b"")
    await writer.drain()


async def _hear_out(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Closing on what was not read would reset the connection, and the answer with it (RFC 9112, 9.6)."""
    if writer.can_write_eof():
        writer.write_eof()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER):
            while await reader.read(_MOST_OF_A_HEAD):
                pass


def _environ(request: Request, writer: asyncio.StreamWriter) -> dict[str, Any]:
    """PEP 3333; nothing in it but the request line, the headers and the two ends of the connection."""
    ours, theirs = writer.get_extra_info("sockname"), writer.get_extra_info("peername")
    path, _, query = request.target.partition(b"?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method.decode("ascii"),
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "RAW_URI": request.target.decode("latin-1"),
        "SERVER_NAME": ours[0],
        "SERVER_PORT": str(ours[1]),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": theirs[0].removeprefix("::ffff:"),  # an IPv4 address on a socket of IPv6 (RFC 4291, 2.5.5.2)
        "REMOTE_PORT": str(theirs[1]),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https" if writer.get_extra_info("ssl_object") else "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw, text in request.headers:
        # X_Y and X-Y would be one variable: a header with an underscore is nobody's.
        if b"_" in raw or raw in {b"content-length", b"transfer-encoding"}:
            continue
        name, value = raw.decode("ascii").upper().replace("-", "_"), text.decode("latin-1")
        variable = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
        between = "; " if name == "COOKIE" else ","
        environ[variable] = f"{environ[variable]}{between}{value}" if variable in environ else value
    return environ


def _ask(app: Wsgi, environ: dict[str, Any]) -> Answer:
    """In a thread: the whole answer of the app."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Callable[[bytes], None]:
        started.append((status, list(headers)))
        return written.append

    pieces = app(environ, start_response)
    try:
        written.extend(pieces)
    finally:
        if close := getattr(pieces, "close", None):
            close()
    status, headers = started[-1]
    body = b"".join(written)
    bodiless = environ["REQUEST_METHOD"] == "HEAD" or status.startswith(("204", "304"))
    if not bodiless and not any(name.lower() == "content-length" for name, _ in headers):
        headers.append(("Content-Length", str(len(body))))
    return Answer(status, headers, b"" if bodiless else body)


def _short(status: HTTPStatus, *headers: tuple[str, str]) -> Answer:
    body = f"{status.phrase}\n".encode()
    kind = ("Content-Type", "text/plain; charset=utf-8")
    return Answer(f"{status.value} {status.phrase}", [kind, ("Content-Length", str(len(body))), *headers], body)
