"""What is heard from scheduling: the hours of each client, and what became of them."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.domain.courses import Hour
from services.feedback.store.scoping import VISIBLE, clinical
from shared.database import Row, Tx
from shared.scope import Scope


def keep_hour(tx: Tx, hour: dict[str, Any], *, status: str, sequence: int) -> Row | None:
    """
    Keep an hour as of this fact; None when a later fact is already known.

    Returns:
        The status it had before (`was`), None for an hour not heard of before.
    """
    return tx.row(
        "WITH before AS (SELECT status FROM hour WHERE appointment_id = %(appointment_id)s) "
        "INSERT INTO hour (appointment_id, client_id, practitioner_id, starts_at, ends_at, modality, status, late, "
        "sequence) VALUES (%(appointment_id)s, %(client_id)s, %(practitioner_id)s, %(starts_at)s, %(ends_at)s, "
        "%(modality)s, %(status)s, %(late)s, %(sequence)s) "
        "ON CONFLICT (appointment_id) DO UPDATE SET client_id = excluded.client_id, "
        "practitioner_id = excluded.practitioner_id, starts_at = excluded.starts_at, ends_at = excluded.ends_at, "
        "modality = excluded.modality, status = excluded.status, late = excluded.late, "
        "sequence = excluded.sequence "
        "WHERE hour.sequence < excluded.sequence "
        "RETURNING (SELECT status FROM before) AS was",
        {"late": False, **hour, "status": status, "sequence": sequence},
    )


def held_hours(tx: Tx, scope: Scope, client_id: UUID, practitioner_id: UUID, *, now: datetime) -> list[Hour]:
    """The held sessions of one client with one therapist in order, with what may be seen of both sides' answers."""
    rows = tx.rows(
        f"""
        SELECT t.appointment_id, t.starts_at, o.state AS offer_state, o.missing_reason,
               c.sharing, coalesce(c.visible_from <= %(now)s, false) AS visible,
               c.total, coalesce(c.answered, 0) AS answered, c.said, c.talked,
               m.total AS mirror_total, m.said AS mirror_said, m.blind AS mirror_blind
          FROM hour t
          LEFT JOIN LATERAL (
               SELECT id, state, missing_reason FROM offer
                WHERE appointment_id = t.appointment_id AND side = 'client'
                ORDER BY state = 'withdrawn', offered_at DESC LIMIT 1) o ON true
          LEFT JOIN checkin c ON c.offer_id = o.id
          LEFT JOIN offer mo ON mo.appointment_id = t.appointment_id AND mo.side = 'therapist'
               AND mo.state <> 'withdrawn'
          LEFT JOIN checkin m ON m.offer_id = mo.id
         WHERE t.client_id = %(client)s AND t.practitioner_id = %(practitioner)s AND t.status = 'held' AND {VISIBLE}
         ORDER BY t.starts_at, t.appointment_id""",
        {"client": client_id, "practitioner": practitioner_id, "now": now, **clinical(scope)},
    )
    return [Hour(**row) for row in rows]


def recent_held(tx: Tx, scope: Scope, client_id: UUID, *, since: datetime) -> list[Row]:
    """Held sessions that ended after `since` and have no offer yet; for this service's own work."""
    return tx.rows(
        "SELECT t.appointment_id, t.client_id, t.practitioner_id, t.starts_at, t.ends_at FROM hour t "
        "WHERE t.client_id = %s AND t.status = 'held' AND t.ends_at >= %s AND %s AND NOT EXISTS ("
        "SELECT 1 FROM offer o WHERE o.appointment_id = t.appointment_id AND o.state <> 'withdrawn') "
        "ORDER BY t.starts_at",
        (client_id, since, scope.is_system),
    )


def hour_of(tx: Tx, scope: Scope, appointment_id: UUID) -> Row | None:
    """One hour."""
    return tx.row(
        f"SELECT t.* FROM hour t WHERE t.appointment_id = %(id)s AND {VISIBLE}",
        {"id": appointment_id, **clinical(scope)},
    )


def absences(tx: Tx, scope: Scope, client_id: UUID, practitioner_id: UUID) -> list[Row]:
    """Hours that were missed or cancelled, oldest first."""
    return tx.rows(
        f"SELECT t.starts_at, t.status AS kind FROM hour t WHERE t.client_id = %(client)s "
        f"AND t.practitioner_id = %(practitioner)s AND t.status IN ('missed', 'cancelled') AND {VISIBLE} "
        "ORDER BY t.starts_at",
        {"client": client_id, "practitioner": practitioner_id, **clinical(scope)},
    )
