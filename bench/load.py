"""A small HTTP client that costs little: prepared requests over kept-alive connections, one thread."""

import selectors
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.request import urlopen

ANSWER_SECONDS = 30.0


class Unanswered(Exception):
    """The server refused, or did not answer in time."""


def request(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A whole HTTP/1.1 request as it goes out."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


@dataclass
class _Line:
    """One connection and the answer that is coming in on it."""

    socket: socket.socket
    sent_at: float = 0.0
    answer: bytearray = field(default_factory=bytearray)

    def complete(self) -> bool:
        head, gap, body = bytes(self.answer).partition(b"\r\n\r\n")
        if not gap:
            return False
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        return len(body) >= int(length)


def send_all(port: int, requests: Sequence[bytes], *, connections: int, expect: int) -> tuple[float, list[float]]:
    """
    Send all requests, as many at a time as there are connections.

    Returns:
        Seconds for all, and for each.

    Raises:
        Unanswered: an answer had another status than `expect`, or none came for 30 s.
    """
    waiting = iter(requests)
    wanted = f"HTTP/1.1 {expect} ".encode()
    took: list[float] = []
    with selectors.DefaultSelector() as selector:
        lines = [_Line(socket.create_connection(("127.0.0.1", port))) for _ in range(connections)]
        for line in lines:
            line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(line.socket, selectors.EVENT_READ, line)
        began = time.perf_counter()
        for line in lines:
            _send_next(line, waiting)
        while len(took) < len(requests):
            ready = selector.select(ANSWER_SECONDS)
            if not ready:
                raise Unanswered("no answer came in time")
            for key, _ in ready:
                line = key.data
                got = line.socket.recv(65536)
                if not got:
                    raise Unanswered("the server closed a connection")
                line.answer += got
                if line.complete():
                    if not line.answer.startswith(wanted):
                        raise Unanswered(f"instead of {expect}: {bytes(line.answer[:600])!r}")
                    took.append(time.perf_counter() - line.sent_at)
                    _send_next(line, waiting)
        whole = time.perf_counter() - began
        for line in lines:
            line.socket.close()
    return whole, took


def fetch(port: int, wanted: bytes, *, expect: int) -> bytes:
    """One answer, head and body; raises Unanswered as `send_all` does."""
    line = _Line(socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS))
    with line.socket:
        line.socket.sendall(wanted)
        while not line.complete():
            got = line.socket.recv(65536)
            if not got:
                raise Unanswered("the server closed a connection")
            line.answer += got
    if not line.answer.startswith(f"HTTP/1.1 {expect} ".encode()):
        raise Unanswered(f"instead of {expect}: {bytes(line.answer[:600])!r}")
    return bytes(line.answer)


def wait_until_ready(url: str, seconds: float) -> None:
    """Wait until the URL answers 200; raises Unanswered."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise Unanswered(f"{url} did not become ready within {seconds:.0f} s")


def _send_next(line: _Line, waiting: Iterator[bytes]) -> None:
    following = next(waiting, None)
    line.answer.clear()
    if following is not None:
        line.sent_at = time.perf_counter()
        line.socket.sendall(following)
