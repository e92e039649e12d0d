"""Forgetting in time: what is older than its topic's retention goes."""

from datetime import datetime

from shared.eventlog.interface import EventLog
from shared.eventlog.postgres import PostgresLog


def sweep_retention(log: EventLog, *, now: datetime) -> int:
    """
    Delete records older than their topic's retention; a daily job of any one worker.

    Kafka does so by itself, then this does nothing.

    Args:
        log: Either kind.
        now: Aware; counted against the log's own time of append.

    Returns:
        How many records were deleted.
    """
    return log.sweep_retention(now=now) if isinstance(log, PostgresLog) else 0
