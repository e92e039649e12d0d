"""Consents: every answer stays; the newest for a purpose holds."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from services.intake.consents.domain import Consent, ConsentState, Purpose
from services.intake.people.store.visibility import OPEN_TO, access
from shared.database import Tx
from shared.scope import Scope

_ANSWERS: LiteralString = """
    SELECT k.consent_id, k.purpose, k.state, k.text_version, k.recorded_at
      FROM consent k JOIN client c USING (client_id)
     WHERE c.client_id = %(client)s AND """


def add_consent(tx: Tx, client_id: UUID, consent: Consent) -> None:
    tx.execute(
        "INSERT INTO consent (consent_id, client_id, purpose, state, text_version, recorded_at)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (consent.consent_id, client_id, consent.purpose, consent.state, consent.text_version, consent.recorded_at),
    )


def consents(tx: Tx, scope: Scope, client_id: UUID) -> list[Consent]:
    """All answers of a client, in the order in which they were recorded."""
    found = tx.rows(_ANSWERS + OPEN_TO + "ORDER BY k.no", {"client": client_id, **access(scope)})
    return [Consent(**{**r, "purpose": Purpose(r["purpose"]), "state": ConsentState(r["state"])}) for r in found]


def last_answer_at(tx: Tx, scope: Scope, client_id: UUID, purpose: Purpose) -> datetime | None:
    """When a client last answered for one purpose; None if never."""
    answers = consents(tx, scope, client_id)
    return next((answer.recorded_at for answer in reversed(answers) if answer.purpose is purpose), None)
