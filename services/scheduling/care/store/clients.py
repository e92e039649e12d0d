"""Clients as an id and a spoken code, and who works with whom; heard from intake."""

from datetime import datetime
from uuid import UUID

from services.scheduling.care.domain import Pair
from services.scheduling.care.store.visibility import seen_by
from services.scheduling.resources.domain.resources import Practitioner
from services.scheduling.resources.store import add_resource
from shared.database import Tx
from shared.scope import Scope


def save_client(tx: Tx, client_id: UUID, *, spoken_code: str | None = None, now: datetime) -> None:
    """Note that a client exists; a code that is known is never taken away again."""
    number = add_resource(tx, "client", client_id)
    tx.execute(
        "INSERT INTO client (client_id, resource_no, spoken_code, first_heard_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (client_id) DO UPDATE SET spoken_code = coalesce(excluded.spoken_code, client.spoken_code)",
        (client_id, number, spoken_code, now),
    )


def save_allocation(
    tx: Tx,
    allocation_id: UUID,
    *,
    client_id: UUID,
    practitioner_id: UUID,
    allocated_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> None:
    """Note the beginning or the end of working together; the two may be heard in either order."""
    tx.execute(
        "INSERT INTO allocation (allocation_id, client_id, practitioner_id, allocated_at, ended_at) "
        "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (allocation_id) DO UPDATE SET "
        "allocated_at = coalesce(excluded.allocated_at, allocation.allocated_at), "
        "ended_at = coalesce(excluded.ended_at, allocation.ended_at)",
        (allocation_id, client_id, practitioner_id, allocated_at, ended_at),
    )


def works_with(tx: Tx, scope: Scope, client_id: UUID) -> bool:
    """Tell whether there is such a client for the asker: the desk knows all, a therapist those they work with now."""
    return bool(
        tx.value(
            "SELECT %(sees_all)s AND EXISTS (SELECT 1 FROM client WHERE client_id = %(client)s) "
            "OR coalesce((SELECT practitioner_id = ANY(%(diaries_of)s::uuid[]) AND ended_at IS NULL FROM allocation "
            "  WHERE client_id = %(client)s AND allocated_at IS NOT NULL "
            "  ORDER BY allocated_at DESC, allocation_id DESC LIMIT 1), false)",
            {"client": client_id, **seen_by(scope)},
        )
    )


def find_pair(tx: Tx, scope: Scope, *, client_id: UUID, practitioner_id: UUID) -> Pair:
    """
    What is known of two who are to meet.

    Allocated means: by the client's newest allocation, which has not ended. A client
    has one practitioner at a time, so a newer allocation replaces an older one.
    """
    row = tx.row(
        "SELECT c.spoken_code, p.zone, c.client_id IS NOT NULL AND (%(sees_all)s "
        "  OR EXISTS (SELECT 1 FROM allocation a "
        "    WHERE a.client_id = c.client_id AND a.practitioner_id = ANY(%(diaries_of)s::uuid[])) "
        "  OR EXISTS (SELECT 1 FROM appointment a "
        "    WHERE a.client_id = c.client_id AND a.practitioner_id = ANY(%(diaries_of)s::uuid[]))"
        ") AS client_known, "
        "coalesce((SELECT practitioner_id = %(practitioner)s AND ended_at IS NULL FROM allocation "
        "  WHERE client_id = %(client)s AND allocated_at IS NOT NULL "
        "  ORDER BY allocated_at DESC, allocation_id DESC LIMIT 1), false) AS allocated "
        "FROM (VALUES (%(client)s::uuid, %(practitioner)s::uuid)) AS asked(client_id, practitioner_id) "
        "LEFT JOIN client c USING (client_id) LEFT JOIN practitioner p USING (practitioner_id)",
        {"client": client_id, "practitioner": practitioner_id, **seen_by(scope)},
    )
    assert row is not None
    practitioner = Practitioner(practitioner_id, row["zone"]) if row["zone"] else None
    return Pair(row["client_known"], row["spoken_code"], practitioner, row["allocated"])
