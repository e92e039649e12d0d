"""
Jobs: what happens because time passes; each in one transaction, by one worker at a time.

Each has a thread of its own, its own schedule and its own pauses after a failure: a job that
waits for a lock, or fails each time, is late alone.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from shared import inbox
from shared.clock import Clock
from shared.database import Database, Tx
from shared.faults import TRANSIENT, Backoff, fault_of
from shared.heartbeat import Heartbeat, no_heartbeat
from shared.metrics import Metric
from shared.metrics_pipeline import ARCHIVE_MOVED, PipelineMetrics
from shared.service import Job
from shared.web import idempotency

LONGEST_NAP = 10.0  # seconds; another worker may have run a job, or the wall clock may have moved
AFTER_OUTAGE, AFTER_FAILURE = 10.0, 60.0  # seconds; the longest pauses: a lock goes by itself, a defect does not
AT_ONCE = 3  # jobs of one service; each holds a connection, of which requests need theirs
LATE = timedelta(seconds=60)  # overdue by more than this, and by more than its period, a job is late
LONGEST_RUN = 600.0  # seconds a run may take before the thread counts as hanging

_log = structlog.get_logger(__name__)


def prune_archive(tx: Tx, now: datetime) -> Mapping[Metric, float]:
    """Make room in the archive of published events: partitions ahead, nothing older than 30 days."""
    del now  # the archive is stamped by the server's clock, not by ours
    return {ARCHIVE_MOVED: float(tx.value("SELECT outbox_archive_upkeep() AS moved"))}


PLUMBING_JOBS = (
    Job("forget-old-inbox-ids", timedelta(hours=1), inbox.prune),
    Job("forget-kept-answers", timedelta(hours=1), idempotency.forget),
    Job("keep-the-archive-short", timedelta(hours=12), prune_archive),
)


class Jobs:
    """The jobs of one service."""

    def __init__(
        self, service: str, jobs: Sequence[Job], database: Database, clock: Clock, metrics: PipelineMetrics
    ) -> None:
        turns = threading.BoundedSemaphore(AT_ONCE)
        self._scheduled = [ScheduledJob(service, job, database, clock, metrics, turns) for job in jobs]

    def run_due(self) -> int:
        """Run the jobs whose time has come, one after the other; returns how many ran to their end."""
        return sum(scheduled.run_if_due() for scheduled in self._scheduled)

    def loops(self) -> dict[str, Callable[[threading.Event, Heartbeat], None]]:
        """What to run in a thread each, by name."""
        return {f"job {scheduled.job.name}": scheduled.run for scheduled in self._scheduled}

    def overdue(self) -> dict[str, float]:
        """Seconds for which each job has been due and did not run to its end, be it by another worker."""
        return {scheduled.job.name: scheduled.overdue().total_seconds() for scheduled in self._scheduled}

    def late(self) -> list[str]:
        """Names of the jobs that are overdue by more than their own period, and by more than a minute."""
        return [each.job.name for each in self._scheduled if each.overdue() > max(each.job.every, LATE)]


class ScheduledJob:
    """One job with its own schedule; what goes wrong with it is its own."""

    def __init__(
        self,
        service: str,
        job: Job,
        database: Database,
        clock: Clock,
        metrics: PipelineMetrics,
        turns: threading.BoundedSemaphore,
    ) -> None:
        self.job = job
        self._service = service
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._turns = turns
        self._next: datetime | None = None
        self._done_at = clock() - job.every  # the last run known of; at the start it is due, and not late
        self._outage, self._failure = Backoff(longest=AFTER_OUTAGE), Backoff(longest=AFTER_FAILURE)

    def run_if_due(self) -> bool:
        """Run it if its time has come; a failure is counted, logged and tried again after a growing pause."""
        now = self._clock()
        if self._next is not None and now < self._next <= now + max(self.job.every, timedelta(seconds=AFTER_FAILURE)):
            return False
        try:
            with self._turns, self._database.transaction() as tx:
                ran = self._run(tx, now)
        except Exception as error:  # noqa: BLE001 - the others must go on; the figures tell, and whoever reads the log
            self._failed(error, now)
            return False
        self._outage.reset()
        self._failure.reset()
        if ran:
            self._done_at, self._next = now, now + self.job.every
            self._metrics.job_succeeded(self._service, self.job.name, now.timestamp())
        return ran

    def run(self, stop: threading.Event, beat: Heartbeat = no_heartbeat) -> None:
        """Run it again and again until `stop`."""
        while not stop.is_set():
            beat(LONGEST_RUN)
            self.run_if_due()
            stop.wait(self._nap())

    def overdue(self) -> timedelta:
        """For how long it has been due."""
        return max(timedelta(), self._clock() - self._done_at - self.job.every)

    def _run(self, tx: Tx, now: datetime) -> bool:
        job = self.job
        locked = tx.value("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0)) AS won", (f"job:{job.name}",))
        if not locked:  # another worker is at it
            self._next = now + min(job.every, timedelta(seconds=AFTER_FAILURE))
            return False
        last: datetime | None = tx.value("SELECT last_success FROM job_run WHERE job = %s", (job.name,))
        # A run further ahead than its interval was noted by a clock that has been put right since.
        if last is not None and abs(now - last) < job.every:
            self._done_at = min(last, now)
            self._next = self._done_at + job.every
            return False
        for metric, value in (job.run(tx, now) or {}).items():
            self._metrics.metrics.declare([metric])
            self._metrics.metrics.set(metric, value, **({"service": self._service} if metric.labels else {}))
        tx.execute(
            "INSERT INTO job_run (job, last_success) VALUES (%s, %s) "
            "ON CONFLICT (job) DO UPDATE SET last_success = excluded.last_success",
            (job.name, now),
        )
        tx.flush()  # what fails at the commit is not done
        self._done_at, self._next = now, now + job.every
        self._metrics.job_succeeded(self._service, job.name, now.timestamp())
        return True

    def _failed(self, error: Exception, now: datetime) -> None:
        pause = (self._outage if isinstance(error, TRANSIENT) else self._failure).next()
        self._next = now + min(self.job.every, timedelta(seconds=pause))
        fault = fault_of(error)
        self._metrics.job_failed(self._service, self.job.name, fault.error_class)
        _log.error(
            "a job failed",
            service=self._service,
            job=self.job.name,
            error_class=fault.error_class,
            error=fault.error,
        )

    def _nap(self) -> float:
        """Seconds until it is due, at most ten."""
        if self._next is None:
            return 0.0
        return min(LONGEST_NAP, max(0.05, (self._next - self._clock()).total_seconds()))
