"""Probed gauges: ages and depths, asked of the database and the log when Prometheus asks us."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.eventlog.interface import EventLog, LogError, TopicPartition
from shared.metrics_pipeline import PROBED

CACHED_SECONDS = 5.0
Sample = tuple[str, tuple[str, ...], float]  # metric, label values, value

_SQL = """
SELECT
  (SELECT count(*) FROM outbox) AS pending,
  (SELECT extract(epoch FROM clock_timestamp() - created_at) FROM outbox ORDER BY seq LIMIT 1) AS oldest,
  (SELECT extract(epoch FROM clock_timestamp() - published_at) FROM outbox_archive ORDER BY no LIMIT 1) AS archive,
  (SELECT count(*) FROM parked_keys WHERE consumer = %(group)s) AS keys,
  (SELECT count(DISTINCT (topic, key)) FROM parked_events
    WHERE consumer = %(group)s AND state = 'waiting' AND error_class = 'SequenceGap') AS gaps
"""
_AUDIT_SQL = """
SELECT waiting, oldest_seconds, extract(epoch FROM clock_timestamp() - sealed_at)::float8 FROM audit_state()
"""
_PARKED_SQL = """
SELECT state, count(*), extract(epoch FROM clock_timestamp() - min(parked_at)) FROM parked_events
WHERE consumer = %(group)s AND (state = 'retrying' OR state = 'waiting' AND error_class <> 'SequenceGap')
GROUP BY state
"""


@dataclass
class Watched:
    """
    One worker's sources of truth.

    `positions` gives the next offset to handle of the partitions it reads, `oldest_ms` the
    log's time of the oldest event in its hands, `overdue` the seconds for which each job has been due.
    """

    service: str
    group: str
    url: str
    log: EventLog
    topics: tuple[str, ...]
    positions: Callable[[], Mapping[TopicPartition, int]]
    oldest_ms: Callable[[], int | None]
    overdue: Callable[[], Mapping[str, float]]
    behind_since: dict[TopicPartition, tuple[int, float]] = field(default_factory=dict)


class Probe(Collector):
    """The collector of all workers of a process; a question that fails gives no sample, never an old one."""

    def __init__(self) -> None:
        self._watched: list[Watched] = []
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        self._samples: list[Sample] = []

    def watch(self, watched: Watched) -> None:
        """Ask this worker's sources too."""
        with self._lock:
            self._watched.append(watched)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One round of questions, or the answers of the last five seconds."""
        with self._lock:
            if time.monotonic() - self._asked_at > CACHED_SECONDS:
                self._samples = [sample for watched in self._watched for sample in _ask(watched)]
                self._asked_at = time.monotonic()
            samples = list(self._samples)
        for metric in PROBED:
            family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
            for name, labels, value in samples:
                if name == metric.name:
                    family.add_metric(labels, value)
            yield family

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """The families without samples, so that registering asks nobody."""
        return [GaugeMetricFamily(metric.name, metric.help, labels=metric.labels) for metric in PROBED]


def _ask(watched: Watched) -> Iterator[Sample]:
    for job, seconds in watched.overdue().items():
        yield "job_overdue_seconds", (watched.service, job), seconds
    with suppress(psycopg.Error):
        yield from _ask_database(watched)
    with suppress(LogError):
        yield from _ask_log(watched)


def _ask_database(watched: Watched) -> Iterator[Sample]:
    group, service = watched.group, watched.service
    with psycopg.connect(
        watched.url,
        autocommit=True,
        connect_timeout=2,
        application_name=f"{service} metrics",
        options="-c statement_timeout=1000",
    ) as connection:
        row = connection.execute(_SQL, {"group": group}).fetchone()
        parked = connection.execute(_PARKED_SQL, {"group": group}).fetchall()
        trail = connection.execute(_AUDIT_SQL).fetchone()
    if row is None or trail is None:
        return
    yield "audit_waiting_entries", (service,), float(trail[0])
    yield "audit_waiting_oldest_age_seconds", (service,), max(0.0, trail[1] or 0.0)
    if trail[2] is not None:
        yield "audit_last_seal_age_seconds", (service,), max(0.0, trail[2])
    pending, oldest, archive, keys, gaps = (float(value or 0) for value in row)
    yield "outbox_pending_events", (service,), pending
    yield "outbox_oldest_age_seconds", (service,), max(0.0, oldest)
    yield "outbox_archive_oldest_age_seconds", (service,), max(0.0, archive)
    yield "parked_keys", (group,), keys
    yield "event_sequence_gaps", (group,), gaps
    found = {state: (float(count), float(age)) for state, count, age in parked}
    for state in ("retrying", "waiting"):
        count, age = found.get(state, (0.0, 0.0))
        yield "parked_events", (group, state), count
        yield "parked_oldest_age_seconds", (group, state), max(0.0, age)


def _ask_log(watched: Watched) -> Iterator[Sample]:
    now = time.monotonic()
    in_hand = watched.oldest_ms()
    for topic in watched.topics:
        ends = watched.log.end_offsets(topic)
        held = {p: at for (t, p), at in watched.positions().items() if t == topic}
        places = {**watched.log.offsets(watched.group, topic), **held}
        oldest = 0.0
        for partition, end in sorted(ends.items()):
            lag = max(0, end - places.get(partition, 0))
            yield "event_consumer_lag_events", (watched.group, topic, str(partition)), float(lag)
            oldest = max(oldest, _behind_for(watched, (topic, partition), places.get(partition, 0), lag, now))
        if in_hand is not None:
            oldest = max(oldest, time.time() - in_hand / 1000)  # the log stamps by a clock of its own
        yield "event_consumer_lag_seconds", (watched.group, topic), oldest


def _behind_for(watched: Watched, place: TopicPartition, at: int, lag: int, now: float) -> float:
    """Seconds for which the consumer has been seen standing at `at` with something left to read."""
    if lag == 0:
        watched.behind_since.pop(place, None)
        return 0.0
    stood_at, since = watched.behind_since.get(place, (-1, now))
    if stood_at != at:
        watched.behind_since[place] = (at, now)
        return 0.0
    return now - since
