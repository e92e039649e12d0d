"""
Relay: moves events from a service's outbox to the log, in the order in which they became true.

One relay per service works at a time: whoever holds the advisory lock. The session that
holds the lock also claims the rows, so a relay that lost its connection can neither
delete nor archive. Readers that remember `id > last` instead lose events that commit
late (a test in tests/faults keeps showing it).
"""

import json
import select
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import psycopg
import structlog
from psycopg.rows import TupleRow

from shared.eventlog.interface import EventLog, LogError, NewRecord
from shared.faults import Backoff
from shared.heartbeat import Heartbeat, no_heartbeat
from shared.metrics_pipeline import PipelineMetrics
from shared.outbox import CHANNEL

BATCH = 500  # rows
BATCH_BYTES = 4_000_000
STANDBY_SECONDS = 2.0
POLL_SECONDS = 1.0  # when no notification comes: it may be lost with a connection
APPEND_SECONDS = 40.0  # the log may take 30 s to say that it is away

_CLAIM = "SELECT seq, topic, key, headers, payload, type FROM outbox ORDER BY seq LIMIT %s FOR UPDATE"
_ARCHIVE = """
WITH gone AS (DELETE FROM outbox WHERE seq = ANY(%s) RETURNING *)
INSERT INTO outbox_archive
  (seq, id, aggregatetype, aggregateid, type, aggregate_version, topic, key, headers, payload, created_at)
SELECT seq, id, aggregatetype, aggregateid, type, aggregate_version, topic, key, headers, payload, created_at
FROM gone ORDER BY seq
"""
# The session limits: a claim must outlast the log's deadline, nothing else may take long.
_OPTIONS = "-c statement_timeout=20000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000"

_log = structlog.get_logger(__name__)


Row = tuple[Any, ...]  # seq, topic, key, headers, payload, type


class Outbox(Protocol):
    """The outbox as one relay sees it: `OutboxSession` is it, the simulation has another."""

    @property
    def leads(self) -> bool:
        """Whether this is the relay of its service."""

    def lead(self) -> bool:
        """Become the relay of its service unless another is; tells whether this one is it now."""

    def transaction(self) -> AbstractContextManager[None]:
        """One transaction: what is claimed in it stays claimed to its end."""

    def claim(self) -> list[Row]:
        """The first rows, in their order, held until the transaction ends."""

    def archive(self, seqs: Sequence[int]) -> None:
        """Move rows that are on the log into the archive."""

    def wait(self, seconds: float) -> None:
        """Until something was written, at most so long."""

    def close(self) -> None:
        """End the session and with it the lead; safe to call twice."""


class OutboxSession:
    """A session that leads and claims in one, so that who loses the one has lost the other."""

    def __init__(self, service: str, url: str) -> None:
        self.leads = False
        self._service = service
        self._url = url
        self._session: psycopg.Connection[TupleRow] | None = None

    def lead(self) -> bool:
        """Become the relay of its service unless another is; raises psycopg.OperationalError."""
        if self.leads:
            return True
        if self._session is None:
            self._session = psycopg.connect(
                self._url,
                autocommit=True,
                application_name=f"{self._service} relay",
                connect_timeout=5,
                options=_OPTIONS,
            )
        won = self._session.execute(
            "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (f"relay:{self._service}",)
        ).fetchone()
        if won and won[0]:
            self._session.execute(f"LISTEN {CHANNEL}")
            self.leads = True
        return self.leads

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction of the session."""
        with self._opened.transaction():
            yield

    def claim(self) -> list[Row]:
        """The first rows, in their order; a row that anybody else holds is waited for, not passed over."""
        return list(self._opened.execute(_CLAIM, (BATCH,)).fetchall())

    def archive(self, seqs: Sequence[int]) -> None:
        """Move rows into the archive."""
        self._opened.execute(_ARCHIVE, (list(seqs),))

    def wait(self, seconds: float) -> None:
        """Until there is a notification. The socket is waited for: the driver looks up ten times a second."""
        session = self._opened
        if select.select([session.fileno()], [], [], seconds)[0]:
            for _ in session.notifies(timeout=0):
                pass

    def close(self) -> None:
        """End the session and with it the lead."""
        if self._session is not None:
            self._session.close()
            self._session = None
        self.leads = False

    @property
    def _opened(self) -> psycopg.Connection[TupleRow]:
        assert self._session is not None  # a leader has a session
        return self._session


class Relay:
    """
    The relay of one service. Used by one thread.

    Args:
        service: The service's name.
        outbox: The service's database, as the relay's role: its URL, for a session of its own, not
            through a transaction-mode pooler (advisory locks and LISTEN do not pass one).
        log: Where the events go.
    """

    def __init__(
        self,
        service: str,
        outbox: str | Outbox,
        log: EventLog,
        metrics: PipelineMetrics,
        *,
        standby_seconds: float = STANDBY_SECONDS,
    ) -> None:
        self.service = service
        self._outbox: Outbox = OutboxSession(service, outbox) if isinstance(outbox, str) else outbox
        self._log = log
        self._metrics = metrics
        self._standby_seconds = standby_seconds
        self.trouble = ""  # class of the error that is being waited out

    def drain_once(self) -> int:
        """
        Move one batch; returns its size, 0 if there was none or another process is the relay.

        The batch is on the log before a row is deleted. If the log fails, nothing is
        deleted and the whole batch is sent again: consumers drop what they know.

        Raises:
            LogError: the log did not take the batch.
            psycopg.OperationalError: the database is away.
        """
        if not self._lead():
            return 0
        try:
            with self._outbox.transaction():
                rows = bounded(self._outbox.claim())
                if not rows:
                    return 0
                began = time.perf_counter()
                self._append(rows)
                took = time.perf_counter() - began
                self._outbox.archive([row[0] for row in rows])
        except LogError as error:
            self._metrics.publish_failed(self.service, type(error).__name__)
            raise
        except psycopg.Error:
            self.close()
            raise
        self._metrics.published(self.service, dict(Counter(row[5] for row in rows)), took)
        return len(rows)

    def run(self, stop: threading.Event, beat: Heartbeat = no_heartbeat) -> None:
        """Relay until `stop`; a log or a database that is away is waited for, never given up."""
        backoff = Backoff(longest=5.0)
        try:
            while not stop.is_set():
                beat(APPEND_SECONDS)
                try:
                    moved = self.drain_once()
                    self.trouble = ""
                    backoff.reset()
                    if moved == 0:
                        self._wait(stop)
                except (LogError, psycopg.OperationalError, psycopg.InterfaceError) as error:
                    pause = backoff.next()
                    self.trouble = type(error).__name__
                    _log.warning("the relay waits", service=self.service, reason=self.trouble)
                    stop.wait(pause)
        finally:
            self.close()

    def close(self) -> None:
        """End the session and with it the lead; safe to call twice."""
        led = self._outbox.leads
        self._outbox.close()
        if led:
            self._metrics.leads(self.service, leader=False)

    def _lead(self) -> bool:
        led = self._outbox.leads
        try:
            leads = self._outbox.lead()
        except psycopg.Error:
            self.close()
            raise
        if leads and not led:
            self._metrics.leads(self.service, leader=True)
        return leads

    def _append(self, rows: Sequence[Row]) -> None:
        by_topic: dict[str, list[NewRecord]] = {}
        for _, topic, key, headers, payload, _ in rows:
            pairs = tuple((name, value) for name, value in json.loads(headers))
            by_topic.setdefault(topic, []).append(NewRecord(key, payload, pairs))
        for topic, records in by_topic.items():
            self._log.append(topic, records)

    def _wait(self, stop: threading.Event) -> None:
        """Until there is something to move, or a second, or for the standby two."""
        if self._outbox.leads:
            self._outbox.wait(POLL_SECONDS)
        else:
            stop.wait(self._standby_seconds)


def bounded(rows: list[Row]) -> list[Row]:
    """As many of the first rows as fit into 4 MB, at least one."""
    size = 0
    for taken, row in enumerate(rows):
        size += len(row[3]) + len(row[4] or b"")
        if size > BATCH_BYTES and taken:
            return rows[:taken]
    return rows
