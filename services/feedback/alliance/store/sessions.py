"""Appointments as scheduling tells of them, and what became of each."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.alliance.domain.courses import Appointment, Course, HeldSession, KeptAppointment
from services.feedback.care.store.visibility import VISIBLE, clinical
from shared.database import Statement, Tx
from shared.scope import Scope

_COLUMNS = "t.appointment_id, t.client_id, t.practitioner_id, t.starts_at, t.ends_at"


@dataclass(frozen=True, slots=True)
class Before:
    """What an appointment was before a fact about it; None where it was not known."""

    status: str | None


@dataclass(frozen=True, slots=True)
class Absence:
    """A session that did not take place: `kind` is missed or cancelled."""

    starts_at: datetime
    kind: str


def keep_appointment(
    tx: Tx, appointment: Appointment, *, modality: str, status: str, late: bool = False, sequence: int
) -> Before | None:
    """Keep an appointment as of this fact, and tell what it was before; None when a later fact is already known."""
    return tx.row_as(
        Before,
        "WITH before AS (SELECT status FROM hour WHERE appointment_id = %(appointment_id)s) "
        "INSERT INTO hour (appointment_id, client_id, practitioner_id, starts_at, ends_at, modality, status, late, "
        "sequence) VALUES (%(appointment_id)s, %(client_id)s, %(practitioner_id)s, %(starts_at)s, %(ends_at)s, "
        "%(modality)s, %(status)s, %(late)s, %(sequence)s) "
        "ON CONFLICT (appointment_id) DO UPDATE SET client_id = excluded.client_id, "
        "practitioner_id = excluded.practitioner_id, starts_at = excluded.starts_at, ends_at = excluded.ends_at, "
        "modality = excluded.modality, status = excluded.status, late = excluded.late, "
        "sequence = excluded.sequence, "
        "before_considered = hour.before_considered AND hour.starts_at = excluded.starts_at "
        "WHERE hour.sequence < excluded.sequence "
        "RETURNING (SELECT status FROM before) AS status",
        {**asdict(appointment), "modality": modality, "status": status, "late": late, "sequence": sequence},
    )


def held_sessions(tx: Tx, scope: Scope, course: Course, *, now: datetime) -> list[HeldSession]:
    """The held sessions of the pair of a course in order, with what may be seen of both sides' answers in it."""
    return tx.rows_as(HeldSession, *held_query(scope, course, now=now))


def held_query(scope: Scope, course: Course, *, now: datetime) -> Statement:
    return (
        f"""
        SELECT t.appointment_id, t.starts_at, o.state AS offer_state, o.missing_reason,
               c.sharing, coalesce(c.visible_from <= %(now)s, false) AS visible,
               c.total, coalesce(c.answered, 0) AS answered, c.said, c.talked,
               m.total AS mirror_total, m.said AS mirror_said, m.blind AS mirror_blind,
               c.recorded_at
          FROM hour t
          LEFT JOIN LATERAL (
               SELECT id, state, missing_reason FROM offer
                WHERE appointment_id = t.appointment_id AND side = 'client' AND course_id = %(course)s
                ORDER BY state = 'withdrawn', offered_at DESC LIMIT 1) o ON true
          LEFT JOIN checkin c ON c.offer_id = o.id
          LEFT JOIN offer mo ON mo.appointment_id = t.appointment_id AND mo.side = 'therapist'
               AND mo.course_id = %(course)s AND mo.state <> 'withdrawn'
          LEFT JOIN checkin m ON m.offer_id = mo.id
         WHERE t.client_id = %(client)s AND t.practitioner_id = %(practitioner)s AND t.status = 'held' AND {VISIBLE}
         ORDER BY t.starts_at, t.appointment_id""",
        {
            "course": course.id,
            "client": course.client_id,
            "practitioner": course.practitioner_id,
            "now": now,
            **clinical(scope),
        },
    )


def recent_held(tx: Tx, scope: Scope, client_id: UUID, *, since: datetime) -> list[Appointment]:
    """Held sessions that ended after `since`; for this service's own work."""
    return tx.rows_as(
        Appointment,
        f"SELECT {_COLUMNS} FROM hour t WHERE t.client_id = %s AND t.status = 'held' AND t.ends_at >= %s AND %s "
        "ORDER BY t.starts_at",
        (client_id, since, scope.is_system),
    )


def upcoming(tx: Tx, scope: Scope, client_id: UUID, *, begins_by: datetime, now: datetime) -> list[Appointment]:
    """Booked appointments of a client that have not ended and begin by a moment; for this service's own work."""
    return tx.rows_as(
        Appointment,
        f"SELECT {_COLUMNS} FROM hour t WHERE t.client_id = %s AND t.status = 'booked' AND t.starts_at <= %s "
        "AND t.ends_at > %s AND %s ORDER BY t.starts_at",
        (client_id, begins_by, now, scope.is_system),
    )


def clients_to_be_asked_before(tx: Tx, scope: Scope, *, begins_by: datetime, now: datetime, limit: int) -> list[UUID]:
    """Clients whose booked appointment begins soon and was not looked at yet; for this service's own work."""
    rows = tx.rows(
        "SELECT t.client_id FROM hour t WHERE t.status = 'booked' AND NOT t.before_considered "
        "AND t.starts_at <= %s AND t.ends_at > %s AND %s "
        "GROUP BY t.client_id ORDER BY min(t.starts_at), t.client_id LIMIT %s",
        (begins_by, now, scope.is_system, limit),
    )
    return [row["client_id"] for row in rows]


def consider_before(tx: Tx, appointment_id: UUID) -> None:
    """Note that what is offered before this appointment has been decided, for the time it is planned at."""
    tx.execute("UPDATE hour SET before_considered = true WHERE appointment_id = %s", (appointment_id,))


def session_number(tx: Tx, scope: Scope, client_id: UUID, practitioner_id: UUID, starts_at: datetime) -> int:
    """Which session of these two one at this time is, counted from 1; for this service's own work."""
    earlier: int = tx.value(
        "SELECT count(*) FROM hour t WHERE t.client_id = %s AND t.practitioner_id = %s AND t.status = 'held' "
        "AND t.starts_at < %s AND %s",
        (client_id, practitioner_id, starts_at, scope.is_system),
    )
    return earlier + 1


def appointment_of(tx: Tx, scope: Scope, appointment_id: UUID) -> KeptAppointment | None:
    return tx.row_as(
        KeptAppointment,
        f"SELECT {_COLUMNS}, t.status FROM hour t WHERE t.appointment_id = %(id)s AND {VISIBLE}",
        {"id": appointment_id, **clinical(scope)},
    )


def absences(tx: Tx, scope: Scope, client_id: UUID, practitioner_id: UUID) -> list[Absence]:
    """Appointments that were missed or cancelled, oldest first."""
    return tx.rows_as(
        Absence,
        f"SELECT t.starts_at, t.status AS kind FROM hour t WHERE t.client_id = %(client)s "
        f"AND t.practitioner_id = %(practitioner)s AND t.status IN ('missed', 'cancelled') AND {VISIBLE} "
        "ORDER BY t.starts_at",
        {"client": client_id, "practitioner": practitioner_id, **clinical(scope)},
    )
