"""Who supervises whom, now and before."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.care.store.visibility import packs
from shared.database import Row, Tx
from shared.ids import uuid7
from shared.scope import Scope


def set_supervisors(
    tx: Tx, practitioner_id: UUID, supervisor_ids: list[UUID], *, by: UUID | None, now: datetime
) -> None:
    """These and no others supervise this therapist from now on."""
    # One writer per therapist; released when the transaction ends.
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"supervision/{practitioner_id}",))
    tx.execute(
        "UPDATE supervision SET until_at = greatest(%(now)s, from_at), ended_by = %(by)s "
        "WHERE practitioner_id = %(practitioner)s AND until_at IS NULL AND NOT supervisor_id = ANY(%(stay)s)",
        {"now": now, "by": by, "practitioner": practitioner_id, "stay": supervisor_ids},
    )
    tx.many(
        "INSERT INTO supervision (id, supervisor_id, practitioner_id, from_at, begun_by) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (practitioner_id, supervisor_id) WHERE until_at IS NULL DO NOTHING",
        [(uuid7(), supervisor_id, practitioner_id, now, by) for supervisor_id in supervisor_ids],
    )


def supervisions(tx: Tx, scope: Scope, *, practitioner_id: UUID | None, ended: bool) -> list[Row]:
    """The pairs, the present ones first: all for who arranges them, for others those they are part of."""
    return tx.rows(
        "SELECT t.id, t.supervisor_id, t.practitioner_id, t.from_at, t.until_at FROM supervision t "
        "WHERE (%(sees_all)s OR t.practitioner_id = %(own)s OR t.supervisor_id = %(own)s) "
        "AND (%(practitioner)s::uuid IS NULL OR t.practitioner_id = %(practitioner)s) "
        "AND (%(ended)s OR t.until_at IS NULL) "
        "ORDER BY t.until_at DESC NULLS FIRST, t.from_at, t.id LIMIT 500",
        {
            "sees_all": scope.is_system or scope.has("clinical_lead", "manager"),
            "own": scope.actor,
            "practitioner": practitioner_id,
            "ended": ended,
        },
    )


def opens_pack(tx: Tx, scope: Scope, practitioner_id: UUID) -> bool:
    """Tell whether the asker may read this therapist's packs: their own, or as their present supervisor."""
    asks: dict[str, Any] = packs(scope)
    if asks["own_work"] == practitioner_id:
        return True
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM supervision WHERE practitioner_id = %(practitioner)s "
            "AND supervisor_id = %(supervises)s::uuid AND until_at IS NULL)",
            {"practitioner": practitioner_id, **asks},
        )
    )
