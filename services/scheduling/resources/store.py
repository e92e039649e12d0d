"""Practitioners and rooms, and the number of each that can be busy: the key of its lock and of the constraint."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from psycopg.errors import UniqueViolation

from services.scheduling.resources.domain.resources import Kind, LabelTaken, Practitioner, Resource, Room
from shared.database import Tx
from shared.scope import Scope

_LOCK_CLASS = 7_241  # first half of the advisory lock's key; the second is the resource's number


def practitioners(tx: Tx, scope: Scope) -> list[Practitioner]:
    """Everybody who keeps a diary, oldest first; open to all staff."""
    return tx.rows_as(
        Practitioner,
        "SELECT practitioner_id AS id, zone FROM practitioner WHERE %(any_staff)s ORDER BY added_at, practitioner_id",
        {"any_staff": bool(scope.roles)},
    )


def save_practitioner(tx: Tx, practitioner: Practitioner, *, now: datetime) -> bool:
    """Add a practitioner, or set their zone; tells whether they are new."""
    number = add_resource(tx, "practitioner", practitioner.id)
    added: bool = tx.value(
        "INSERT INTO practitioner (practitioner_id, resource_no, zone, added_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (practitioner_id) DO UPDATE SET zone = excluded.zone RETURNING xmax = 0 AS added",
        (practitioner.id, number, practitioner.zone, now),
    )
    return added


def rooms(tx: Tx, scope: Scope) -> list[Room]:
    """All rooms by label; open to all staff."""
    return tx.rows_as(
        Room,
        "SELECT room_id AS id, label FROM room WHERE %(any_staff)s ORDER BY lower(label), room_id",
        {"any_staff": bool(scope.roles)},
    )


def add_room(tx: Tx, room: Room, *, now: datetime) -> None:
    """Keep a new room; raises LabelTaken."""
    number = add_resource(tx, "room", room.id)
    try:
        tx.execute(
            "INSERT INTO room (room_id, resource_no, label, added_at) VALUES (%s, %s, %s, %s)",
            (room.id, number, room.label, now),
        )
    except UniqueViolation:
        raise LabelTaken("label", "Another room has this label already; give it another one.") from None


def add_resource(tx: Tx, kind: Kind, resource_id: UUID) -> int:
    """The number of somebody or something that can be busy from now on, or is known already."""
    tx.execute("INSERT INTO resource (kind, id) VALUES (%s, %s) ON CONFLICT DO NOTHING", (kind, resource_id))
    number: int = tx.value("SELECT resource_no FROM resource WHERE kind = %s AND id = %s", (kind, resource_id))
    return number


def lock_resources(tx: Tx, scope: Scope, resources: Iterable[Resource]) -> dict[Resource, int]:
    """
    Wait until nobody else decides about these; held to the end of the transaction.

    Gives their numbers; those that do not exist are left out.
    """
    wanted = sorted(set(resources))
    # Locked in the order of the subquery: ascending, so that no two commands wait in a circle.
    rows = tx.rows(
        "SELECT kind, id, resource_no, pg_advisory_xact_lock(%(class)s, resource_no) FROM ("
        "SELECT r.kind, r.id, r.resource_no FROM resource r "
        "JOIN unnest(%(kinds)s::text[], %(ids)s::uuid[]) AS w(kind, id) USING (kind, id) "
        "WHERE %(any_staff)s ORDER BY r.resource_no) AS wanted",
        {
            "class": _LOCK_CLASS,
            "kinds": [resource.kind for resource in wanted],
            "ids": [resource.id for resource in wanted],
            "any_staff": bool(scope.roles),
        },
    )
    return {Resource(row["kind"], row["id"]): row["resource_no"] for row in rows}
