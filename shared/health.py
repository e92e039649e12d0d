"""Health of a worker: `/livez`, `/readyz` and `/metrics` from a small HTTP thread of its own."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from shared.clock import Clock
from shared.heartbeat import Heartbeats
from shared.metrics import CONTENT_TYPE, Metrics

State = Literal["ok", "degraded", "failing"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be well; `detail` is a fixed phrase, never a host, an id or a text of a driver."""

    name: str
    state: State
    detail: str = ""


class Health:
    """
    What the health endpoints answer.

    Args:
        service: The service's name.
        beats: Of the loops; a late one makes the process not alive.
        checks: Asked at each `/readyz`; a failing one makes the process not ready.
        metrics: What `/metrics` shows.
    """

    def __init__(
        self,
        service: str,
        *,
        beats: Heartbeats,
        checks: Sequence[Callable[[], Check]],
        metrics: Metrics,
        clock: Clock,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        self._service = service
        self._beats = beats
        self._checks = tuple(checks)
        self._clock = clock
        self._facts = dict(facts or {})
        self._since = clock()
        self._changed: dict[str, tuple[State, datetime]] = {}
        self.metrics = metrics

    def alive(self) -> tuple[HTTPStatus, dict[str, object]]:
        """Fresh beats of all loops; neither database nor log is asked, for no restart cures them."""
        late = self._beats.late()
        status = HTTPStatus.SERVICE_UNAVAILABLE if late else HTTPStatus.OK
        return status, {"service": self._service, "state": "failing" if late else "ok", "late": late}

    def ready(self) -> tuple[HTTPStatus, dict[str, object]]:
        """All checks, with since when each has been as it is."""
        found = [check() for check in self._checks]
        failing = any(check.state == "failing" for check in found)
        body: dict[str, object] = {
            "service": self._service,
            "version": _version(),
            **self._facts,
            "since": self._since.isoformat(),
            "checks": [
                {
                    "name": check.name,
                    "state": check.state,
                    "since": self._since_when(check).isoformat(),
                    "detail": check.detail,
                }
                for check in found
            ],
        }
        return (HTTPStatus.SERVICE_UNAVAILABLE if failing else HTTPStatus.OK), body

    def _since_when(self, check: Check) -> datetime:
        state, since = self._changed.get(check.name, (check.state, self._since))
        if state != check.state:
            since = self._clock()
        self._changed[check.name] = (check.state, since)
        return since


class HealthServer:
    """Serves the three routes until `close`; listens on the inner side only."""

    def __init__(self, health: Health, *, host: str, port: int) -> None:
        self._server = _Server((host, port), _Answers)
        self._server.health = health
        self.port: int = self._server.server_address[1]

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    health: Health
    daemon_threads = True


class _Answers(BaseHTTPRequestHandler):
    server: _Server
    timeout = 5
    server_version = "rapport"
    sys_version = ""

    def do_GET(self) -> None:
        health = self.server.health
        if self.path == "/metrics":
            self._send(HTTPStatus.OK, CONTENT_TYPE, health.metrics.exposition())
        elif self.path == "/livez":
            self._json(*health.alive())
        elif self.path == "/readyz":
            self._json(*health.ready())
        else:
            self._json(HTTPStatus.NOT_FOUND, {"title": "Not Found"})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Probes are not worth a line each."""

    def _json(self, status: HTTPStatus, body: Mapping[str, object]) -> None:
        self._send(status, "application/json", json.dumps(body).encode())

    def _send(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _version() -> str:
    try:
        return version("rapport")
    except PackageNotFoundError:
        return "unknown"
