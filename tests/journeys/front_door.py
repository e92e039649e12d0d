"""The whole house behind a socket, so that a real browser can come in; every address asked for is remembered."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

Wsgi = Callable[..., Iterable[bytes]]


class Quiet(WSGIRequestHandler):
    """No line per request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Nothing."""


@dataclass
class FrontDoor:
    """Where the house listens, and what was asked of it."""

    wsgi: Wsgi
    port: int = 0
    asked: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked.append(f"{environ['REQUEST_METHOD']} {environ['RAW_URI']}")
        return self.wsgi(environ, start_response)


@contextmanager
def open_door(wsgi: Wsgi) -> Iterator[FrontDoor]:
    """Listen on a free port of this machine alone."""
    door = FrontDoor(wsgi)
    server = make_server("127.0.0.1", 0, door, threaded=True, request_handler=Quiet)
    door.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, name="front-door", daemon=True)
    thread.start()
    try:
        yield door
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
