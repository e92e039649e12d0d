"""
Metrics: one typed table is the only source of collectors, documentation and the dashboards' check.

Web processes of several workers share files (`PROMETHEUS_MULTIPROC_DIR`); a worker
and the embedded clinic use a plain registry. Whoever measures cannot tell which.
"""

import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess, values

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
H = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)  # seconds: what a person waits for
P = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)  # seconds: one step of a program
Across: TypeAlias = Literal["livesum", "livemax", "mostrecent"]


@dataclass(frozen=True, slots=True)
class Metric:
    """
    One metric: base units in its name (seconds, bytes, ratio), `_total` on counters only.

    Labels carry templates, codes and names of parts; never an id, a name or a text of a person.
    `across` says how a gauge is put together from several processes.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...] = ()
    across: Across = "livesum"


HTTP_REQUESTS = Metric(
    "http_requests_total", "counter", ("service", "method", "route", "code"), "Requests answered, by route template."
)
HTTP_DURATION = Metric(
    "http_request_duration_seconds",
    "histogram",
    ("service", "method", "route"),
    "Time from a request's arrival to its answer.",
    H,
)
HTTP_IN_FLIGHT = Metric("http_requests_in_flight", "gauge", ("service",), "Requests being worked on now.")
HTTP_THREADS = Metric("http_threads", "gauge", ("service",), "Threads that can work on requests.")
HTTP_REJECTED = Metric(
    "http_rejected_total",
    "counter",
    ("service", "reason"),
    "Requests turned away: pool, rate, body, idempotency, disk.",
)
DB_POOL = Metric(
    "db_pool_connections", "gauge", ("service", "state"), "Database connections: idle, used; waiting: asked for."
)
DB_RETRIES = Metric(
    "db_transaction_retries_total", "counter", ("service", "reason"), "Transactions PostgreSQL asked to try again."
)
BUILD_INFO = Metric(
    "app_build_info",
    "gauge",
    ("service", "version", "commit"),
    "1, with what is running in its labels.",
    across="mostrecent",
)

DB_DAMAGE = Metric(
    "db_damage_errors_total", "counter", ("service",), "Times PostgreSQL found a damaged page or index; must stay 0."
)
DISK_FREE = Metric(
    "disk_free_ratio", "gauge", (), "Free part of the disk with the data folder; below 0.05 changes are refused."
)

WEB_METRICS: tuple[Metric, ...] = (
    HTTP_REQUESTS,
    HTTP_DURATION,
    HTTP_IN_FLIGHT,
    HTTP_THREADS,
    HTTP_REJECTED,
    DB_POOL,
    DB_RETRIES,
    DB_DAMAGE,
    BUILD_INFO,
)
DISK_METRICS: tuple[Metric, ...] = (DISK_FREE,)  # of the process that keeps the data folder itself

Collector: TypeAlias = Counter | Gauge | Histogram


class Metrics:
    """
    The collectors of one process, made from tables.

    Args:
        tables: What may be measured; anything else is refused, so that the
            documentation cannot fall behind.
        registry: A fresh one unless given.
    """

    def __init__(self, *tables: Iterable[Metric], registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._collectors: dict[str, Collector] = {}
        self._lock = threading.Lock()
        for table in tables or (WEB_METRICS,):
            self.declare(table)

    def declare(self, table: Iterable[Metric]) -> None:
        """Add a table; what is there already stays as it is."""
        with self._lock:
            for metric in table:
                if metric.name not in self._collectors:
                    self._collectors[metric.name] = _collector(metric, self.registry)

    def count(self, metric: Metric, by: float = 1, **labels: str) -> None:
        self._counter(metric, labels).inc(by)

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        self._gauge(metric, labels).set(value)

    def add(self, metric: Metric, by: float, **labels: str) -> None:
        self._gauge(metric, labels).inc(by)

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        collector = self._collectors[metric.name]
        assert isinstance(collector, Histogram), metric.name
        (collector.labels(**labels) if labels else collector).observe(value)

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format, of all processes where they share files."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        shared = CollectorRegistry()
        multiprocess.MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared)

    def _counter(self, metric: Metric, labels: dict[str, str]) -> Counter:
        collector = self._collectors[metric.name]
        assert isinstance(collector, Counter), metric.name
        return collector.labels(**labels) if labels else collector

    def _gauge(self, metric: Metric, labels: dict[str, str]) -> Gauge:
        collector = self._collectors[metric.name]
        assert isinstance(collector, Gauge), metric.name
        return collector.labels(**labels) if labels else collector


def share_files(folder: Path) -> None:
    """
    Count in files of `folder` from now on, so that all workers of a server count together.

    To be called before any `Metrics` is made: the library decides when a collector is
    made how it keeps its values.
    """
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]


def _collector(metric: Metric, registry: CollectorRegistry) -> Collector:
    labels: Sequence[str] = metric.labels
    if metric.kind == "counter":
        return Counter(metric.name, metric.help, labels, registry=registry)
    if metric.kind == "gauge":
        return Gauge(metric.name, metric.help, labels, registry=registry, multiprocess_mode=metric.across)
    return Histogram(metric.name, metric.help, labels, registry=registry, buckets=metric.buckets)
