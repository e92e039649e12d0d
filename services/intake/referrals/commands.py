"""A referral comes in and is decided."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.intake.consents.commands import keep_answer
from services.intake.consents.domain import ConsentAnswer, check_first_consents
from services.intake.people.commands import lock_client, register_client
from services.intake.people.domain.clients import Client, ClientState, check_version, step
from services.intake.people.domain.moments import local_day
from services.intake.people.store.clients import set_state
from services.intake.people.store.identities import FIELDS
from services.intake.referrals import events, store
from services.intake.referrals.domain.referral import (
    NewReferral,
    Referral,
    ReferralState,
    ReferralUnknown,
    check_decline_reason,
    decide,
    referral_as_kept,
)
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


def receive_referral(tx: Tx, new: NewReferral, *, scope: Scope, now: datetime) -> Referral:
    """
    Take in a referral and register the person it is about.

    Raises:
        FieldsRefused: naming every field that cannot be right.
    """
    kept = referral_as_kept(new, today=local_day(now, tx.zone))
    client = register_client(tx, kept.client, now=now)
    referral = Referral(
        referral_id=uuid7(),
        version=1,
        state=ReferralState.RECEIVED,
        client_id=client.client_id,
        spoken_code=client.spoken_code,
        source=kept.source,
        received_at=now,
        note=kept.note,
    )
    store.add_referral(tx, referral)
    publish(tx, events.referral_received(referral))
    fields = [*FIELDS, "source", "note"]
    audit.record(tx, scope, "referral.receive", about=[client.client_id], fields=fields, now=now)
    return referral


def accept_referral(
    tx: Tx,
    referral_id: UUID,
    answers: Sequence[ConsentAnswer],
    *,
    expected_version: int | None = None,
    scope: Scope,
    now: datetime,
) -> Referral:
    """
    Say yes: the consents are recorded and the client joins the waiting list.

    Raises:
        ReferralUnknown, ChangedMeanwhile, ReferralDecided.
        FieldsRefused: there is no yes to keeping a record, or a purpose stands there twice.
    """
    referral, client = _to_decide(tx, referral_id, expected_version, scope)
    state = decide(referral.state, ReferralState.ACCEPTED)
    check_first_consents(answers)
    version = store.decide_referral(tx, referral_id, state, reason_code=None, decided_at=now)
    accepted = replace(referral, version=version, state=state, decided_at=now)
    set_state(tx, client.client_id, step(client.state, ClientState.WAITING), since=now)
    publish(tx, events.referral_accepted(accepted, at=now))
    for answer in answers:
        keep_answer(tx, client.client_id, answer, scope=scope, now=now)
    audit.record(tx, scope, "referral.accept", about=[client.client_id], fields=["state", "consents"], now=now)
    return accepted


def decline_referral(
    tx: Tx,
    referral_id: UUID,
    reason_code: str,
    *,
    expected_version: int | None = None,
    scope: Scope,
    now: datetime,
) -> Referral:
    """
    Say no, with a reason.

    Raises:
        ReferralUnknown, ChangedMeanwhile, ReferralDecided.
        FieldsRefused: the reason is not one for declining.
    """
    referral, client = _to_decide(tx, referral_id, expected_version, scope)
    state = decide(referral.state, ReferralState.DECLINED)
    reason = check_decline_reason(reason_code)
    version = store.decide_referral(tx, referral_id, state, reason_code=reason, decided_at=now)
    declined = replace(referral, version=version, state=state, decided_at=now, reason_code=reason)
    set_state(tx, client.client_id, step(client.state, ClientState.DECLINED), since=now)
    publish(tx, events.referral_declined(declined, reason_code=reason, at=now))
    audit.record(tx, scope, "referral.decline", about=[client.client_id], fields=["state", "reason_code"], now=now)
    return declined


def _to_decide(tx: Tx, referral_id: UUID, expected: int | None, scope: Scope) -> tuple[Referral, Client]:
    """The referral and its client, locked in this order wherever both are needed."""
    referral = store.lock_referral(tx, scope, referral_id)
    if referral is None:
        raise ReferralUnknown("there is no such referral")
    check_version(referral.version, expected)
    return referral, lock_client(tx, scope, referral.client_id)
