"""One URL says which log it is; the code above cannot tell the difference."""

from typing import cast

from shared.eventlog.interface import EventLog
from shared.eventlog.postgres import PostgresLog

_KAFKA = ("kafka://", "kafkas://")


def open_log(url: str, *, name: str = "rapport") -> EventLog:
    """
    Open an event log; nothing is connected yet.

    Args:
        url: `kafka://host:port,host:port` (in the clear), `kafkas://user:password@host:port,...?ca=/path`
            (TLS, SASL SCRAM-SHA-512), or a PostgreSQL URL or libpq connection string.
        name: Who opens it, shown in the log's own listings.

    Raises:
        ValueError: the URL names no log.
    """
    if url.startswith(_KAFKA):
        from shared.eventlog.kafka import kafka_log  # noqa: PLC0415 - a quarter of a second that embedded mode saves

        return cast(EventLog, kafka_log(url, name=name))
    return PostgresLog(url, name=name)
