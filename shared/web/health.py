"""
Health: /livez (the process answers), /readyz (it can do its work), /metrics.

On the inner listener alone where there is one. Neither broker nor log decides the
readiness of a web process: it works without them.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from shared.database.migrations import PLUMBING, load_migrations
from shared.metrics import BUILD_INFO, CONTENT_TYPE, DB_DAMAGE, DB_POOL, DB_RETRIES, HTTP_THREADS
from shared.web.context import Api
from shared.web.responses import ApiResponse

ENDPOINTS = frozenset({"livez", "readyz", "metrics"})
_KEPT_SECONDS = 1.0  # many probes at once ask the database once


class NotReady(Exception):
    """One condition of readiness is not met; the message is for operators."""


def add_health(app: Flask, api: Api) -> None:
    """Add the three routes to a service's app."""
    readiness = Readiness(api)

    def inner(view: Callable[[], Response]) -> Callable[[], Response]:
        def guarded() -> Response:
            port = api.parts.inner_port
            # The port is the listener's own; a Host header cannot forge it.
            if port is not None and request.environ.get("SERVER_PORT") != str(port):
                raise NotFound
            return view()

        return guarded

    def livez() -> Response:
        return ApiResponse(200, {"service": api.service.name, "state": "ok"}).response()

    def metrics() -> Response:
        measure_pool(api)
        return Response(api.parts.metrics.exposition(), content_type=CONTENT_TYPE)

    for name, view in (("livez", livez), ("readyz", readiness.answer), ("metrics", metrics)):
        app.add_url_rule(f"/{name}", name, inner(view))
    parts, service = api.parts, api.service.name
    parts.metrics.set(BUILD_INFO, 1, service=service, version=parts.version, commit=parts.commit)
    parts.metrics.set(HTTP_THREADS, parts.threads, service=service)
    parts.database.on_damage = lambda: parts.metrics.count(DB_DAMAGE, service=service)
    parts.database.on_retry = lambda reason: parts.metrics.count(DB_RETRIES, service=service, reason=reason)


def measure_pool(api: Api) -> None:
    """Set the gauges of the database pool of this process."""
    stats = api.parts.database.pool.get_stats()
    size, idle = stats.get("pool_size", 0), stats.get("pool_available", 0)
    states = {"idle": idle, "used": size - idle, "waiting": stats.get("requests_waiting", 0)}
    for state, number in states.items():
        api.parts.metrics.set(DB_POOL, number, service=api.service.name, state=state)


def tzdata_version() -> str:
    """The version of the time-zone data; "unknown" where the system's own is used."""
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return "unknown"


class Readiness:
    """Runs the checks and remembers since when each has been as it is."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._since: dict[str, tuple[str, datetime]] = {}
        self._started = api.parts.clock()
        self._lock = threading.Lock()
        self._schema: dict[str, int] = {}
        self._last: tuple[float, ApiResponse] | None = None
        self._checks: list[tuple[str, Callable[[], None]]] = [
            ("database", self._database),
            ("keys", self._keys),
            *((check.name, check) for check in api.parts.checks),
        ]

    def answer(self) -> Response:
        """200 when all is well, else 503; the body names each check."""
        with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > _KEPT_SECONDS:
                self._last = (time.monotonic(), self._look())
            return self._last[1].response()

    def _look(self) -> ApiResponse:
        checks = [self._run(name, check) for name, check in self._checks]
        parts = self._api.parts
        body: dict[str, Any] = {
            "service": self._api.service.name,
            "version": parts.version,
            "commit": parts.commit,
            "schema": self._schema,
            "tzdata": tzdata_version(),
            "since": self._started,
            "checks": checks,
        }
        return ApiResponse(200 if all(check["state"] == "ok" for check in checks) else 503, body)

    def _run(self, name: str, check: Callable[[], None]) -> dict[str, Any]:
        state, detail = "ok", ""
        try:
            check()
        except NotReady as reason:
            state, detail = "failing", str(reason)
        except Exception as error:  # noqa: BLE001 - whatever it is, we are not ready, and its text stays inside
            state, detail = "failing", type(error).__name__
        was, since = self._since.get(name, ("", self._started))
        if was != state:
            since = self._api.parts.clock()
            self._since[name] = (state, since)
        return {"name": name, "state": state, "since": since, "detail": detail}

    def _database(self) -> None:
        if self._api.parts.database.damaged:
            raise NotReady("PostgreSQL found a damaged page: docs/runbook/damaged-page.md")
        with self._api.parts.database.transaction() as tx:
            tx.execute("SET LOCAL statement_timeout = '1s'")
            rows = tx.rows("SELECT package, max(number) AS newest FROM schema_migrations GROUP BY package")
        have = self._schema = {row["package"]: row["newest"] for row in rows}
        for package in (PLUMBING, self._api.service.migrations):
            needed = len(load_migrations(package))
            if have.get(package, 0) < needed:
                raise NotReady(f"{package}: {needed - have.get(package, 0)} migrations are not applied")

    def _keys(self) -> None:
        if self._api.parts.database.vault is None:
            raise NotReady("this process holds no keys")
