"""
The line to a service, one for a process: over HTTP, or to its WSGI application in the same process.

Whoever asks waits as long as they said and no longer, also for a service that sits in this very process
before a frozen database: the work goes on in a thread of the line, and its answer is wanted by nobody.
"""

import io
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlencode

import httpx

from shared.deadline import TIME_LEFT, said

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

FILE_SECONDS = 30.0  # a file is made whole before it is sent
AT_ONCE = 8  # calls of one process to one service; in one process its pool of connections has two more
_AWAY = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Patience:
    """
    How long is waited, in seconds.

    Args:
        call: For one answer.
        page: For all that a page reads.
        pause: Before a service that failed is asked again; longer than a call, so that only one request tries.
    """

    call: float = 2.0
    page: float = 4.0
    pause: float = 3.0


USUAL = Patience()


class NoReply(Exception):
    """The service is away, answered too late, or is not asked for a while after it was."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent; the path is quoted already."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def heads(self, seconds: float) -> dict[str, str]:
        """All headers, with what is left of the asker's time."""
        kind = {"Content-Type": "application/json"} if self.body else {}
        return {**self.headers, **kind, TIME_LEFT: said(seconds)}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    content: bytes


Send = Callable[[Request, float], Reply]


class Budget:
    """What is left of a page's time; shared by all that it asks."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = clock() + seconds

    def left(self) -> float:
        """Seconds, never below 0."""
        return max(0.0, self._until - self._clock())


class Circuit:
    """Whether a service is asked at all: not for a while after it failed, and then by one request only."""

    def __init__(self, pause: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._pause, self._clock = pause, clock
        self._lock = threading.Lock()
        self._retry_at: float | None = None
        self._answered_at = float("-inf")

    def admits(self) -> bool:
        """Tell whether this request may be sent; after the pause the first one may, and the others wait for it."""
        with self._lock:
            now = self._clock()
            if self._retry_at is None:
                return True
            if now < self._retry_at:
                return False
            self._retry_at = now + self._pause
            return True

    def answered(self) -> None:
        with self._lock:
            self._retry_at, self._answered_at = None, self._clock()

    def failed(self, asked_at: float) -> None:
        """It is away; unless it has answered somebody since: then that one question was too much for it."""
        with self._lock:
            if self._answered_at < asked_at:
                self._retry_at = self._clock() + self._pause


class Line:
    """One service, as all pages of this process reach it."""

    def __init__(self, service: str, send: Send, patience: Patience) -> None:
        self.service = service
        self.patience = patience
        self._send = send
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"to-{service}")
        self._circuit = Circuit(patience.pause)

    def ask(self, request: Request, seconds: float) -> Reply:
        """
        Send it, once, and wait for no longer than `seconds`.

        Raises:
            NoReply: no answer came, or the service is not asked for now. What was sent may have been done.
        """
        if seconds <= 0 or not self._circuit.admits():
            raise NoReply
        asked_at = time.monotonic()
        answer = self._threads.submit(self._send_in_time, request, asked_at + seconds)
        try:
            reply = answer.result(seconds)
        except (TimeoutError, NoReply) as late:
            answer.cancel()  # what has not begun never will
            if isinstance(late, NoReply) or seconds > self.patience.call / 2:  # it had a fair chance
                self._circuit.failed(asked_at)
            raise NoReply from late
        if reply.status in _AWAY:
            self._circuit.failed(asked_at)
        else:
            self._circuit.answered()
        return reply

    def _send_in_time(self, request: Request, deadline: float) -> Reply:
        left = deadline - time.monotonic()
        if left <= 0:
            raise NoReply
        return self._send(request, left)


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """How a service is reached: its base URL (a test's transport in place of sockets), or its WSGI application."""

    base_url: str = ""
    transport: httpx.BaseTransport | None = None
    application: "WSGIApplication | None" = None

    def line(self, service: str, patience: Patience) -> Line:
        """The line to it; made once a process, after the fork."""
        if self.application is not None:
            return Line(service, in_process(self.application), patience)
        return Line(service, over_http(httpx.Client(base_url=self.base_url, transport=self.transport)), patience)


def over_http(client: httpx.Client) -> Send:

    def send(request: Request, seconds: float) -> Reply:
        try:
            answer = client.request(
                request.method,
                request.path,
                params=request.params,
                content=request.body or None,
                headers=request.heads(seconds),
                timeout=seconds,
            )
        except httpx.HTTPError as error:
            raise NoReply from error
        return Reply(answer.status_code, answer.content)

    return send


def in_process(application: "WSGIApplication") -> Send:
    """Call a WSGI application (PEP 3333) as a server would, with no socket and no HTTP in between."""

    def send(request: Request, seconds: float) -> Reply:
        told: list[str] = []

        def start_response(status: str, _headers: object, _error: object = None) -> Callable[[bytes], object]:
            told.append(status)
            return lambda _piece: None

        pieces = application(_environ(request, seconds), start_response)
        try:
            content = b"".join(pieces)
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        return Reply(int(told[-1].split(" ", 1)[0]), content)

    return send


def _environ(request: Request, seconds: float) -> dict[str, object]:
    heads = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.heads(seconds).items()}
    kind = heads.pop("HTTP_CONTENT_TYPE", "")
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": urlencode(request.params),
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(request.body)),
        "SERVER_NAME": "inside",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **heads,
    }
