"""The process that holds the whole clinic: listeners, worker threads, and nothing before the fork."""

import asyncio
import contextlib
import resource
import signal
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from socket import socket
from types import FrameType

from embedded.listener import Listener, Wsgi
from embedded.settings import Tls

_OPEN_FILES = 8192  # of one process, where the system allows: a silent socket costs one
_GRACE = 10.0  # seconds for requests that are being worked on


@dataclass(frozen=True, slots=True)
class Door:
    """One listener: what it is called, where it listens, what it serves with how many threads."""

    name: str
    socket: socket
    app: Wsgi
    threads: int
    tls: ssl.SSLContext | None = None


def tls_context(tls: Tls) -> ssl.SSLContext:
    """TLS 1.2 or newer with this certificate; raises OSError (ssl.SSLError is one)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(tls.certificate, tls.key)
    return context


def serve(doors: Sequence[Door], *, begin: Callable[[], None], end: Callable[[], None]) -> None:
    """Open all doors, begin what runs beside them, and go on until SIGTERM or SIGINT."""
    most = allow_open_files() // (2 * len(doors))
    listeners = [Listener(d.name, d.socket, d.app, threads=d.threads, tls=d.tls, most=most) for d in doors]
    try:
        asyncio.run(_until_told(listeners, begin))
    finally:
        end()


async def _until_told(listeners: Sequence[Listener], begin: Callable[[], None]) -> None:
    told, loop = asyncio.Event(), asyncio.get_running_loop()

    def tell(_number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(RuntimeError):  # told a second time, after the loop's end
            loop.call_soon_threadsafe(told.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, tell)  # not the loop's own: it would be gone while `end` still works
    for listener in listeners:
        await listener.open()
    begin()
    await told.wait()
    await asyncio.gather(*(listener.close(_GRACE) for listener in listeners))


def allow_open_files() -> int:
    """Raise this process's limit of open files as far as it may; gives the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return _OPEN_FILES if soft == resource.RLIM_INFINITY else soft
