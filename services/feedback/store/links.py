"""One-time links and what hangs on them: hashes of tokens and handles, and drafts half filled in."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.store.scoping import may_open_forms
from shared.database import Row, Tx
from shared.scope import Scope
from shared.security.sealing import Place


def add_link(tx: Tx, link_id: UUID, offer_id: UUID, token_hash: bytes, *, now: datetime, expires_at: datetime) -> None:
    """Keep a new link; earlier ones of this offer end."""
    tx.execute("UPDATE link SET ended_at = %s WHERE offer_id = %s AND ended_at IS NULL", (now, offer_id))
    tx.execute(
        "INSERT INTO link (id, offer_id, token_hash, made_at, expires_at) VALUES (%s, %s, %s, %s, %s)",
        (link_id, offer_id, token_hash, now, expires_at),
    )


def link_of_token(tx: Tx, scope: Scope, token_hash: bytes) -> Row | None:
    """The link of a token."""
    return tx.row(
        "SELECT id, offer_id, expires_at FROM link WHERE token_hash = %s AND %s", (token_hash, may_open_forms(scope))
    )


def keep_exchange(tx: Tx, link_id: UUID, handle_hash: bytes, *, now: datetime) -> bool:
    """Use the token up; False when it was used before or replaced. From here on the handle opens the form."""
    return (
        tx.execute(
            "UPDATE link SET exchanged_at = %s, handle_hash = %s "
            "WHERE id = %s AND exchanged_at IS NULL AND ended_at IS NULL",
            (now, handle_hash, link_id),
        )
        > 0
    )


def form_of_handle(tx: Tx, scope: Scope, handle_hash: bytes) -> Row | None:
    """The offer behind a handle with its session's end; None once the link was ended by a newer one."""
    return tx.row(
        "SELECT o.id, o.course_id, o.client_id, o.appointment_id, o.measure_id, o.measure_version, o.state, o.wish_id, "
        "l.expires_at, h.ends_at, c.sharing FROM link l JOIN offer o ON o.id = l.offer_id "
        "JOIN hour h ON h.appointment_id = o.appointment_id LEFT JOIN checkin c ON c.offer_id = o.id "
        "WHERE l.handle_hash = %s AND l.ended_at IS NULL AND %s",
        (handle_hash, may_open_forms(scope)),
    )


def keep_draft(tx: Tx, offer_id: UUID, client_id: UUID, answers: Mapping[str, Any], *, now: datetime) -> None:
    """Keep a form half filled in, sealed under the client's key."""
    sealed = tx.vault.seal(tx, client_id, _place(offer_id), json.dumps(dict(answers), ensure_ascii=False))
    tx.execute(
        "INSERT INTO draft (offer_id, answers, saved_at) VALUES (%s, %s, %s) "
        "ON CONFLICT (offer_id) DO UPDATE SET answers = excluded.answers, saved_at = excluded.saved_at",
        (offer_id, sealed, now),
    )


def draft_of(tx: Tx, scope: Scope, offer_id: UUID, client_id: UUID) -> dict[str, Any]:
    """What was filled in so far; empty for anybody but the form itself."""
    row = tx.row("SELECT answers FROM draft WHERE offer_id = %s AND %s", (offer_id, may_open_forms(scope)))
    if row is None:
        return {}
    answers: dict[str, Any] = json.loads(tx.vault.open(tx, client_id, _place(offer_id), row["answers"]))
    return answers


def clear_drafts(tx: Tx, offer_id: UUID) -> None:
    """Forget what was half filled in: the form was sent, or taken back."""
    tx.execute("DELETE FROM draft WHERE offer_id = %s", (offer_id,))


def _place(offer_id: UUID) -> Place:
    return Place("draft", "answers", offer_id)
