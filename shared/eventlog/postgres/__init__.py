"""
The event log in PostgreSQL: the same contract as Kafka's, for a clinic on one machine.

Owns the database `rapport_log`: topics, records, consumer groups.
"""

from shared.eventlog.postgres.adapter import PostgresLog
from shared.eventlog.postgres.provision import LogUser, migrate_log

__all__ = ["LogUser", "PostgresLog", "migrate_log"]
