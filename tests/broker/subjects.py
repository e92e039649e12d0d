"""Logs with short patience, so that a dead or stalled member is missed within seconds."""

from datetime import timedelta

from shared.eventlog.interface import EventLog
from shared.eventlog.postgres import PostgresLog

LEASE = timedelta(seconds=1)
STALL_SECONDS = 3.0


def open_impatient(url: str) -> EventLog:
    """A log whose members lose their partitions after one to three seconds."""
    if not url.startswith("kafka"):
        return PostgresLog(url, name="contract", lease=LEASE)
    from shared.eventlog.kafka import kafka_log
    from shared.eventlog.kafka.settings import Patience

    return kafka_log(url, name="contract", patience=Patience(append=6.0, session=2.0, stall=STALL_SECONDS))
