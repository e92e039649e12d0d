"""Reminders of open forms: which may be due, and what became of them."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.database import Tx
from shared.scope import Scope


def clients_to_remind(
    tx: Tx, scope: Scope, *, offered_by: datetime, open_after: datetime, since: datetime, most: int, limit: int
) -> list[UUID]:
    """
    Clients with an open form that nobody reminded them of, but for those reminded `most` times since; own work alone.

    Who may not be reminded is left out here as well: they must not stand before the others.
    """
    rows = tx.rows(
        f"SELECT t.client_id FROM offer t WHERE {_REMINDABLE} AND t.offered_at <= %s "
        "AND t.expires_at > %s AND (SELECT count(*) FROM offer e WHERE e.client_id = t.client_id "
        "AND e.reminder_due_at > %s) < %s AND %s GROUP BY t.client_id ORDER BY min(t.offered_at), t.client_id LIMIT %s",
        (offered_by, open_after, since, most, scope.is_system, limit),
    )
    return [row["client_id"] for row in rows]


@dataclass(frozen=True, slots=True)
class RemindableForm:
    """The first open form of a packet."""

    id: UUID
    offered_at: datetime
    expires_at: datetime


def first_of_packets(tx: Tx, scope: Scope, client_id: UUID) -> list[RemindableForm]:
    """Of each packet of a client of which nobody has reminded them, its first open form; own work alone."""
    return tx.rows_as(
        RemindableForm,
        "SELECT DISTINCT ON (t.appointment_id, t.moment) t.id, t.offered_at, t.expires_at "
        f"FROM offer t WHERE t.client_id = %s AND {_REMINDABLE} AND %s "
        "ORDER BY t.appointment_id, t.moment, t.place, t.offered_at, t.id",
        (client_id, scope.is_system),
    )


def reminded_at(tx: Tx, scope: Scope, client_id: UUID, *, since: datetime) -> list[datetime]:
    """When a client was reminded of anything; for this service's own work."""
    rows = tx.rows(
        "SELECT reminder_due_at FROM offer WHERE client_id = %s AND reminder_due_at > %s AND %s",
        (client_id, since, scope.is_system),
    )
    return [row["reminder_due_at"] for row in rows]


def mark_due(tx: Tx, offer_id: UUID, *, now: datetime) -> None:
    """A reminder of this form is due now."""
    tx.execute("UPDATE offer SET reminder = 'due', reminder_due_at = %s WHERE id = %s", (now, offer_id))


def mark_done(tx: Tx, offer_id: UUID, *, now: datetime) -> bool:
    """Somebody reminded the client; False when no reminder was due."""
    return (
        tx.execute(
            "UPDATE offer SET reminder = 'done', reminded_at = %s WHERE id = %s AND reminder = 'due'", (now, offer_id)
        )
        > 0
    )


# One reminder per packet: a form in it that was reminded of stands for all of them.
_REMINDABLE = (
    "t.state = 'open' AND t.side = 'client' AND t.way = 'form' AND NOT EXISTS (SELECT 1 FROM offer r "
    "WHERE r.appointment_id = t.appointment_id AND r.moment = t.moment AND r.side = 'client' "
    "AND r.reminder IS NOT NULL)"
)
