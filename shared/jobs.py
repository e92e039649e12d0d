"""Jobs: what happens because time passes; each in one transaction, by one worker at a time."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from shared import inbox
from shared.clock import Clock
from shared.database import Database, Tx
from shared.faults import TRANSIENT, Backoff, fault_of
from shared.heartbeat import LASTS, Heartbeat, no_heartbeat
from shared.metrics_pipeline import PipelineMetrics
from shared.service import Job
from shared.web import idempotency

LONGEST_NAP = 10.0  # seconds; another worker may have run a job, or the wall clock may have moved
AFTER_FAILURE = timedelta(seconds=60)

_log = structlog.get_logger(__name__)


def prune_archive(tx: Tx, now: datetime) -> None:
    """Make room in the archive of published events: partitions ahead, nothing older than 30 days."""
    del now  # the archive is stamped by the server's clock, not by ours
    tx.execute("SELECT outbox_archive_upkeep()")


PLUMBING_JOBS = (
    Job("forget-old-inbox-ids", timedelta(hours=1), inbox.prune),
    Job("forget-kept-answers", timedelta(hours=1), idempotency.forget),
    Job("keep-the-archive-short", timedelta(hours=12), prune_archive),
)


class Jobs:
    """The jobs of one service, with when each has to run next."""

    def __init__(
        self, service: str, jobs: Sequence[Job], database: Database, clock: Clock, metrics: PipelineMetrics
    ) -> None:
        self._service = service
        self._jobs = tuple(jobs)
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._next: dict[str, datetime] = {}

    def run_due(self) -> int:
        """
        Run the jobs whose time has come; returns how many ran.

        A job that fails is logged and tried again a minute later; it stops no other job.

        Raises:
            DatabaseUnavailable, psycopg errors of TRANSIENT.
        """
        ran = 0
        for job in self._jobs:
            now = self._clock()
            if now < self._next.get(job.name, now) <= now + max(job.every, AFTER_FAILURE):
                continue
            try:
                with self._database.transaction() as tx:
                    done = self._run(tx, job, now)
            except TRANSIENT:
                raise
            except Exception as error:  # noqa: BLE001 - the others must go on; JobLate tells
                self._next[job.name] = now + min(job.every, AFTER_FAILURE)
                fault = fault_of(error)
                _log.error(
                    "a job failed",
                    service=self._service,
                    job=job.name,
                    error_class=fault.error_class,
                    error=fault.error,
                )
            else:
                ran += done
        return ran

    def run(self, stop: threading.Event, beat: Heartbeat = no_heartbeat) -> None:
        """Run jobs until `stop`."""
        backoff = Backoff()
        while not stop.is_set():
            beat(LASTS)
            try:
                self.run_due()
                backoff.reset()
                stop.wait(self._nap())
            except TRANSIENT as error:
                _log.warning("jobs wait", service=self._service, reason=type(error).__name__)
                stop.wait(min(LONGEST_NAP, backoff.next()))

    def _run(self, tx: Tx, job: Job, now: datetime) -> bool:
        locked = tx.value("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0)) AS won", (f"job:{job.name}",))
        if not locked:  # another worker is at it
            self._next[job.name] = now + min(job.every, AFTER_FAILURE)
            return False
        last: datetime | None = tx.value("SELECT last_success FROM job_run WHERE job = %s", (job.name,))
        # A run further ahead than its interval was noted by a clock that has been put right since.
        if last is not None and abs(now - last) < job.every:
            self._next[job.name] = min(last, now) + job.every
            return False
        for metric, value in (job.run(tx, now) or {}).items():
            self._metrics.metrics.declare([metric])
            self._metrics.metrics.set(metric, value)
        tx.execute(
            "INSERT INTO job_run (job, last_success) VALUES (%s, %s) "
            "ON CONFLICT (job) DO UPDATE SET last_success = excluded.last_success",
            (job.name, now),
        )
        self._next[job.name] = now + job.every
        self._metrics.job_succeeded(self._service, job.name, now.timestamp())
        return True

    def _nap(self) -> float:
        """Seconds until the next job, at most ten."""
        now = self._clock()
        soonest = min((self._next.get(job.name, now) for job in self._jobs), default=now + timedelta(days=1))
        return min(LONGEST_NAP, max(0.05, (soonest - now).total_seconds()))
