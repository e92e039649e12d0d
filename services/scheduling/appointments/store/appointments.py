"""Appointments and series as rows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from services.scheduling.appointments.domain.appointment import Appointment
from services.scheduling.appointments.domain.booking import Modality
from services.scheduling.appointments.domain.status import Attendance, Status
from services.scheduling.care.store.visibility import seen_by
from shared.database import Row, Tx
from shared.scope import Scope


def find(tx: Tx, scope: Scope, appointment_id: UUID) -> Appointment | None:
    """One appointment, None if it does not exist for the asker."""
    row = tx.row(
        "SELECT * FROM appointment_shown WHERE appointment_id = %(id)s "
        "AND (%(sees_all)s OR practitioner_id = %(diary_of)s)",
        {"id": appointment_id, **seen_by(scope)},
    )
    return _appointment(row) if row else None


def lock(tx: Tx, scope: Scope, appointment_ids: Sequence[UUID]) -> list[Appointment]:
    """Hold these rows to the end of the transaction and read them as they are now, in order of id."""
    tx.execute(
        "SELECT 1 FROM appointment WHERE appointment_id = ANY(%s) ORDER BY appointment_id FOR UPDATE",
        (list(appointment_ids),),
    )
    found = tx.rows(
        "SELECT * FROM appointment_shown WHERE appointment_id = ANY(%(ids)s) "
        "AND (%(sees_all)s OR practitioner_id = %(diary_of)s) ORDER BY appointment_id",
        {"ids": list(appointment_ids), **seen_by(scope)},
    )
    return [_appointment(row) for row in found]


def in_window(
    tx: Tx,
    scope: Scope,
    *,
    begins_from: datetime | None,
    begins_before: datetime | None,
    practitioner_id: UUID | None,
    client_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Appointment]:
    """Appointments that begin in a half-open window, by time then id, continuing after a given one."""
    found = tx.rows(
        "SELECT * FROM appointment_shown WHERE (%(sees_all)s OR practitioner_id = %(diary_of)s) "
        "AND (%(from)s::timestamptz IS NULL OR starts_at >= %(from)s) "
        "AND (%(before)s::timestamptz IS NULL OR starts_at < %(before)s) "
        "AND (%(practitioner)s::uuid IS NULL OR practitioner_id = %(practitioner)s) "
        "AND (%(client)s::uuid IS NULL OR client_id = %(client)s) "
        "AND (%(after_at)s::timestamptz IS NULL OR (starts_at, appointment_id) > (%(after_at)s, %(after_id)s)) "
        "ORDER BY starts_at, appointment_id LIMIT %(limit)s",
        {
            "from": begins_from,
            "before": begins_before,
            "practitioner": practitioner_id,
            "client": client_id,
            "after_at": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
            **seen_by(scope),
        },
    )
    return [_appointment(row) for row in found]


def next_of(tx: Tx, scope: Scope, client_ids: Sequence[UUID], *, now: datetime) -> dict[UUID, Appointment]:
    """Of each client the hour that runs or comes next and is not cancelled."""
    found = tx.rows(
        "SELECT DISTINCT ON (client_id) * FROM appointment_shown WHERE client_id = ANY(%(clients)s) "
        "AND ends_at > %(now)s AND status IN ('booked', 'arrived') "
        "AND (%(sees_all)s OR practitioner_id = %(diary_of)s) ORDER BY client_id, starts_at, appointment_id",
        {"clients": list(client_ids), "now": now, **seen_by(scope)},
    )
    return {row["client_id"]: _appointment(row) for row in found}


def last_of(tx: Tx, scope: Scope, client_ids: Sequence[UUID], *, now: datetime) -> dict[UUID, Appointment]:
    """Of each client the latest hour that is over, held or missed, and was not cancelled."""
    found = tx.rows(
        "SELECT DISTINCT ON (client_id) * FROM appointment_shown WHERE client_id = ANY(%(clients)s) "
        "AND (status IN ('completed', 'no_show') OR (ends_at <= %(now)s AND status IN ('booked', 'arrived'))) "
        "AND (%(sees_all)s OR practitioner_id = %(diary_of)s) ORDER BY client_id, starts_at DESC, appointment_id DESC",
        {"clients": list(client_ids), "now": now, **seen_by(scope)},
    )
    return {row["client_id"]: _appointment(row) for row in found}


def usual_of(tx: Tx, scope: Scope, *, client_id: UUID, practitioner_id: UUID) -> Appointment | None:
    """The latest hour that these two had or have planned, leaving out cancelled ones."""
    row = tx.row(
        "SELECT * FROM appointment_shown WHERE client_id = %(client)s AND practitioner_id = %(practitioner)s "
        "AND status IN ('booked', 'arrived', 'completed', 'no_show') "
        "AND (%(sees_all)s OR practitioner_id = %(diary_of)s) ORDER BY starts_at DESC, appointment_id DESC LIMIT 1",
        {"client": client_id, "practitioner": practitioner_id, **seen_by(scope)},
    )
    return _appointment(row) if row else None


def of_series(tx: Tx, scope: Scope, series_id: UUID) -> list[Appointment]:
    """All dates of a series, in order of the series."""
    found = tx.rows(
        "SELECT * FROM appointment_shown WHERE series_id = %(series)s "
        "AND (%(sees_all)s OR practitioner_id = %(diary_of)s) ORDER BY recurrence_id",
        {"series": series_id, **seen_by(scope)},
    )
    return [_appointment(row) for row in found]


def planned_in_series(
    tx: Tx, scope: Scope, *, client_id: UUID, practitioner_id: UUID, after: datetime
) -> list[Appointment]:
    """Dates of any series of these two that lie ahead and still stand."""
    found = tx.rows(
        "SELECT * FROM appointment_shown WHERE client_id = %(client)s AND practitioner_id = %(practitioner)s "
        "AND series_id IS NOT NULL AND status = 'booked' AND starts_at > %(after)s "
        "AND (%(sees_all)s OR practitioner_id = %(diary_of)s) ORDER BY starts_at, appointment_id",
        {"client": client_id, "practitioner": practitioner_id, "after": after, **seen_by(scope)},
    )
    return [_appointment(row) for row in found]


def add_series(tx: Tx, series_id: UUID, *, rule: str, first: Appointment, local_start: datetime) -> None:
    """Keep the rule of a series; `first` is its first date that was booked."""
    tx.execute(
        "INSERT INTO series (series_id, client_id, practitioner_id, rule, local_start, zone, minutes, booked_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            series_id,
            first.client_id,
            first.practitioner_id,
            rule,
            local_start,
            first.zone,
            first.minutes,
            first.booked_at,
        ),
    )


def add(tx: Tx, appointments: Sequence[Appointment]) -> None:
    """Keep new appointments."""
    tx.many(
        "INSERT INTO appointment (appointment_id, version, status, client_id, practitioner_id, room_id, type_code, "
        "modality, starts_at, ends_at, local_start, zone, series_id, recurrence_id, booked_at, status_changed_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (
                a.id,
                a.version,
                a.status,
                a.client_id,
                a.practitioner_id,
                a.room_id,
                a.type_code,
                a.modality,
                a.starts_at,
                a.ends_at,
                a.local_start,
                a.zone,
                a.series_id,
                a.recurrence_id,
                a.booked_at,
                a.status_changed_at,
            )
            for a in appointments
        ],
    )


def save(tx: Tx, appointment: Appointment) -> None:
    """Keep what has changed of an appointment; its row is locked by the caller."""
    a = appointment
    tx.execute(
        "UPDATE appointment SET version = %s, status = %s, room_id = %s, starts_at = %s, ends_at = %s, "
        "local_start = %s, detached = %s, status_changed_at = %s, previous_status = %s, reason_code = %s, late = %s, "
        "late_waived = %s, attendance_code = %s WHERE appointment_id = %s",
        (
            a.version,
            a.status,
            a.room_id,
            a.starts_at,
            a.ends_at,
            a.local_start,
            a.detached,
            a.status_changed_at,
            a.previous_status,
            a.reason_code,
            a.late,
            a.late_waived,
            a.attendance_code,
            a.id,
        ),
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
