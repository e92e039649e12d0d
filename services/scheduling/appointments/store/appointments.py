"""Appointments as rows. A new one and the time it takes are written together or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.errors import ExclusionViolation

from services.scheduling.appointments.domain.appointment import Appointment
from services.scheduling.appointments.domain.booking import Modality, Window
from services.scheduling.appointments.domain.occupancy import SlotTaken
from services.scheduling.appointments.domain.status import Attendance, Status
from services.scheduling.care.store.visibility import seen_by
from shared.database import Row, Tx
from shared.scope import Scope

_VISIBLE: LiteralString = (
    " FROM appointment_shown WHERE (%(sees_all)s OR practitioner_id = ANY(%(diaries_of)s::uuid[])) AND "
)


# Appointment and occupancy in one statement; nothing is written if any of the time is taken.
_ADD: LiteralString = """
    WITH wanted AS (
        SELECT * FROM unnest(
            %(ids)s::uuid[], %(starts)s::timestamptz[], %(ends)s::timestamptz[], %(locals)s::timestamp[]
        ) AS w(id, starts_at, ends_at, local_start)
    ), needed AS (
        SELECT no FROM unnest(%(numbers)s::int[]) AS n(no)
    ), booked AS (
        INSERT INTO appointment (
            appointment_id, version, status, client_id, practitioner_id, room_id, type_code, modality,
            starts_at, ends_at, local_start, zone, series_id, recurrence_id, booked_at, status_changed_at)
        SELECT
            id, %(version)s, %(status)s, %(client_id)s, %(practitioner_id)s, %(room_id)s::uuid, %(type_code)s,
            %(modality)s, starts_at, ends_at, local_start, %(zone)s, %(series_id)s::uuid,
            CASE WHEN %(series_id)s::uuid IS NOT NULL THEN local_start END, %(booked_at)s, %(booked_at)s
        FROM wanted
        WHERE NOT EXISTS (
            SELECT 1 FROM wanted w CROSS JOIN needed
            JOIN occupancy o ON o.blocking AND o.during && tstzrange(w.starts_at, w.ends_at)
                AND int4range(o.resource_no, o.resource_no, '[]') && int4range(needed.no, needed.no, '[]'))
        RETURNING appointment_id, starts_at, ends_at
    )
    INSERT INTO occupancy (appointment_id, resource_no, during, blocking)
    SELECT appointment_id, no, tstzrange(starts_at, ends_at), true FROM booked CROSS JOIN needed"""


def find_where(
    tx: Tx, scope: Scope, condition: LiteralString, params: Mapping[str, Any], *, columns: LiteralString = "*"
) -> list[Appointment]:
    """Those that a condition is true of and that the asker may see; the condition may end in an order."""
    found = tx.rows("SELECT " + columns + _VISIBLE + condition, {**params, **seen_by(scope)})
    return [_appointment(row) for row in found]


def find(tx: Tx, scope: Scope, appointment_id: UUID) -> Appointment | None:
    """One appointment, None if it does not exist for the asker."""
    found = find_where(tx, scope, "appointment_id = %(id)s", {"id": appointment_id})
    return found[0] if found else None


def lock(tx: Tx, scope: Scope, appointment_ids: Sequence[UUID]) -> list[Appointment]:
    """Hold these rows to the end of the transaction and read them as they are now, in order of id."""
    tx.execute(
        "SELECT 1 FROM appointment WHERE appointment_id = ANY(%s) ORDER BY appointment_id FOR UPDATE",
        (list(appointment_ids),),
    )
    condition: LiteralString = "appointment_id = ANY(%(ids)s) ORDER BY appointment_id"
    return find_where(tx, scope, condition, {"ids": list(appointment_ids)})


def in_window(
    tx: Tx,
    scope: Scope,
    window: Window,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Appointment]:
    """Appointments that begin in a window, by time then id, continuing after a given one."""
    after_at, after_id = after or (None, None)
    return find_where(
        tx,
        scope,
        "(%(begins_from)s::timestamptz IS NULL OR starts_at >= %(begins_from)s) "
        "AND (%(begins_before)s::timestamptz IS NULL OR starts_at < %(begins_before)s) "
        "AND (%(practitioner_id)s::uuid IS NULL OR practitioner_id = %(practitioner_id)s) "
        "AND (%(client_id)s::uuid IS NULL OR client_id = %(client_id)s) "
        "AND (%(after_at)s::timestamptz IS NULL OR (starts_at, appointment_id) > (%(after_at)s, %(after_id)s)) "
        "ORDER BY starts_at, appointment_id LIMIT %(limit)s",
        {**asdict(window), "after_at": after_at, "after_id": after_id, "limit": limit},
    )


def next_of(tx: Tx, scope: Scope, client_ids: Sequence[UUID], *, now: datetime) -> dict[UUID, Appointment]:
    """Of each client the appointment that runs or comes next and is not cancelled."""
    found = find_where(
        tx,
        scope,
        "client_id = ANY(%(clients)s) AND ends_at > %(now)s AND status IN ('booked', 'arrived') "
        "ORDER BY client_id, starts_at, appointment_id",
        {"clients": list(client_ids), "now": now},
        columns="DISTINCT ON (client_id) *",
    )
    return {appointment.client_id: appointment for appointment in found}


def last_of(tx: Tx, scope: Scope, client_ids: Sequence[UUID], *, now: datetime) -> dict[UUID, Appointment]:
    """Of each client the latest appointment that is over, held or missed, and was not cancelled."""
    found = find_where(
        tx,
        scope,
        "client_id = ANY(%(clients)s) "
        "AND (status IN ('completed', 'no_show') OR (ends_at <= %(now)s AND status IN ('booked', 'arrived'))) "
        "ORDER BY client_id, starts_at DESC, appointment_id DESC",
        {"clients": list(client_ids), "now": now},
        columns="DISTINCT ON (client_id) *",
    )
    return {appointment.client_id: appointment for appointment in found}


def usual_of(tx: Tx, scope: Scope, *, client_id: UUID, practitioner_id: UUID) -> Appointment | None:
    """The latest appointment that these two had or have planned, leaving out cancelled ones."""
    found = find_where(
        tx,
        scope,
        "client_id = %(client)s AND practitioner_id = %(practitioner)s "
        "AND status IN ('booked', 'arrived', 'completed', 'no_show') "
        "ORDER BY starts_at DESC, appointment_id DESC LIMIT 1",
        {"client": client_id, "practitioner": practitioner_id},
    )
    return found[0] if found else None


def add(tx: Tx, booked: Sequence[Appointment], numbers: Sequence[int]) -> bool:
    """
    Keep new appointments and the time they take of the resources `numbers`, all of them if all that time is free.

    The appointments are those of one request: they differ in when they are. Tells whether
    they were kept; otherwise nothing was.

    Raises:
        SlotTaken: the constraint refused it. The transaction is broken then and must end.
    """
    try:
        kept = tx.execute(
            _ADD,
            {
                **asdict(booked[0]),
                "ids": [appointment.id for appointment in booked],
                "starts": [appointment.starts_at for appointment in booked],
                "ends": [appointment.ends_at for appointment in booked],
                "locals": [appointment.local_start for appointment in booked],
                "numbers": list(numbers),
            },
        )
    except ExclusionViolation:
        raise SlotTaken([]) from None
    return kept > 0


def save(tx: Tx, appointment: Appointment) -> None:
    """Keep what has changed of an appointment; its row is locked by the caller."""
    tx.execute(
        "UPDATE appointment SET version = %(version)s, status = %(status)s, room_id = %(room_id)s, "
        "starts_at = %(starts_at)s, ends_at = %(ends_at)s, local_start = %(local_start)s, detached = %(detached)s, "
        "status_changed_at = %(status_changed_at)s, previous_status = %(previous_status)s, "
        "reason_code = %(reason_code)s, late = %(late)s, late_waived = %(late_waived)s, "
        "attendance_code = %(attendance_code)s WHERE appointment_id = %(id)s",
        asdict(appointment),
    )


def _appointment(row: Row) -> Appointment:
    known = dict(row)
    known["id"] = known.pop("appointment_id")
    known["status"] = Status(known["status"])
    known["modality"] = Modality(known["modality"])
    known["previous_status"] = Status(known["previous_status"]) if known["previous_status"] else None
    known["attendance_code"] = Attendance(known["attendance_code"]) if known["attendance_code"] else None
    for instant in ("starts_at", "ends_at", "booked_at", "status_changed_at"):
        known[instant] = known[instant].astimezone(UTC)
    return Appointment(**known)
