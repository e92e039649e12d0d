"""Referrals; the referrer's note is sealed."""

from dataclasses import asdict
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from services.intake.people.store.clients import continued
from services.intake.people.store.visibility import OPEN_TO, access, clinical
from services.intake.referrals.domain.referral import Referral, ReferralState
from shared.database import Row, Tx
from shared.scope import Scope
from shared.security.sealing import Place

_REFERRAL: LiteralString = """
    SELECT r.referral_id, r.version, r.state, r.client_id, c.spoken_code, r.source, r.received_at, r.decided_at,
           r.reason_code, r.note IS NOT NULL AS has_note
      FROM referral r JOIN client c USING (client_id)
"""
_NOTE: LiteralString = """
    SELECT r.note FROM referral r JOIN client c USING (client_id)
     WHERE r.referral_id = %(referral)s AND """
_LISTED: LiteralString = _REFERRAL + "WHERE (%(state)s::text IS NULL OR r.state = %(state)s) AND " + OPEN_TO


def add_referral(tx: Tx, referral: Referral) -> None:
    """Keep a new referral, its note sealed under the client's key."""
    note = referral.note and tx.vault.seal(tx, referral.client_id, _note(referral.referral_id), referral.note)
    tx.execute(
        "INSERT INTO referral (referral_id, version, client_id, state, source, note, received_at) VALUES "
        "(%(referral_id)s, %(version)s, %(client_id)s, %(state)s, %(source)s, %(note)s, %(received_at)s)",
        asdict(referral) | {"note": note},
    )


def lock_referral(tx: Tx, scope: Scope, referral_id: UUID) -> Referral | None:
    """One referral, held for this transaction."""
    tx.execute("SELECT 1 FROM referral WHERE referral_id = %s FOR UPDATE", (referral_id,))
    return find_referral(tx, scope, referral_id)


def find_referral(tx: Tx, scope: Scope, referral_id: UUID) -> Referral | None:
    """One referral without its note, if the scope opens its client."""
    row = tx.row(
        _REFERRAL + "WHERE r.referral_id = %(referral)s AND " + OPEN_TO, {"referral": referral_id, **access(scope)}
    )
    return None if row is None else _referral(row)


def find_note(tx: Tx, scope: Scope, referral: Referral) -> str | None:
    """What the referrer wrote, if the scope opens what is clinical of this client."""
    sealed: bytes | None = tx.value(_NOTE + OPEN_TO, {"referral": referral.referral_id, **clinical(scope)})
    return None if sealed is None else tx.vault.open(tx, referral.client_id, _note(referral.referral_id), sealed)


def referrals(
    tx: Tx,
    scope: Scope,
    *,
    state: ReferralState | None,
    descending: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Referral]:
    """A page of referrals by the time they came in."""
    moment, last = after or (None, None)
    found = tx.rows(
        continued(_LISTED, "r.received_at", "r.referral_id", descending=descending),
        {"state": state, "after": moment, "after_id": last, "limit": limit, **access(scope)},
    )
    return [_referral(row) for row in found]


def decide_referral(
    tx: Tx, referral_id: UUID, state: ReferralState, *, reason_code: str | None, decided_at: datetime
) -> int:
    """Note the decision; returns the new version, which counts the referral's events."""
    return int(
        tx.value(
            "UPDATE referral SET version = version + 1, state = %s, reason_code = %s, decided_at = %s"
            " WHERE referral_id = %s RETURNING version",
            (state, reason_code, decided_at, referral_id),
        )
    )


def _note(referral_id: UUID) -> Place:
    return Place("referral", "note", referral_id)


def _referral(row: Row) -> Referral:
    return Referral(**{**row, "state": ReferralState(row["state"])})
