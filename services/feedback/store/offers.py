"""Offers, in the order in which they were made."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.domain.measures import Side
from services.feedback.domain.offers import Offer, OfferState
from services.feedback.store.scoping import VISIBLE, clinical, desk
from shared.database import Row, Tx
from shared.scope import Scope

_COLUMNS = (
    "t.id, t.version, t.course_id, t.client_id, t.practitioner_id, t.appointment_id, t.side, t.measure_id, "
    "t.measure_version, t.state, t.offered_at, t.expires_at, t.missing_reason, t.wish_id, t.closed_at"
)


# The open wish from a session before this one; takes the course and the appointment.
_WISH_BEFORE = (
    "FROM wish w JOIN offer o ON o.id = w.offer_id JOIN hour h ON h.appointment_id = o.appointment_id "
    "WHERE w.course_id = %s AND w.state = 'open' "
    "AND h.starts_at < (SELECT starts_at FROM hour WHERE appointment_id = %s)"
)


def add_offer(tx: Tx, offer: Offer) -> bool:
    """
    Keep a new offer; False when this side was already asked about this session.

    The client's form asks about the wish that is open then.
    """
    return (
        tx.execute(
            "INSERT INTO offer (id, version, course_id, client_id, practitioner_id, appointment_id, side, measure_id, "
            "measure_version, state, offered_at, expires_at, wish_id) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, CASE WHEN %s THEN ("
            f"  SELECT w.id {_WISH_BEFORE}) END) "
            "ON CONFLICT (appointment_id, side) WHERE state <> 'withdrawn' DO NOTHING",
            (
                offer.id,
                offer.version,
                offer.course_id,
                offer.client_id,
                offer.practitioner_id,
                offer.appointment_id,
                offer.side,
                offer.measure_id,
                offer.measure_version,
                offer.state,
                offer.offered_at,
                offer.expires_at,
                offer.side is Side.CLIENT,
                offer.course_id,
                offer.appointment_id,
            ),
        )
        > 0
    )


def course_of_offer(tx: Tx, scope: Scope, offer_id: UUID) -> UUID | None:
    """The course an offer belongs to, so that it can be locked before the offer is."""
    found: UUID | None = tx.value(
        f"SELECT t.course_id FROM offer t WHERE t.id = %(id)s AND {VISIBLE}", {"id": offer_id, **desk(scope)}
    )
    return found


def lock_offer(tx: Tx, scope: Scope, offer_id: UUID) -> Offer | None:
    """One offer, for whoever may know that it is out; locked."""
    row = tx.row(
        f"SELECT {_COLUMNS} FROM offer t WHERE t.id = %(id)s AND {VISIBLE} FOR UPDATE OF t",
        {"id": offer_id, **desk(scope)},
    )
    return None if row is None else _offer(row)


def change_offer(tx: Tx, offer: Offer) -> None:
    """Keep what became of a locked offer."""
    tx.execute(
        "UPDATE offer SET version = %s, state = %s, missing_reason = %s, closed_at = %s WHERE id = %s",
        (offer.version, offer.state, offer.missing_reason, offer.closed_at, offer.id),
    )


def bind_wish(tx: Tx, offer_id: UUID, course_id: UUID, appointment_id: UUID) -> UUID | None:
    """From the opening of a form on it asks about the same wish, while it is being filled in; returns which."""
    found: UUID | None = tx.value(
        f"UPDATE offer SET wish_id = (SELECT w.id {_WISH_BEFORE}) WHERE id = %s RETURNING wish_id",
        (course_id, appointment_id, offer_id),
    )
    return found


def unanswered_of_appointment(tx: Tx, scope: Scope, appointment_id: UUID) -> list[Offer]:
    """Offers about one session that nobody has answered; for this service's own work."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM offer t WHERE t.appointment_id = %s AND t.state IN ('open', 'unanswered') AND %s "
        "ORDER BY t.id FOR UPDATE OF t",
        (appointment_id, scope.is_system),
    )
    return [_offer(row) for row in rows]


def courses_with_open_offers(tx: Tx, scope: Scope, client_id: UUID) -> list[UUID]:
    """Courses of a client in which a form is out; for this service's own work."""
    rows = tx.rows(
        "SELECT DISTINCT t.course_id FROM offer t WHERE t.client_id = %s AND t.state = 'open' AND %s "
        "ORDER BY t.course_id",
        (client_id, scope.is_system),
    )
    return [row["course_id"] for row in rows]


def open_in_course(tx: Tx, scope: Scope, course_id: UUID, *, expired_at: datetime | None = None) -> list[Offer]:
    """Open offers of a course (only those whose time is over at `expired_at`); locked, for this service's own work."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM offer t WHERE t.course_id = %(course)s AND t.state = 'open' "
        "AND (%(expired_at)s::timestamptz IS NULL OR t.expires_at <= %(expired_at)s) AND %(system)s "
        "ORDER BY t.id FOR UPDATE OF t",
        {"course": course_id, "expired_at": expired_at, "system": scope.is_system},
    )
    return [_offer(row) for row in rows]


def courses_with_expired_offers(tx: Tx, scope: Scope, *, now: datetime, limit: int) -> list[UUID]:
    """Courses in which an offer's time is over; for this service's own work."""
    rows = tx.rows(
        "SELECT t.course_id FROM offer t WHERE t.state = 'open' AND t.expires_at <= %s AND %s "
        "GROUP BY t.course_id ORDER BY t.course_id LIMIT %s",
        (now, scope.is_system, limit),
    )
    return [row["course_id"] for row in rows]


def list_offers(
    tx: Tx, scope: Scope, wanted: dict[str, Any], *, after: tuple[str, ...] | None, limit: int
) -> list[Row]:
    """Offers as the desk may see them, oldest first: that a form is out, for whom, and until when."""
    moment, last = after or (None, None)
    return tx.rows(
        f"SELECT {_COLUMNS}, k.spoken_code, h.starts_at AS session_starts_at FROM offer t "
        "JOIN hour h ON h.appointment_id = t.appointment_id LEFT JOIN client k ON k.client_id = t.client_id "
        f"WHERE {VISIBLE} AND (%(side)s::text IS NULL OR t.side = %(side)s) "
        "AND (%(state)s::text IS NULL OR t.state = %(state)s) "
        "AND (%(practitioner_id)s::uuid IS NULL OR t.practitioner_id = %(practitioner_id)s) "
        "AND (%(client_id)s::uuid IS NULL OR t.client_id = %(client_id)s) "
        "AND (%(moment)s::timestamptz IS NULL OR (t.offered_at, t.id) > (%(moment)s, %(last)s::uuid)) "
        "ORDER BY t.offered_at, t.id LIMIT %(limit)s",
        {
            "side": wanted.get("side"),
            "state": wanted.get("state"),
            "practitioner_id": wanted.get("practitioner_id"),
            "client_id": wanted.get("client_id"),
            "moment": moment,
            "last": last,
            "limit": limit,
            **desk(scope),
        },
    )


def treats(tx: Tx, scope: Scope, client_id: UUID) -> bool:
    """Tell whether the scope opens this client's clinical rows."""
    return bool(
        tx.value(f"SELECT {VISIBLE} FROM (SELECT %(id)s::uuid AS client_id) t", {"id": client_id, **clinical(scope)})
    )


def _offer(row: Row) -> Offer:
    return Offer(**row | {"side": Side(row["side"]), "state": OfferState(row["state"])})
