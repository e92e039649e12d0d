"""
Worker: everything of a service that nobody asked for: relay, consumer, retries, jobs, the audit trail's sealer.

Each is a supervised thread, and so is each job. If one dies, all end and the process with them:
a half-alive clinic is worse than a restart. A thread that waits, for a database, a log, a lock
or a person, is not dead: it waits alone, and `stands_still` and `late_jobs` say so.
"""

import faulthandler
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from shared.clock import Clock
from shared.consumer import Consumer
from shared.database import Database, Tx
from shared.eventlog.interface import EventLog
from shared.eventlog.retention import sweep_retention
from shared.faults import TRANSIENT, Backoff, fault_of
from shared.heartbeat import LASTS, Heartbeat, Heartbeats
from shared.inbox_processor import Hearing
from shared.jobs import PLUMBING_JOBS, Jobs
from shared.log_start import LogStart
from shared.metrics_pipeline import PipelineMetrics
from shared.parking.retry import Retries
from shared.probe import Probe, Watched
from shared.relay import Relay
from shared.security.audit.checkpoints import Checkpoints
from shared.security.audit.sealer import Sealer
from shared.service import Job, Service

DRAIN_SECONDS = 25.0
LONGEST_NAP = 5.0  # of the retry loop: an operator may have asked for a retry
STANDS_STILL = 60.0  # seconds without success, after which a consumer is reported
STUCK = 2.0  # times a beat's own time: then the stacks are dumped and the process ends

_log = structlog.get_logger(__name__)


def _sweeping(log: EventLog) -> Job:
    """Once a day records older than their topic's retention go; Kafka does that by itself."""

    def sweep(_tx: Tx, now: datetime) -> None:
        sweep_retention(log, now=now)

    return Job("sweep-the-log", timedelta(days=1), sweep)


class WorkerDied(Exception):
    """A thread of the worker ended or hangs; the process must end with a non-zero code."""


def group_of(service: str) -> str:
    """The consumer group of a service, also its name in inbox and parking place."""
    return f"rapport.{service}"


class ServiceWorker:
    """
    The worker of one service.

    Args:
        service: What it hears and does.
        database: A pool as the app's role; opened by the caller, after any fork.
        relay_url, sealer_url: The same database as the relay's and as the sealer's role.
        checkpoints: Where the sealer of the audit trail signs how far it came; None: it does not.
        log: The event log.
        clock: What time it is; tests and the demo clinic bring their own.
        metrics, probe: Shared by all workers of a process; made here if absent.
    """

    def __init__(
        self,
        service: Service,
        *,
        database: Database,
        relay_url: str,
        sealer_url: str,
        log: EventLog,
        clock: Clock,
        checkpoints: Checkpoints | None = None,
        metrics: PipelineMetrics | None = None,
        probe: Probe | None = None,
        beats: Heartbeats | None = None,
    ) -> None:
        database = database.for_the_program()
        self.service = service
        self.beats = beats or Heartbeats()
        self.metrics = metrics or PipelineMetrics()
        group = group_of(service.name)
        hearing = Hearing(group, service.handlers, database, clock, self.metrics, LogStart(group, log))
        self._clock = clock
        self._relay = Relay(service.name, relay_url, log, self.metrics)
        self._sealer = Sealer(service.name, sealer_url, checkpoints, self.metrics, clock)
        self._consumer = Consumer(hearing, log, service.listens_to) if service.listens_to else None
        self._retries = Retries(hearing, log)
        jobs = (*service.jobs, *PLUMBING_JOBS, _sweeping(log))
        self._jobs = Jobs(service.name, jobs, database, clock, self.metrics)
        self._failures: list[tuple[str, BaseException]] = []
        if probe is None:
            probe = Probe()
            self.metrics.add(probe)
        probe.watch(self._watched(group, database.url, log))

    @property
    def trouble(self) -> str:
        """What relay or consumer are waiting out, the class of an error; empty when all is well."""
        return self._relay.trouble or (self._consumer.trouble if self._consumer else "")

    @property
    def stands_still(self) -> str:
        """Why the consumer has handled nothing for a minute, or stopped; empty when all is well."""
        consumer = self._consumer
        if consumer is None:
            return ""
        if consumer.stopped:
            return "stopped, too much fails: see the parked events"
        return consumer.trouble if consumer.stands_seconds > STANDS_STILL else ""

    @property
    def late_jobs(self) -> list[str]:
        """Names of jobs that are overdue by more than their period."""
        return self._jobs.late()

    def step(self) -> int:
        """
        Do one round in this thread, without waiting; returns how much happened.

        Relay until the outbox is empty, poll and handle once, try what is due, run the
        jobs that are due, seal what the trail has waiting. A loop of steps over all services
        until all return 0 settles them.
        Not together with `run`.

        Raises:
            LogError, DatabaseUnavailable, TooManyParked.
        """
        happened = 0
        while moved := self._relay.drain_once():
            happened += moved
        if self._consumer is not None:
            while heard := self._consumer.step():
                happened += heard
            happened += self._retries.run_due()
        happened += self._jobs.run_due()
        while self._sealer.seal_once():  # settled once it has nothing to do; an entry is no event for anybody
            pass
        return happened

    def run(self, stop: threading.Event) -> None:
        """
        Run the threads until `stop` is set, then let each finish what it is doing, 25 s at most.

        Raises:
            WorkerDied: a thread ended by itself or hangs; the others were told to stop.
        """
        ending = threading.Event()
        threads = [self._start(name, loop, ending) for name, loop in self._loops().items()]
        try:
            while not stop.wait(1.0) and not self._failures:
                self._check_beats()
        finally:
            ending.set()
            if self._consumer is not None:
                self._consumer.parked_something.set()  # wakes the retry loop
            deadline = time.monotonic() + DRAIN_SECONDS
            for thread in threads:
                thread.join(max(0.0, deadline - time.monotonic()))
        if self._failures:
            name, error = self._failures[0]
            raise WorkerDied(f"{name}: {type(error).__name__}: {fault_of(error).error}") from error
        if late := [thread.name for thread in threads if thread.is_alive()]:
            raise WorkerDied(f"{', '.join(late)} did not end within {DRAIN_SECONDS:.0f} s")

    def close(self) -> None:
        """Give back what `step` has opened: the relay's session and the place in the group."""
        self._relay.close()
        self._sealer.close()
        if self._consumer is not None:
            self._consumer.close()

    def _loops(self) -> dict[str, Callable[[threading.Event, Heartbeat], None]]:
        loops: dict[str, Callable[[threading.Event, Heartbeat], None]] = {
            "relay": self._relay.run,
            **self._jobs.loops(),
            "sealer": self._sealer.run,
        }
        if self._consumer is not None:
            loops |= {"consumer": self._consumer.run, "retry": self._retry_loop}
        return loops

    def _start(
        self, name: str, loop: Callable[[threading.Event, Heartbeat], None], ending: threading.Event
    ) -> threading.Thread:
        full_name = f"{self.service.name} {name}"

        def guarded() -> None:
            try:
                loop(ending, self.beats.of(full_name))
            except BaseException as error:  # noqa: BLE001 - the supervisor must hear of everything
                fault = fault_of(error)
                _log.critical("a thread died", name=full_name, error_class=fault.error_class, error=fault.error)
                self._failures.append((name, error))
            finally:
                self.beats.forget(full_name)

        thread = threading.Thread(target=guarded, name=full_name, daemon=True)
        thread.start()
        return thread

    def _retry_loop(self, stop: threading.Event, beat: Heartbeat) -> None:
        assert self._consumer is not None  # only started beside a consumer
        backoff = Backoff()
        woken = self._consumer.parked_something
        while not stop.is_set():
            beat(LASTS)
            woken.clear()
            try:
                self._retries.run_due()
                due = self._retries.next_due()
                backoff.reset()
                nap = LONGEST_NAP if due is None else (due - self._clock()).total_seconds()
            except TRANSIENT as error:
                _log.warning("retries wait", service=self.service.name, reason=type(error).__name__)
                nap = backoff.next()
            woken.wait(min(LONGEST_NAP, max(0.05, nap)))

    def _check_beats(self) -> None:
        if stuck := self.beats.late(times=STUCK):
            faulthandler.dump_traceback()
            raise WorkerDied(f"{', '.join(stuck)}: no sign of life")

    def _watched(self, group: str, url: str, log: EventLog) -> Watched:
        consumer = self._consumer
        return Watched(
            service=self.service.name,
            group=group,
            url=url,
            log=log,
            topics=self.service.listens_to,
            positions=lambda: consumer.positions if consumer else {},
            oldest_ms=lambda: consumer.oldest_ms if consumer else None,
            overdue=self._jobs.overdue,
        )
