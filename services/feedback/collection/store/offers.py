"""Offers, in the order in which they were made."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.care.domain.clients import NO_CODE
from services.feedback.care.store.visibility import VISIBLE, clinical, desk
from services.feedback.collection.domain.offers import ListedOffer, Offer, OfferFilter, OfferState
from services.feedback.collection.domain.plan import Way
from services.feedback.measures.domain import Moment, Side
from shared.database import Row, Tx
from shared.scope import Scope

_COLUMNS = (
    "t.id, t.version, t.course_id, t.client_id, t.practitioner_id, t.appointment_id, t.side, t.measure_id, "
    "t.measure_version, t.state, t.offered_at, t.expires_at, t.missing_reason, t.wish_id, t.closed_at, t.moment, "
    "t.way, t.place"
)


# The open wish from a session before this one; takes the course and the appointment.
_WISH_BEFORE = (
    "FROM wish w JOIN offer o ON o.id = w.offer_id JOIN hour h ON h.appointment_id = o.appointment_id "
    "WHERE w.course_id = %s AND w.state = 'open' "
    "AND h.starts_at < (SELECT starts_at FROM hour WHERE appointment_id = %s)"
)


def add_offer(tx: Tx, offer: Offer) -> bool:
    """
    Keep a new offer; False when this side was already asked this about this session.

    The client's form asks about the wish that is open then.
    """
    return (
        tx.execute(
            "INSERT INTO offer (id, version, course_id, client_id, practitioner_id, appointment_id, side, measure_id, "
            "measure_version, state, offered_at, expires_at, moment, way, place, wish_id) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, CASE WHEN %s THEN ("
            f"  SELECT w.id {_WISH_BEFORE}) END) "
            "ON CONFLICT (appointment_id, side, measure_id) WHERE state <> 'withdrawn' DO NOTHING",
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
                offer.moment,
                offer.way,
                offer.place,
                offer.side is Side.CLIENT,
                offer.course_id,
                offer.appointment_id,
            ),
        )
        > 0
    )


@dataclass(frozen=True, slots=True)
class ToLock:
    """What is locked before an offer is."""

    client_id: UUID
    course_id: UUID


def to_lock_first(tx: Tx, scope: Scope, offer_id: UUID) -> ToLock | None:
    """The client and the course of an offer, so that they can be locked before the offer is."""
    return tx.row_as(
        ToLock,
        f"SELECT t.client_id, t.course_id FROM offer t WHERE t.id = %(id)s AND {VISIBLE}",
        {"id": offer_id, **desk(scope)},
    )


def offer_about(tx: Tx, scope: Scope, appointment_id: UUID, side: Side, measure_id: str) -> Offer | None:
    """The offer of one measure to one side about one session, unless it was taken back; locked."""
    row = tx.row(
        f"SELECT {_COLUMNS} FROM offer t WHERE t.appointment_id = %(appointment)s AND t.side = %(side)s "
        f"AND t.measure_id = %(measure)s AND t.state <> 'withdrawn' AND {VISIBLE} FOR UPDATE OF t",
        {"appointment": appointment_id, "side": side, "measure": measure_id, **desk(scope)},
    )
    return None if row is None else _offer(row)


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
        "UPDATE offer SET version = %s, state = %s, missing_reason = %s, closed_at = %s, expires_at = %s WHERE id = %s",
        (offer.version, offer.state, offer.missing_reason, offer.closed_at, offer.expires_at, offer.id),
    )


def bind_wish(tx: Tx, offer_id: UUID, course_id: UUID, appointment_id: UUID) -> UUID | None:
    """From the opening of a form on it asks about the same wish, while it is being filled in; returns which."""
    found: UUID | None = tx.value(
        f"UPDATE offer SET wish_id = (SELECT w.id {_WISH_BEFORE}) WHERE id = %s RETURNING wish_id",
        (course_id, appointment_id, offer_id),
    )
    return found


def unanswered_of_appointment(tx: Tx, scope: Scope, appointment_id: UUID, moment: Moment | None = None) -> list[Offer]:
    """Offers about one session (of this moment) that nobody has answered; locked, for this service's own work."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM offer t WHERE t.appointment_id = %(appointment)s "
        "AND t.state IN ('open', 'unanswered') AND (%(moment)s::text IS NULL OR t.moment = %(moment)s) "
        "AND %(system)s ORDER BY t.id FOR UPDATE OF t",
        {"appointment": appointment_id, "moment": moment, "system": scope.is_system},
    )
    return [_offer(row) for row in rows]


def open_of_client(tx: Tx, scope: Scope, client_id: UUID, *, expired_at: datetime | None = None) -> list[Offer]:
    """Open offers of a client (only those whose time is over at `expired_at`); locked, for this service's own work."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM offer t WHERE t.client_id = %(client)s AND t.state = 'open' "
        "AND (%(expired_at)s::timestamptz IS NULL OR t.expires_at <= %(expired_at)s) AND %(system)s "
        "ORDER BY t.id FOR UPDATE OF t",
        {"client": client_id, "expired_at": expired_at, "system": scope.is_system},
    )
    return [_offer(row) for row in rows]


def clients_with_expired_offers(tx: Tx, scope: Scope, *, now: datetime, limit: int) -> list[UUID]:
    """Clients with an offer whose time is over, the longest over first; for this service's own work."""
    rows = tx.rows(
        "SELECT t.client_id FROM offer t WHERE t.state = 'open' AND t.expires_at <= %s AND %s "
        "GROUP BY t.client_id ORDER BY min(t.expires_at), t.client_id LIMIT %s",
        (now, scope.is_system, limit),
    )
    return [row["client_id"] for row in rows]


def list_offers(
    tx: Tx, scope: Scope, wanted: OfferFilter, *, after: tuple[str, ...] | None, limit: int
) -> list[ListedOffer]:
    """Offers as the desk may see them, oldest first: that a form is out, for whom, and until when."""
    moment, last = after or (None, None)
    rows = tx.rows(
        f"SELECT {_COLUMNS}, t.reminder, EXISTS (SELECT 1 FROM checkin_version v WHERE v.offer_id = t.id "
        "  AND v.withdrawn IS NOT NULL AND v.restored_at IS NULL) AS entry_withdrawn, "
        "coalesce(nullif(k.spoken_code, ''), %(no_code)s) AS spoken_code, "
        "h.starts_at AS session_starts_at FROM offer t "
        "JOIN hour h ON h.appointment_id = t.appointment_id LEFT JOIN client k ON k.client_id = t.client_id "
        f"WHERE {VISIBLE} AND (%(side)s::text IS NULL OR t.side = %(side)s) "
        "AND (%(state)s::text IS NULL OR t.state = %(state)s) "
        "AND (%(practitioner_id)s::uuid IS NULL OR t.practitioner_id = %(practitioner_id)s) "
        "AND (%(client_id)s::uuid IS NULL OR t.client_id = %(client_id)s) "
        "AND (%(reminder)s::text IS NULL OR t.reminder = %(reminder)s AND t.state = 'open') "
        "AND (%(moment)s::timestamptz IS NULL OR (t.offered_at, t.id) > (%(moment)s, %(last)s::uuid)) "
        "ORDER BY t.offered_at, t.id LIMIT %(limit)s",
        {
            **asdict(wanted),
            "moment": moment,
            "last": last,
            "limit": limit,
            "no_code": NO_CODE,
            **desk(scope),
        },
    )
    return [ListedOffer(**_read(row)) for row in rows]


def opens_client(tx: Tx, scope: Scope, client_id: UUID) -> bool:
    """Tell whether the scope opens this client's clinical rows."""
    return bool(
        tx.value(f"SELECT {VISIBLE} FROM (SELECT %(id)s::uuid AS client_id) t", {"id": client_id, **clinical(scope)})
    )


def _offer(row: Row) -> Offer:
    return Offer(**_read(row))


def _read(row: Row) -> dict[str, Any]:
    return row | {
        "side": Side(row["side"]),
        "state": OfferState(row["state"]),
        "moment": Moment(row["moment"]),
        "way": Way(row["way"]),
    }
