"""
Emergency access: a clinician opens one client outside of any relationship, for an hour, with a reason.

It is meant to be used, and to be seen: the client's therapist and the clinical lead are told at once, every
page says so, every line it leaves in a trail carries its purpose, and the lead looks at each of them again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.security.accounts import Staff
from shared.database import Tx
from shared.ids import uuid7
from shared.security.sealing import Place, Sealed

LASTS = timedelta(minutes=60)
LEAST_REASON, MOST_REASON = 15, 1000  # characters
CATEGORIES = {
    "danger": "Danger to the client or to others",
    "medical": "A medical emergency",
    "crisis_call": "The client calls in a crisis, and their therapist cannot be reached",
    "other": "Something else",
}
OUTCOMES = {
    "in_order": "In order",
    "talked_about": "Talked about with them",
    "not_justified": "Not justified: taken further",
}


@dataclass(frozen=True, slots=True)
class EmergencyAccess:
    """One client, opened by one person for one hour; `reason` is None where it was not asked for."""

    id: UUID
    staff_id: UUID
    client_id: UUID
    spoken_code: str
    therapist_id: UUID | None
    category: str
    opened_at: datetime
    ends_at: datetime
    outcome: str | None = None
    reviewed_by: UUID | None = None
    reviewed_at: datetime | None = None
    reason: str | None = None


def open_client(
    tx: Tx,
    staff: Staff,
    client_id: UUID,
    *,
    spoken_code: str,
    therapist_id: UUID | None,
    category: str,
    reason: str,
    now: datetime,
) -> EmergencyAccess:
    """Open one client for an hour; the reason is sealed under the key of the one who gives it."""
    made = EmergencyAccess(
        uuid7(), staff.id, client_id, spoken_code, therapist_id, category, opened_at=now, ends_at=now + LASTS
    )
    tx.execute(
        "INSERT INTO emergency_access (id, staff_id, client_id, spoken_code, therapist_id, category, reason, opened_at,"
        " ends_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            made.id,
            staff.id,
            client_id,
            spoken_code,
            therapist_id,
            category,
            tx.vault.seal(tx, staff.id, _place(made.id), reason),
            now,
            made.ends_at,
        ),
    )
    return made


def opened_now(tx: Tx, staff_id: UUID, client_id: UUID, now: datetime) -> EmergencyAccess | None:
    """What somebody has open of this client at this moment."""
    return tx.row_as(
        _access,
        "SELECT * FROM emergency_access WHERE staff_id = %s AND client_id = %s AND opened_at <= %s AND ends_at > %s "
        "ORDER BY ends_at DESC LIMIT 1",
        (staff_id, client_id, now, now),
    )


def close_now(tx: Tx, staff_id: UUID, client_id: UUID, now: datetime) -> bool:
    """End it before its hour is over; tells whether there was anything to end."""
    return bool(
        tx.execute(
            "UPDATE emergency_access SET ends_at = %s WHERE staff_id = %s AND client_id = %s AND ends_at > %s",
            (now, staff_id, client_id, now),
        )
    )


def unseen(tx: Tx, staff: Staff) -> list[EmergencyAccess]:
    """What a therapist has not seen yet of their own clients, and a clinical lead has not looked at again."""
    return tx.rows_as(
        _access,
        "SELECT * FROM emergency_access WHERE (therapist_id = %s AND seen_at IS NULL AND staff_id <> %s) "
        "OR (%s AND outcome IS NULL) ORDER BY opened_at",
        (staff.id, staff.id, staff.has("clinical_lead")),
    )


def note_seen(tx: Tx, access_id: UUID, staff_id: UUID, now: datetime) -> None:
    """The client's therapist has seen it."""
    tx.execute(
        "UPDATE emergency_access SET seen_at = %s WHERE id = %s AND therapist_id = %s AND seen_at IS NULL",
        (now, access_id, staff_id),
    )


def to_review(tx: Tx) -> list[EmergencyAccess]:
    """All of them with their reasons, those nobody has looked at again first; for the clinical lead."""
    rows = tx.rows(
        "SELECT * FROM emergency_access ORDER BY outcome IS NOT NULL, "
        "CASE WHEN outcome IS NULL THEN opened_at END, opened_at DESC LIMIT 100"
    )
    reasons = tx.vault.open_many(tx, [Sealed(row["staff_id"], _place(row["id"]), row["reason"]) for row in rows])
    return [_access(**row | {"reason": reason}) for row, reason in zip(rows, reasons, strict=True)]


def review(tx: Tx, access_id: UUID, *, outcome: str, by: UUID, now: datetime) -> bool:
    """Say what came of looking at it again; False where somebody did so before, or it was one's own."""
    return bool(
        tx.execute(
            "UPDATE emergency_access SET outcome = %s, reviewed_by = %s, reviewed_at = %s "
            "WHERE id = %s AND outcome IS NULL AND staff_id <> %s",
            (outcome, by, now, access_id, by),
        )
    )


def _place(access_id: UUID) -> Place:
    return Place("emergency_access", "reason", access_id)


def _access(*, seen_at: datetime | None, reason: str | bytes, **row: object) -> EmergencyAccess:
    del seen_at
    return EmergencyAccess(reason=reason if isinstance(reason, str) else None, **row)  # type: ignore[arg-type]
