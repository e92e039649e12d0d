"""Practitioners, rooms and clients as things that can be busy, and who works with whom."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.errors import UniqueViolation

from services.scheduling.care.domain import Pair, Practitioner
from services.scheduling.care.store.visibility import seen_by
from services.scheduling.resources.domain.refusals import LabelTaken
from shared.database import Tx
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class Room:
    """A therapy room; the label is what stands on its door."""

    id: UUID
    label: str


def practitioners(tx: Tx, scope: Scope) -> list[Practitioner]:
    """Everybody who keeps a diary, oldest first; open to all staff."""
    found = tx.rows(
        "SELECT practitioner_id AS id, zone FROM practitioner WHERE %(any_staff)s ORDER BY added_at, practitioner_id",
        {"any_staff": bool(scope.roles)},
    )
    return [Practitioner(**row) for row in found]


def keep_practitioner(tx: Tx, practitioner_id: UUID, zone: str, *, now: datetime) -> bool:
    """Add a practitioner, or set their zone; tells whether they are new."""
    number = _resource_no(tx, "practitioner", practitioner_id)
    row = tx.row(
        "INSERT INTO practitioner (practitioner_id, resource_no, zone, added_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (practitioner_id) DO UPDATE SET zone = excluded.zone RETURNING xmax = 0 AS added",
        (practitioner_id, number, zone, now),
    )
    assert row is not None
    return bool(row["added"])


def rooms(tx: Tx, scope: Scope) -> list[Room]:
    """All rooms by label; open to all staff."""
    found = tx.rows(
        "SELECT room_id AS id, label FROM room WHERE %(any_staff)s ORDER BY lower(label), room_id",
        {"any_staff": bool(scope.roles)},
    )
    return [Room(**row) for row in found]


def add_room(tx: Tx, room: Room, *, now: datetime) -> None:
    """Keep a new room; raises LabelTaken."""
    number = _resource_no(tx, "room", room.id)
    try:
        tx.execute(
            "INSERT INTO room (room_id, resource_no, label, added_at) VALUES (%s, %s, %s, %s)",
            (room.id, number, room.label, now),
        )
    except UniqueViolation:
        raise LabelTaken("label", "Another room has this label already; give it another one.") from None


def keep_client(tx: Tx, client_id: UUID, *, spoken_code: str | None, now: datetime) -> None:
    """Note that a client exists; a code that is known is never taken away again."""
    number = _resource_no(tx, "client", client_id)
    tx.execute(
        "INSERT INTO client (client_id, resource_no, spoken_code, first_heard_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (client_id) DO UPDATE SET spoken_code = coalesce(excluded.spoken_code, client.spoken_code)",
        (client_id, number, spoken_code, now),
    )


def keep_allocation(
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


def pair(tx: Tx, scope: Scope, *, client_id: UUID, practitioner_id: UUID) -> Pair:
    """
    What is known of two who are to meet.

    Allocated means: by the client's newest allocation, which has not ended. A client
    has one practitioner at a time, so a newer allocation replaces an older one.
    """
    row = tx.row(
        "SELECT EXISTS (SELECT 1 FROM client c WHERE c.client_id = %(client)s AND (%(sees_all)s "
        "  OR EXISTS (SELECT 1 FROM allocation a WHERE a.client_id = c.client_id AND a.practitioner_id = %(diary_of)s) "
        "  OR EXISTS (SELECT 1 FROM appointment a WHERE a.client_id = c.client_id AND a.practitioner_id = %(diary_of)s)"
        ")) AS client_known, "
        "(SELECT zone FROM practitioner WHERE practitioner_id = %(practitioner)s) AS zone, "
        "coalesce((SELECT practitioner_id = %(practitioner)s AND ended_at IS NULL FROM allocation "
        "  WHERE client_id = %(client)s AND allocated_at IS NOT NULL "
        "  ORDER BY allocated_at DESC, allocation_id DESC LIMIT 1), false) AS allocated",
        {"client": client_id, "practitioner": practitioner_id, **seen_by(scope)},
    )
    assert row is not None
    practitioner = Practitioner(practitioner_id, row["zone"]) if row["zone"] else None
    return Pair(row["client_known"], practitioner, row["allocated"])


def _resource_no(tx: Tx, kind: str, resource_id: UUID) -> int:
    tx.execute("INSERT INTO resource (kind, id) VALUES (%s, %s) ON CONFLICT DO NOTHING", (kind, resource_id))
    number: int = tx.value("SELECT resource_no FROM resource WHERE kind = %s AND id = %s", (kind, resource_id))
    return number
