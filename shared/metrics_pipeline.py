"""Metrics of the event pipeline: their table, and what the workers count with them."""

from collections.abc import Mapping

from prometheus_client.registry import Collector

from shared.metrics import Metric, Metrics, P

E = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)  # seconds: from one service to another
BATCH = (1, 5, 10, 50, 100, 250, 500)  # events

PUBLISHED = Metric(
    "outbox_published_total", "counter", ("service", "event_type"), "Events moved from the outbox to the log."
)
PUBLISH_FAILURES = Metric(
    "outbox_publish_failures_total",
    "counter",
    ("service", "reason"),
    "Batches that did not reach the log and are sent again whole.",
)
PUBLISH_DURATION = Metric(
    "outbox_publish_duration_seconds", "histogram", ("service",), "Time to put one batch on the log.", P
)
BATCH_EVENTS = Metric("outbox_batch_events", "histogram", ("service",), "Events in one batch of the relay.", BATCH)
RELAY_LEADER = Metric("outbox_relay_leader", "gauge", ("service",), "1 while this process is the service's relay.")
CONSUMED = Metric(
    "events_consumed_total",
    "counter",
    ("group", "event_type", "outcome"),
    "Events heard, by what became of them: ok, duplicate, ignored, retried, parked, invalid.",
)
PROCESSING = Metric(
    "event_processing_duration_seconds",
    "histogram",
    ("group", "event_type", "outcome"),
    "Time in the handler, without the commit; outcome is ok or failed.",
    P,
)
END_TO_END = Metric(
    "event_end_to_end_seconds",
    "histogram",
    ("group", "event_type"),
    "From the moment an event tells of to its effect in the consumer.",
    E,
)
LAST_POLL = Metric(
    "event_consumer_last_poll_timestamp_seconds", "gauge", ("group",), "When the consumer last asked the log."
)
ASSIGNED = Metric("event_consumer_assigned_partitions", "gauge", ("group",), "Partitions that this member holds.")
REBALANCES = Metric("event_consumer_rebalances_total", "counter", ("group",), "Changes of this member's share.")
STOPPED = Metric(
    "event_consumer_stopped", "gauge", ("group",), "1 while the consumer reads nothing because too much fails."
)
PARKED = Metric("parked_total", "counter", ("group", "reason"), "Events parked: invalid, gap or error.")
JOB_SUCCESS = Metric(
    "job_last_success_timestamp_seconds", "gauge", ("service", "job"), "When a job last ran to its end."
)
JOB_FAILURES = Metric(
    "job_failures_total",
    "counter",
    ("service", "job", "reason"),
    "Runs of a job that failed, by the class of the error; it is tried again, and no other job waits for it.",
)
ARCHIVE_MOVED = Metric(
    "outbox_archive_moved_events",
    "gauge",
    ("service",),
    "Archived events that a wrong clock had dated ahead: how many the last upkeep moved to their day's partition.",
)
SEALED = Metric("audit_sealed_total", "counter", ("service",), "Entries of the audit trail put into its chain.")
SEAL_FAILURES = Metric(
    "audit_seal_failures_total",
    "counter",
    ("service", "reason"),
    "Rounds of the audit trail's sealer that failed; nothing is lost, entries or their checkpoint wait.",
)
COUNTED = (
    PUBLISHED,
    PUBLISH_FAILURES,
    PUBLISH_DURATION,
    BATCH_EVENTS,
    RELAY_LEADER,
    CONSUMED,
    PROCESSING,
    END_TO_END,
    LAST_POLL,
    ASSIGNED,
    REBALANCES,
    STOPPED,
    PARKED,
    JOB_SUCCESS,
    JOB_FAILURES,
    ARCHIVE_MOVED,
    SEALED,
    SEAL_FAILURES,
)

PROBED = (
    Metric("outbox_pending_events", "gauge", ("service",), "Events committed but not yet on the log."),
    Metric("outbox_oldest_age_seconds", "gauge", ("service",), "Age of the oldest event not yet on the log."),
    Metric("outbox_archive_oldest_age_seconds", "gauge", ("service",), "Age of the oldest event still in the archive."),
    Metric("event_consumer_lag_events", "gauge", ("group", "topic", "partition"), "Events on the log not yet handled."),
    Metric(
        "event_consumer_lag_seconds", "gauge", ("group", "topic"), "How long the oldest unhandled event has waited."
    ),
    Metric("parked_events", "gauge", ("group", "state"), "Events that failed and are retried or wait for a person."),
    Metric("parked_keys", "gauge", ("group",), "Keys that stand still."),
    Metric("parked_oldest_age_seconds", "gauge", ("group", "state"), "Age of the oldest parked event."),
    Metric(
        "job_overdue_seconds",
        "gauge",
        ("service", "job"),
        "For how long a job has been due and did not run to its end.",
    ),
    Metric("audit_waiting_entries", "gauge", ("service",), "Entries of the audit trail not yet in its chain."),
    Metric("audit_waiting_oldest_age_seconds", "gauge", ("service",), "Age of the oldest entry not yet in the chain."),
    Metric(
        "audit_last_seal_age_seconds", "gauge", ("service",), "Since the audit trail's chain last grew; none if never."
    ),
    Metric("event_sequence_gaps", "gauge", ("group",), "Keys that wait for a gap in an aggregate's story to close."),
)

PIPELINE_METRICS: tuple[Metric, ...] = COUNTED + PROBED


class PipelineMetrics:
    """
    What the workers of one process count.

    Gauges that need a question to the database or the log are answered by `shared.probe`.
    """

    def __init__(self, metrics: Metrics | None = None) -> None:
        self.metrics = metrics or Metrics(())
        self.metrics.declare(COUNTED)

    def add(self, collector: Collector) -> None:
        """Let a collector of probed gauges answer at each scrape."""
        self.metrics.registry.register(collector)

    def published(self, service: str, kinds: Mapping[str, int], seconds: float) -> None:
        """One batch lies on the log and in the archive."""
        for kind, count in kinds.items():
            self.metrics.count(PUBLISHED, count, service=service, event_type=kind)
        self.metrics.observe(PUBLISH_DURATION, seconds, service=service)
        self.metrics.observe(BATCH_EVENTS, sum(kinds.values()), service=service)

    def publish_failed(self, service: str, reason: str) -> None:
        """One batch did not reach the log; `reason` is the class of the error."""
        self.metrics.count(PUBLISH_FAILURES, service=service, reason=reason)

    def leads(self, service: str, *, leader: bool) -> None:
        """Note whether this process is the relay of a service."""
        self.metrics.set(RELAY_LEADER, int(leader), service=service)

    def sealed(self, service: str, entries: int) -> None:
        """One batch of audit entries stands in the chain."""
        self.metrics.count(SEALED, entries, service=service)

    def seal_failed(self, service: str, reason: str) -> None:
        """A round of the sealer failed; `reason` is the class of the error."""
        self.metrics.count(SEAL_FAILURES, service=service, reason=reason)

    def handled(self, group: str, kind: str, outcome: str, seconds: float) -> None:
        """A handler returned (`ok`) or raised (`failed`)."""
        self.metrics.observe(PROCESSING, seconds, group=group, event_type=kind, outcome=outcome)

    def consumed(self, group: str, kind: str, outcome: str, late: float | None) -> None:
        """The outcome of an event is committed; `late` seconds after the event's own time."""
        self.metrics.count(CONSUMED, group=group, event_type=kind, outcome=outcome)
        if late is not None:
            self.metrics.observe(END_TO_END, max(0.0, late), group=group, event_type=kind)

    def parked(self, group: str, reason: str) -> None:
        """An event was parked; `reason` is invalid, gap or error."""
        self.metrics.count(PARKED, group=group, reason=reason)

    def polled(self, group: str, at: float) -> None:
        """The consumer asked the log at `at`, seconds since 1970."""
        self.metrics.set(LAST_POLL, at, group=group)

    def assigned(self, group: str, partitions: int) -> None:
        """The member's share has changed."""
        self.metrics.set(ASSIGNED, partitions, group=group)
        self.metrics.count(REBALANCES, group=group)

    def stopped(self, group: str, *, stopped: bool) -> None:
        """The consumer stopped because too much fails, or goes on."""
        self.metrics.set(STOPPED, int(stopped), group=group)

    def job_failed(self, service: str, job: str, reason: str) -> None:
        """A run of a job failed; `reason` is the class of the error."""
        self.metrics.count(JOB_FAILURES, service=service, job=job, reason=reason)

    def job_succeeded(self, service: str, job: str, at: float) -> None:
        """A job ran to its end at `at`, seconds since 1970."""
        self.metrics.set(JOB_SUCCESS, at, service=service, job=job)
