"""Wishes in the client's own words, sealed."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.care.store.visibility import VISIBLE, clinical
from services.feedback.wishes.domain import SaidOfWishes, WishStanding, WishState
from shared.database import Tx
from shared.scope import Scope
from shared.security.sealing import Place


@dataclass(frozen=True, slots=True)
class KeptWish:
    """A wish that may be seen, about a session; `words` are still sealed."""

    id: UUID
    client_id: UUID
    words: bytes
    state: str
    asked_again: int
    closed_at: datetime | None
    appointment_id: UUID
    starts_at: datetime


_COLUMNS = "t.id, t.client_id, t.words, t.state, t.asked_again, t.closed_at, o.appointment_id, h.starts_at"


def add_wish(tx: Tx, wish_id: UUID, client_id: UUID, course_id: UUID, offer_id: UUID, words: str, readers: str) -> None:
    """Keep a wish; it opens once the check-in it stands in may be seen."""
    sealed = tx.vault.seal(tx, client_id, Place("wish", "words", wish_id), words)
    tx.execute(
        "INSERT INTO wish (id, client_id, course_id, offer_id, words, readers, state) "
        "VALUES (%s, %s, %s, %s, %s, %s, 'kept_back')",
        (wish_id, client_id, course_id, offer_id, sealed, readers),
    )


def shown_wishes(tx: Tx, scope: Scope, course_id: UUID) -> list[KeptWish]:
    """The course's wishes that may be seen, by the session they were written about; their words still sealed."""
    return tx.rows_as(
        KeptWish,
        f"SELECT {_COLUMNS} "
        "FROM wish t JOIN offer o ON o.id = t.offer_id JOIN hour h ON h.appointment_id = o.appointment_id "
        f"WHERE t.course_id = %(course)s AND t.state <> 'kept_back' AND {VISIBLE} ORDER BY h.starts_at, t.id",
        {"course": course_id, **clinical(scope)},
    )


def shared_wishes(tx: Tx, scope: Scope, client_id: UUID, practitioner_id: UUID) -> list[KeptWish]:
    """All wishes to one therapist that may be seen, oldest first; their words still sealed."""
    return tx.rows_as(
        KeptWish,
        f"SELECT {_COLUMNS} "
        "FROM wish t JOIN offer o ON o.id = t.offer_id JOIN hour h ON h.appointment_id = o.appointment_id "
        "WHERE t.client_id = %(client)s AND o.practitioner_id = %(practitioner)s AND t.state <> 'kept_back' "
        f"AND {VISIBLE} ORDER BY h.starts_at, t.id",
        {"client": client_id, "practitioner": practitioner_id, **clinical(scope)},
    )


def words_of(tx: Tx, wish: KeptWish) -> str:
    """The client's words, of a wish that was read with a scope."""
    return tx.vault.open(tx, wish.client_id, Place("wish", "words", wish.id), wish.words)


def answer_wish(tx: Tx, wish_id: UUID, state: str, *, now: datetime) -> None:
    """Keep what the client says became of an open wish."""
    tx.execute(
        "UPDATE wish SET state = %(state)s, asked_again = asked_again + 1, "
        "closed_at = CASE WHEN %(state)s <> 'open' THEN %(now)s END WHERE id = %(id)s AND state = 'open'",
        {"state": state, "now": now, "id": wish_id},
    )


def open_kept_back(tx: Tx, offer_id: UUID, course_id: UUID, *, now: datetime) -> None:
    """Open the wish of a check-in that may now be seen; an older one gives way, unless this one is the older."""
    tx.execute(
        "WITH new AS (SELECT w.id, h.starts_at FROM wish w JOIN offer o ON o.id = w.offer_id "
        "  JOIN hour h ON h.appointment_id = o.appointment_id WHERE w.offer_id = %(offer)s AND w.state = 'kept_back'), "
        "old AS (SELECT w.id, h.starts_at FROM wish w JOIN offer o ON o.id = w.offer_id "
        "  JOIN hour h ON h.appointment_id = o.appointment_id WHERE w.course_id = %(course)s AND w.state = 'open') "
        "UPDATE wish SET state = 'replaced', closed_at = %(now)s WHERE id IN ("
        "  SELECT CASE WHEN old.starts_at <= new.starts_at THEN old.id ELSE new.id END FROM new, old)",
        {"offer": offer_id, "course": course_id, "now": now},
    )
    tx.execute("UPDATE wish SET state = 'open' WHERE offer_id = %s AND state = 'kept_back'", (offer_id,))


def said_of_wishes(tx: Tx, scope: Scope, course_id: UUID) -> list[SaidOfWishes]:
    """What the client's check-ins that may be seen say of the course's wishes, as they began to count; own work."""
    return tx.rows_as(
        SaidOfWishes,
        "SELECT h.starts_at, c.visible_from AS seen_from, o.wish_id AS asked_about, c.answers ->> 'w2' AS answer, "
        "w.id AS wish_id FROM checkin c JOIN offer o ON o.id = c.offer_id "
        "JOIN hour h ON h.appointment_id = o.appointment_id LEFT JOIN wish w ON w.offer_id = o.id "
        "WHERE o.course_id = %s AND o.side = 'client' AND c.shown AND %s ORDER BY c.visible_from, o.closed_at, o.id",
        (course_id, scope.is_system),
    )


def keep_standings(tx: Tx, course_id: UUID, standing: Mapping[UUID, WishStanding]) -> None:
    """Keep how the wishes of a course stand; any other is kept back."""
    tx.execute(
        "UPDATE wish SET state = 'kept_back', asked_again = 0, closed_at = NULL "
        "WHERE course_id = %s AND state <> 'kept_back' AND NOT id = ANY(%s)",
        (course_id, list(standing)),
    )
    # What closes goes first: a course has one open wish at most.
    for wish_id, now in sorted(standing.items(), key=lambda one: one[1].state is WishState.OPEN):
        tx.execute(
            "UPDATE wish SET state = %(state)s, asked_again = %(asked)s, closed_at = %(closed_at)s "
            "WHERE id = %(id)s AND (state, asked_again) IS DISTINCT FROM (%(state)s, %(asked)s)",
            {"id": wish_id, "state": now.state, "asked": now.asked_again, "closed_at": now.closed_at},
        )
