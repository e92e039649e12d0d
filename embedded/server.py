"""gunicorn with one worker that holds the whole clinic; started after PostgreSQL, before any pool or thread exists."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

from gunicorn.app.base import BaseApplication

from embedded.folder import end_with_parent
from shared.logs import configure_logs, silence_third_parties

Wsgi = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Loops:
    """What runs beside the pages: begun in the worker after the fork, ended before it exits."""

    begin: Callable[[], None]
    end: Callable[[], None]


class OneWorker(BaseApplication):  # type: ignore[misc]
    """The embedded program's gunicorn: no configuration file, no command line, a listener made before."""

    def __init__(self, listener: socket, build: Callable[[], tuple[Wsgi, Loops]], *, threads: int, log: Path) -> None:
        self._listener = listener
        self._log = log
        self._build = build
        self._threads = threads
        self._loops: Loops | None = None
        super().__init__()

    def load_config(self) -> None:
        """Settings of operations: gthread, no preload, no control socket, no access log of its own."""
        for name, value in {
            "bind": [f"fd://{self._listener.fileno()}"],
            "worker_class": "gthread",
            "workers": 1,
            "threads": self._threads,
            "timeout": 60,
            "graceful_timeout": 10,
            "keepalive": 5,
            "max_requests": 0,
            "control_socket_disable": True,
            "accesslog": None,
            "loglevel": "warning",
            "proc_name": "rapport",
            "post_fork": lambda _server, _worker: end_with_parent(),
            "post_worker_init": self._begin,
            "worker_exit": self._end,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Wsgi:
        """Called in the worker, after the fork: only now is anything opened."""
        configure_logs(service="rapport", process="embedded", stream=self._log.open("a", buffering=1))
        silence_third_parties()
        application, self._loops = self._build()
        return application

    def _begin(self, _worker: object) -> None:
        if self._loops is not None:
            self._loops.begin()

    def _end(self, _server: object, _worker: object) -> None:
        if self._loops is not None:
            self._loops.end()
