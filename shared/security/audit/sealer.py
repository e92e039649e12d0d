"""
Sealer: moves committed entries of the audit trail into its chain, about once a second, and signs how far it came.

One sealer per service works at a time: whoever holds the advisory lock, in the session that
also claims the rows. Rows are claimed by deleting them, never by "after the last number":
who commits late under a lower number would be left out. In one transaction they leave the
waiting table and stand in the chain; the checkpoint follows the commit. If the process dies
in between, the next leader finds the head ahead of the last checkpoint and signs it.
"""

import threading
from datetime import timedelta

import psycopg
import structlog
from psycopg.rows import DictRow, dict_row

from shared.clock import Clock
from shared.faults import Backoff
from shared.heartbeat import Heartbeat, no_heartbeat
from shared.metrics_pipeline import PipelineMetrics
from shared.security.audit.chain import linked
from shared.security.audit.checkpoints import Checkpoints
from shared.security.audit.entries import entry_of

BATCH = 1000  # rows a transaction
EVERY = 1.0  # seconds
STANDBY = 5.0
UPKEEP, UPKEEP_AGAIN = timedelta(hours=12), timedelta(minutes=10)
LONGEST = 60.0  # seconds a batch may take, by its timeouts

_CLAIM = """
WITH claimed AS (
  DELETE FROM audit_waiting WHERE seq IN (SELECT seq FROM audit_waiting ORDER BY seq LIMIT %s) RETURNING *
) SELECT * FROM claimed ORDER BY seq
"""
_HEAD, _HEAD_LOCKED = "SELECT no, hash FROM audit_head", "SELECT no, hash FROM audit_head FOR UPDATE"
_COPY = "COPY audit (no, at, actor, roles, purpose, source, action, about, fields, trace_id, previous, hash) FROM STDIN"
_OPTIONS = (
    "-c statement_timeout=20000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
)

_log = structlog.get_logger(__name__)


class Sealer:
    """
    The sealer of one service's trail. Used by one thread.

    Args:
        service: Whose trail.
        url: The database as the sealer's role; a session of its own, not through a
            transaction-mode pooler (advisory locks do not pass one).
        checkpoints: Where they go; None: none are written.
        clock: For the time in a checkpoint, and when upkeep is due.
    """

    def __init__(
        self, service: str, url: str, checkpoints: Checkpoints | None, metrics: PipelineMetrics, clock: Clock
    ) -> None:
        self.service = service
        self.trouble = ""  # class of the error that is being waited out
        self._url = url
        self._checkpoints = checkpoints
        self._metrics = metrics
        self._clock = clock
        self._session: psycopg.Connection[DictRow] | None = None
        self._leads = False
        self._signed = -1  # the count of the newest checkpoint; -1: not looked yet
        self._upkeep_due = clock()

    def seal_once(self) -> int:
        """
        Move one batch into the chain; returns its size, 0 if there was none or another process is the sealer.

        Raises:
            psycopg.OperationalError: the database is away; what was claimed waits again.
            OSError, CheckpointsUnreadable: sealed, but the checkpoint was not written. The next call tries again.
        """
        if not self._lead():
            return 0
        assert self._session is not None  # a leader has a session
        try:
            self._look_after(self._session)
            with self._session.transaction():
                moved, no, head = self._move(self._session)
        except psycopg.Error:
            self.close()
            raise
        self._sign(no, head)
        self._metrics.sealed(self.service, moved)
        return moved

    def run(self, stop: threading.Event, beat: Heartbeat = no_heartbeat) -> None:
        """Seal until `stop`; a database that is away is waited for, never given up."""
        backoff = Backoff(longest=5.0)
        try:
            while not stop.is_set():
                beat(LONGEST)
                try:
                    moved = self.seal_once()
                    self.trouble = ""
                    backoff.reset()
                    if moved < BATCH:
                        stop.wait(EVERY if self._leads else STANDBY)
                except (psycopg.Error, OSError, ValueError) as error:
                    self.trouble = type(error).__name__
                    self._metrics.seal_failed(self.service, self.trouble)
                    _log.warning("the sealer of the audit trail waits", service=self.service, reason=self.trouble)
                    stop.wait(backoff.next())
        finally:
            self.close()

    def close(self) -> None:
        """End the session and with it the lead; safe to call twice."""
        if self._session is not None:
            self._session.close()
            self._session = None
        self._leads = False

    def _lead(self) -> bool:
        if self._leads:
            return True
        if self._session is None:
            self._session = psycopg.connect(
                self._url,
                autocommit=True,
                application_name=f"{self.service} sealer",
                connect_timeout=5,
                options=_OPTIONS,
                row_factory=dict_row,
            )
        try:
            found = self._session.execute(
                "SELECT pg_try_advisory_lock(hashtextextended(%s, 0)) AS won", (f"sealer:{self.service}",)
            ).fetchone()
        except psycopg.Error:
            self.close()
            raise
        self._leads = bool(found and found["won"])
        self._signed = -1  # another leader may have written since
        return self._leads

    def _look_after(self, session: psycopg.Connection[DictRow]) -> None:
        """Twice a day: partitions of the months to come."""
        now = self._clock()
        if self._upkeep_due <= now or self._upkeep_due > now + UPKEEP:  # the clock may have been put right
            self._upkeep_due = now + UPKEEP
            try:
                session.execute("SELECT audit_upkeep()")
            except psycopg.errors.LockNotAvailable:  # somebody reads the whole trail; there is time
                self._upkeep_due = now + UPKEEP_AGAIN

    def _move(self, session: psycopg.Connection[DictRow]) -> tuple[int, int, bytes]:
        """How many were moved, and the head after that."""
        claimed = session.execute(_CLAIM, (BATCH,)).fetchall()
        head = session.execute(_HEAD_LOCKED if claimed else _HEAD).fetchone()
        if head is None:
            raise ValueError("the trail has no head")
        no, last = int(head["no"]), bytes(head["hash"])
        if not claimed:
            return 0, no, last
        with session.cursor() as cursor, cursor.copy(_COPY) as copy:
            for link in linked(last, no, [entry_of(row) for row in claimed]):
                copy.write_row(link.row)
                no, last = link.no, link.hash
        session.execute("UPDATE audit_head SET no = %s, hash = %s, sealed_at = clock_timestamp()", (no, last))
        return len(claimed), no, last

    def _sign(self, no: int, head: bytes) -> None:
        if self._checkpoints is None:
            return
        if self._signed < 0:
            newest = self._checkpoints.newest()
            self._signed = newest.count if newest else 0
        if no > self._signed:
            self._checkpoints.write(no, head, self._clock())
            self._signed = no
