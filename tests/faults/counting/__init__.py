"""
A service made for tests: counts per client, and tells each count.

Owns: the counters. Publishes: count.raised. Listens to: nothing.
"""

from datetime import datetime
from uuid import UUID

from flask import Blueprint

from shared.database import Tx
from shared.envelope import Event
from shared.outbox import publish
from shared.service import Service

COUNT_RAISED = "rapport.counting.count.raised.v1"
COUNTING = Service("counting", "Counting", Blueprint("counting", __name__), {}, "tests.faults.counting.migrations")


def raise_count(tx: Tx, client: UUID, *, now: datetime) -> Event:
    """One more for this client; the row is locked before the event is made, so counts have no gap."""
    count: int = tx.value(
        "INSERT INTO counter (client, count) VALUES (%s, 1) "
        "ON CONFLICT (client) DO UPDATE SET count = counter.count + 1 RETURNING count",
        (client,),
    )
    return Event(
        service="counting",
        kind="count.raised.v1",
        subject=f"counter/{client}",
        key=client,
        sequence=count,
        time=now,
        data={"client_id": client, "count": count},
    )


def count_and_tell(tx: Tx, client: UUID, *, now: datetime) -> Event:
    """The right way: the event is a row of the same transaction."""
    event = raise_count(tx, client, now=now)
    publish(tx, event)
    return event
