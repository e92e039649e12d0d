"""Kiosks and the one-time codes typed in on them; hashes alone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.care.store.visibility import may_open_forms
from shared.database import Tx
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A device that was enrolled."""

    id: UUID
    label: str
    enrolled_at: datetime
    ended_at: datetime | None
    paused_until: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class LockedKiosk:
    """How many wrong codes in a row were typed in on a device, and until when it pauses."""

    id: UUID
    wrong_in_a_row: int
    paused_until: datetime | None


def add_kiosk(
    tx: Tx, kiosk_id: UUID, label: str, token_hash: bytes, *, enrolled_by: UUID | None, now: datetime
) -> None:
    tx.execute(
        "INSERT INTO kiosk (id, label, token_hash, enrolled_at, enrolled_by) VALUES (%s, %s, %s, %s, %s)",
        (kiosk_id, label, token_hash, now, enrolled_by),
    )


def list_kiosks(tx: Tx, scope: Scope) -> list[Kiosk]:
    """All kiosks that were ever enrolled, the newest first; for the manager."""
    return tx.rows_as(
        Kiosk,
        "SELECT id, label, enrolled_at, ended_at, paused_until, last_used_at FROM kiosk WHERE %s "
        "ORDER BY enrolled_at DESC, id DESC LIMIT 200",
        (scope.has("manager"),),
    )


def end_kiosk(tx: Tx, scope: Scope, kiosk_id: UUID, *, now: datetime) -> Kiosk | None:
    """From here on this device opens nothing; None when there is no such kiosk. Ending twice changes nothing."""
    return tx.row_as(
        Kiosk,
        "UPDATE kiosk SET ended_at = coalesce(ended_at, %s) WHERE id = %s AND %s "
        "RETURNING id, label, enrolled_at, ended_at, paused_until, last_used_at",
        (now, kiosk_id, scope.has("manager")),
    )


def lock_kiosk(tx: Tx, scope: Scope, token_hash: bytes) -> LockedKiosk | None:
    """The enrolled kiosk with this token, locked, so that its wrong codes are counted one by one."""
    return tx.row_as(
        LockedKiosk,
        "SELECT id, wrong_in_a_row, paused_until FROM kiosk WHERE token_hash = %s AND ended_at IS NULL AND %s "
        "FOR UPDATE",
        (token_hash, may_open_forms(scope)),
    )


def keep_count(tx: Tx, kiosk_id: UUID, wrong_in_a_row: int, paused_until: datetime | None, *, now: datetime) -> None:
    """Keep how many wrong codes in a row there were, and until when the kiosk pauses."""
    tx.execute(
        "UPDATE kiosk SET wrong_in_a_row = %s, paused_until = %s, last_used_at = %s WHERE id = %s",
        (wrong_in_a_row, paused_until, now, kiosk_id),
    )


def end_codes(tx: Tx, offer_id: UUID, *, now: datetime) -> None:
    """Earlier codes to the packet of this offer end."""
    tx.execute(
        "UPDATE code SET ended_at = %(now)s WHERE ended_at IS NULL AND offer_id IN ("
        "  SELECT o.id FROM offer f JOIN offer o ON o.appointment_id = f.appointment_id AND o.moment = f.moment "
        "  AND o.side = f.side WHERE f.id = %(offer)s)",
        {"now": now, "offer": offer_id},
    )


def add_code(tx: Tx, code_id: UUID, offer_id: UUID, code_hash: bytes, *, now: datetime, expires_at: datetime) -> bool:
    """Keep a new code; False when somebody else holds the same one just now."""
    tx.execute(
        "UPDATE code SET ended_at = %(now)s WHERE code_hash = %(code)s AND ended_at IS NULL AND expires_at <= %(now)s",
        {"now": now, "code": code_hash},
    )
    return (
        tx.execute(
            "INSERT INTO code (id, offer_id, code_hash, made_at, expires_at) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (code_hash) WHERE ended_at IS NULL DO NOTHING",
            (code_id, offer_id, code_hash, now, expires_at),
        )
        > 0
    )


def offer_of_code(tx: Tx, scope: Scope, code_hash: bytes, *, now: datetime) -> UUID | None:
    """The offer that a code was made for; None when it is wrong, used or too old."""
    found: UUID | None = tx.value(
        "SELECT offer_id FROM code WHERE code_hash = %s AND ended_at IS NULL AND expires_at > %s AND %s",
        (code_hash, now, may_open_forms(scope)),
    )
    return found
