"""Wishes in the client's own words, sealed."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.care.store.visibility import VISIBLE, clinical
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
