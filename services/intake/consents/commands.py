"""A client answers a question of consent, or changes an answer."""

from datetime import datetime
from uuid import UUID

from services.intake.consents import events, store
from services.intake.consents.domain import Consent, ConsentAnswer, check_answer
from services.intake.people.commands import lock_client
from services.intake.people.domain.moments import following
from services.intake.people.store.clients import next_version
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


def record_consent(tx: Tx, client_id: UUID, answer: ConsentAnswer, *, scope: Scope, now: datetime) -> Consent:
    """
    Record an answer; a withdrawal is taken at any time, also after the end of care.

    Raises:
        ClientUnknown, CareIsOver.
    """
    client = lock_client(tx, scope, client_id)
    consent = keep_answer(tx, client_id, check_answer(client.state, answer), scope=scope, now=now)
    audit.record(tx, scope, "consent.record", about=[client_id], fields=["consents"], now=now)
    return consent


def keep_answer(tx: Tx, client_id: UUID, answer: ConsentAnswer, *, scope: Scope, now: datetime) -> Consent:
    """Keep one answer of a client whose row is locked, and tell the others."""
    recorded_at = following(now, store.last_answer_at(tx, scope, client_id, answer.purpose))
    consent = Consent(uuid7(), answer.purpose, answer.state, answer.text_version, recorded_at)
    version = next_version(tx, client_id)
    store.add_consent(tx, client_id, consent)
    publish(tx, events.consent_recorded(client_id, consent, version=version))
    return consent
