"""One-time links and what hangs on them: hashes of tokens and handles, and what each browser has half filled in."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.care.store.visibility import may_open_forms
from services.feedback.collection.domain.forms import OpenedForm, Packet, PacketForm
from services.feedback.measures.domain.answers import Answer
from shared.database import Tx
from shared.scope import Scope
from shared.security.sealing import Place

# The client's forms of the same appointment and moment; takes an offer of it.
_PACKET = (
    "SELECT o.id FROM offer f JOIN offer o ON o.appointment_id = f.appointment_id AND o.moment = f.moment "
    "AND o.side = f.side WHERE f.id = %(offer)s"
)


# What was taken back is part of a packet only while there is nothing else in it: a handle still finds its end.
_COLUMNS = (
    "o.id AS offer_id, o.course_id, o.client_id, o.appointment_id, o.measure_id, o.measure_version, o.state, "
    "o.missing_reason, o.wish_id, o.expires_at"
)
_FORMS = (
    "FROM offer f JOIN offer o ON o.appointment_id = f.appointment_id AND o.moment = f.moment AND o.side = f.side "
    "AND o.way = 'form' AND (o.state <> 'withdrawn' OR o.id = f.id AND NOT EXISTS ("
    "  SELECT 1 FROM offer p WHERE p.appointment_id = f.appointment_id AND p.moment = f.moment AND p.side = f.side "
    "  AND p.way = 'form' AND p.state <> 'withdrawn'))"
)
# What was sent in this browser, and nobody else's; `c` has no row for any other form.
_SENT_HERE = (
    "c.sharing, c.offer_id IS NOT NULL AND EXISTS (SELECT 1 FROM risk_answer r "
    "  WHERE r.offer_id = c.offer_id AND r.raised <> '{}') AS risk_answered"
)
_IN_ORDER = "ORDER BY o.place, o.offered_at, o.id"


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link on its way in: hashes alone; the last two where it is opened at once, as from a kiosk."""

    id: UUID
    offer_id: UUID
    token_hash: bytes
    expires_at: datetime
    channel: str
    handle_hash: bytes | None = None
    browser_id: UUID | None = None


def add_link(tx: Tx, new: NewLink, *, now: datetime) -> None:
    """Keep a new link; earlier ones to this packet that nobody has opened end. A browser that has begun goes on."""
    tx.execute(
        f"UPDATE link SET ended_at = %(now)s WHERE offer_id IN ({_PACKET}) AND exchanged_at IS NULL "
        "AND ended_at IS NULL",
        {"now": now, "offer": new.offer_id},
    )
    tx.execute(
        "INSERT INTO link (id, offer_id, token_hash, handle_hash, made_at, expires_at, exchanged_at, channel, "
        "browser_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            new.id,
            new.offer_id,
            new.token_hash,
            new.handle_hash,
            now,
            new.expires_at,
            None if new.handle_hash is None else now,
            new.channel,
            new.browser_id,
        ),
    )


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was made for an offer."""

    id: UUID
    offer_id: UUID


def link_of_token(tx: Tx, scope: Scope, token_hash: bytes) -> Link | None:
    return tx.row_as(
        Link, "SELECT id, offer_id FROM link WHERE token_hash = %s AND %s", (token_hash, may_open_forms(scope))
    )


def browser_of_handle(tx: Tx, scope: Scope, handle_hash: bytes, client_id: UUID) -> UUID | None:
    """The browser that holds this handle of a form of the same client; None where it is any other."""
    found: UUID | None = tx.value(
        "SELECT l.browser_id FROM link l JOIN offer o ON o.id = l.offer_id "
        "WHERE l.handle_hash = %s AND l.ended_at IS NULL AND o.client_id = %s AND %s",
        (handle_hash, client_id, may_open_forms(scope)),
    )
    return found


def keep_exchange(tx: Tx, link_id: UUID, handle_hash: bytes, browser_id: UUID, *, now: datetime) -> bool:
    """Use the token up; False when it was used before or replaced. From here on the handle opens the form."""
    return (
        tx.execute(
            "UPDATE link SET exchanged_at = %s, handle_hash = %s, browser_id = %s "
            "WHERE id = %s AND exchanged_at IS NULL AND ended_at IS NULL",
            (now, handle_hash, browser_id, link_id),
        )
        > 0
    )


def packet_of_offer(tx: Tx, scope: Scope, offer_id: UUID) -> Packet[PacketForm]:
    """The forms that are asked together with this one, in their order; for whoever may open forms."""
    rows = tx.rows(f"SELECT {_COLUMNS} {_FORMS} WHERE f.id = %s AND %s {_IN_ORDER}", (offer_id, may_open_forms(scope)))
    return Packet([PacketForm(**row) for row in rows])


def packet_of_handle(tx: Tx, scope: Scope, handle_hash: bytes) -> Packet[OpenedForm]:
    """The forms behind a handle, in their order, and what its browser sent of them; none behind an unknown one."""
    rows = tx.rows(
        f"SELECT {_COLUMNS}, l.browser_id, {_SENT_HERE} {_FORMS} JOIN link l ON l.offer_id = f.id "
        "LEFT JOIN checkin c ON c.offer_id = o.id AND c.browser_id = l.browser_id "
        f"WHERE l.handle_hash = %s AND l.ended_at IS NULL AND %s {_IN_ORDER}",
        (handle_hash, may_open_forms(scope)),
    )
    return Packet([OpenedForm(**row) for row in rows])


def channel_of(tx: Tx, scope: Scope, handle_hash: bytes) -> str:
    """How the packet behind a handle was opened: link or kiosk."""
    found: str = tx.value(
        "SELECT channel FROM link WHERE handle_hash = %s AND %s", (handle_hash, may_open_forms(scope))
    )
    return found


def keep_draft(
    tx: Tx, offer_id: UUID, browser_id: UUID, client_id: UUID, answers: Mapping[str, Answer], *, now: datetime
) -> None:
    """Keep what a browser has half filled in, sealed under the client's key."""
    sealed = tx.vault.seal(tx, client_id, _place(offer_id), json.dumps(dict(answers), ensure_ascii=False))
    tx.execute(
        "INSERT INTO draft (offer_id, browser_id, answers, saved_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (offer_id, browser_id) DO UPDATE SET answers = excluded.answers, saved_at = excluded.saved_at",
        (offer_id, browser_id, sealed, now),
    )


def draft_of(tx: Tx, scope: Scope, offer_id: UUID, browser_id: UUID, client_id: UUID) -> dict[str, Answer]:
    """What this browser has filled in so far; empty for any other, and for anybody but the form itself."""
    row = tx.row(
        "SELECT answers FROM draft WHERE offer_id = %s AND browser_id = %s AND %s",
        (offer_id, browser_id, may_open_forms(scope)),
    )
    if row is None:
        return {}
    answers: dict[str, Answer] = json.loads(tx.vault.open(tx, client_id, _place(offer_id), row["answers"]))
    return answers


def has_draft(tx: Tx, scope: Scope, offer_id: UUID) -> bool:
    """Tell whether a form is half filled in, in any browser; for whoever may open forms."""
    return bool(
        tx.value("SELECT true FROM draft WHERE offer_id = %s AND %s LIMIT 1", (offer_id, may_open_forms(scope)))
    )


def clear_drafts(tx: Tx, offer_id: UUID) -> None:
    """Forget what was half filled in, in every browser: the form was sent, or taken back."""
    tx.execute("DELETE FROM draft WHERE offer_id = %s", (offer_id,))


def _place(offer_id: UUID) -> Place:
    return Place("draft", "answers", offer_id)
