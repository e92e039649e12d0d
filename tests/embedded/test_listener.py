"""Whoever is slow or silent costs a socket, never a thread: everybody else is answered at once."""

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from embedded.listener import Listener, Patience
from embedded.server import allow_open_files, tls_context
from embedded.settings import Tls
from tests.embedded.certificate import Certificate
from tests.faults.ground import until

CROWD = 500
HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: clinic\r\nX-More: "
HALF_A_BODY = b"POST / HTTP/1.1\r\nHost: clinic\r\nContent-Length: 1000\r\n\r\nwords "


@dataclass
class Desk:
    """A listener with two threads, and what its app was asked."""

    patience: Patience = field(default_factory=lambda: Patience(head=30, body=30, answer=30))
    most: int = 2000
    tls: ssl.SSLContext | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0
    hold: threading.Event = field(default_factory=threading.Event)
    close: Callable[[], Future[None]] = Future

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.asked.append({**environ, "body": environ["wsgi.input"].read()})
        if environ["PATH_INFO"] == "/hold":
            self.hold.wait(10)
        if environ["PATH_INFO"] == "/breaks":
            raise RuntimeError("Canary Mara")
        size = 20_000_000 if environ["PATH_INFO"] == "/long" else 5
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"x" * size]

    def connect(self, sent: bytes = b"") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        connection.sendall(sent)
        return connection

    def get(self, path: str = "/", **headers: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=10)


@pytest.fixture
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with serving(getattr(request, "param", None) or Desk()) as one:
        yield one


@contextlib.contextmanager
def serving(one: Desk) -> Iterator[Desk]:
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    one.port = bound.getsockname()[1]
    allow_open_files()
    loop = asyncio.new_event_loop()
    listener = Listener("desk", bound, one, threads=2, tls=one.tls, most=one.most, patience=one.patience)
    loop.run_until_complete(listener.open())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    one.close = lambda: asyncio.run_coroutine_threadsafe(listener.close(5), loop)
    yield one
    one.hold.set()
    one.close().result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def test_a_crowd_of_slow_and_silent_sockets_keeps_nobody_waiting(desk: Desk) -> None:
    crowd = [desk.connect(b"") for _ in range(CROWD)]
    crowd += [desk.connect(HALF_A_HEAD if n % 2 else HALF_A_BODY) for n in range(CROWD)]
    took = []
    for n in range(60):
        for slow in crowd[CROWD + n :: 60]:
            slow.sendall(b"a")  # they trickle on
        began = time.monotonic()
        assert desk.get().status_code == 200
        took.append(time.monotonic() - began)

    assert sorted(took)[57] < 1.0  # the 95th of a hundred
    assert len(desk.asked) == 60
    for connection in crowd:
        connection.close()


@pytest.mark.parametrize("desk", [Desk(Patience(head=0.3, body=0.3, answer=0.3))], indirect=True)
def test_patience_has_an_end(desk: Desk) -> None:
    silent, half, slow, reader = (
        desk.connect(),
        desk.connect(HALF_A_HEAD),
        desk.connect(HALF_A_BODY),
        desk.connect(b"GET /long HTTP/1.1\r\nHost: clinic\r\n\r\n"),
    )
    time.sleep(1)

    assert silent.recv(100) == b""
    assert half.recv(100) == b""
    assert slow.recv(100).startswith(b"HTTP/1.1 408")
    assert sum(iter(lambda: len(reader.recv(1_000_000)), 0)) < 20_000_000  # it took too long to take its answer
    assert desk.get().status_code == 200


@pytest.mark.parametrize("desk", [Desk(most=20)], indirect=True)
def test_with_too_many_connections_the_one_that_was_silent_longest_goes(desk: Desk) -> None:
    crowd = [desk.connect() for _ in range(20)]

    assert [desk.get().status_code for _ in range(3)] == [200, 200, 200]
    assert crowd[0].recv(1) == b""
    crowd[-1].sendall(b"GET / HTTP/1.1\r\nHost: clinic\r\nConnection: close\r\n\r\n")
    assert crowd[-1].recv(100).startswith(b"HTTP/1.1 200")
    for connection in crowd:
        connection.close()


def test_more_work_than_there_will_be_time_for_is_sent_away_at_once(desk: Desk) -> None:
    waiting = [desk.connect(b"GET /hold HTTP/1.1\r\nHost: clinic\r\n\r\n") for _ in range(18)]
    deadline = time.monotonic() + 5
    while (
        answer := desk.connect(b"GET / HTTP/1.1\r\nHost: c\r\nConnection: close\r\n\r\n")
    ) and time.monotonic() < deadline:
        answer.settimeout(0.2)
        try:
            said = answer.recv(1000)
            break
        except TimeoutError:  # not all of the eighteen are in yet
            answer.close()

    assert said.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 2" in said.lower()
    desk.hold.set()
    for connection in waiting:
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        connection.close()


def test_what_is_worked_on_is_finished_when_the_door_closes_and_the_silent_are_sent_away(desk: Desk) -> None:
    working, silent = desk.connect(b"GET /hold HTTP/1.1\r\nHost: clinic\r\n\r\n"), desk.connect(HALF_A_HEAD)
    assert until(lambda: bool(desk.asked), 5)

    closed = desk.close()
    assert silent.recv(1) == b""
    desk.hold.set()

    assert working.recv(1000).startswith(b"HTTP/1.1 200")
    closed.result(10)
    with pytest.raises(ConnectionRefusedError):
        desk.connect()


def test_a_request_reaches_the_app_whole_and_nothing_in_it_but_itself(desk: Desk) -> None:
    answer = httpx.post(
        f"http://127.0.0.1:{desk.port}/caf%C3%A9?a=1",
        content=iter([b"half ", b"and half"]),
        headers={"SCRIPT_NAME": "/check-in", "PATH_INFO": "/api", "X_Forwarded_For": "203.0.113.9", "X-Trace": "t"},
    )

    (asked,) = desk.asked
    assert answer.text == "xxxxx"
    assert (asked["SCRIPT_NAME"], asked["PATH_INFO"], asked["QUERY_STRING"]) == ("", "/caf\u00c3\u00a9", "a=1")
    assert (asked["REMOTE_ADDR"], asked["SERVER_PORT"]) == ("127.0.0.1", str(desk.port))
    assert (asked["body"], asked["CONTENT_LENGTH"]) == (b"half and half", "13")
    assert asked["HTTP_X_TRACE"] == "t"
    assert not [name for name in asked if name.startswith("HTTP_") and ("FORWARDED" in name or "_NAME" in name)]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET http://other/ HTTP/1.1\r\nHost: other\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 40_000 + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n" + b"y" * 2_000_000, b"413"),
        (b"GET /breaks HTTP/1.1\r\nHost: a\r\n\r\n", b"500"),
    ],
)
def test_what_is_no_good_request_gets_a_short_answer_and_tells_nothing(desk: Desk, sent: bytes, status: bytes) -> None:
    connection = desk.connect()
    with contextlib.suppress(OSError):  # it did not want to hear more
        connection.sendall(sent)
    said = connection.recv(1000)

    assert said.split(b" ")[1] == status
    assert b"Canary" not in said
    assert desk.get().status_code == 200


def test_a_browser_keeps_its_connection_and_head_has_no_body(desk: Desk) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{desk.port}") as browser:
        assert [browser.get("/").text, browser.head("/").text, browser.get("/").text] == ["xxxxx", "", "xxxxx"]

    assert len({asked["REMOTE_PORT"] for asked in desk.asked}) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.made(tmp_path_factory.mktemp("certificate"))


def test_tls_is_the_listeners_own_and_the_app_knows(certificate: Certificate) -> None:
    own = Desk(tls=tls_context(Tls(certificate.chain, certificate.key)))
    with serving(own):
        silent = [own.connect() for _ in range(20)]  # not even a handshake
        answer = httpx.get(f"https://localhost:{own.port}/", verify=certificate.trusted())

        assert (answer.status_code, own.asked[0]["wsgi.url_scheme"]) == (200, "https")
        with pytest.raises(httpx.HTTPError):
            own.get()
        for one in silent:
            one.close()
