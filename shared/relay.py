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
from collections.abc import Sequence
from typing import Any

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


class Relay:
    """
    The relay of one service. Used by one thread.

    Args:
        service: The service's name.
        url: The service's database, as the relay's role; a session of its own, not through a
            transaction-mode pooler (advisory locks and LISTEN do not pass one).
        log: Where the events go.
    """

    def __init__(
        self,
        service: str,
        url: str,
        log: EventLog,
        metrics: PipelineMetrics,
        *,
        standby_seconds: float = STANDBY_SECONDS,
    ) -> None:
        self.service = service
        self._url = url
        self._log = log
        self._metrics = metrics
        self._standby_seconds = standby_seconds
        self._session: psycopg.Connection[TupleRow] | None = None
        self._leads = False
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
        assert self._session is not None  # a leader has a session
        try:
            with self._session.transaction():
                rows = _bounded(self._session.execute(_CLAIM, (BATCH,)).fetchall())
                if not rows:
                    return 0
                began = time.perf_counter()
                self._append(rows)
                took = time.perf_counter() - began
                self._session.execute(_ARCHIVE, ([row[0] for row in rows],))
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
        if self._session is not None:
            self._session.close()
            self._session = None
        if self._leads:
            self._leads = False
            self._metrics.leads(self.service, leader=False)

    def _lead(self) -> bool:
        if self._leads:
            return True
        if self._session is None:
            self._session = psycopg.connect(
                self._url,
                autocommit=True,
                application_name=f"{self.service} relay",
                connect_timeout=5,
                options=_OPTIONS,
            )
        try:
            won = self._session.execute(
                "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (f"relay:{self.service}",)
            ).fetchone()
            if won and won[0]:
                self._session.execute(f"LISTEN {CHANNEL}")
                self._leads = True
                self._metrics.leads(self.service, leader=True)
        except psycopg.Error:
            self.close()
            raise
        return self._leads

    def _append(self, rows: Sequence[tuple[Any, ...]]) -> None:
        by_topic: dict[str, list[NewRecord]] = {}
        for _, topic, key, headers, payload, _ in rows:
            pairs = tuple((name, value) for name, value in json.loads(headers))
            by_topic.setdefault(topic, []).append(NewRecord(key, payload, pairs))
        for topic, records in by_topic.items():
            self._log.append(topic, records)

    def _wait(self, stop: threading.Event) -> None:
        """Until there is something to move, or a second, or for the standby two."""
        if not self._leads or self._session is None:
            stop.wait(self._standby_seconds)
            return
        # The socket itself is waited for: the driver's own wait looks up ten times a second.
        if select.select([self._session.fileno()], [], [], POLL_SECONDS)[0]:
            for _ in self._session.notifies(timeout=0):
                pass


def _bounded(rows: list[TupleRow]) -> list[TupleRow]:
    """As many of the first rows as fit into 4 MB, at least one."""
    size = 0
    for taken, row in enumerate(rows):
        size += len(row[3]) + len(row[4] or b"")
        if size > BATCH_BYTES and taken:
            return rows[:taken]
    return rows
