"""Risk answers: raised with the check-in they stand in, read by a person, passed on when nobody has."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.feedback import events
from services.feedback.alliance.commands.readings import READER
from services.feedback.collection.domain.offers import Offer
from services.feedback.collection.store import plans
from services.feedback.measures.domain.answers import Answer
from services.feedback.measures.domain.scoring import Score
from services.feedback.risk import store
from services.feedback.risk.domain.risk_answers import (
    RiskAnswer,
    RiskAnswerChanged,
    RiskAnswerUnknown,
    RiskState,
    due_at,
    move,
    newly_said,
)
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit

AT_ONCE = 50  # risk answers that a job passes on in one transaction


def note_risk(
    tx: Tx,
    offer: Offer,
    answers: Mapping[str, Answer],
    score: Score,
    *,
    stood: Mapping[str, Answer] | None,
    now: datetime,
) -> bool:
    """
    Keep what a check-in says about risk, in its own transaction; tells whether anything was raised now.

    Who may see the other answers makes no difference, and nothing that was raised before is
    lowered: a correction may only add. `stood` are the answers before a correction, None for a
    new check-in.
    """
    raised, unanswered = newly_said(
        {item: answers[item] for item in score.raised},
        score.missing_risk,
        stood=stood,
        waiting=store.waiting_of(tx, READER, offer.id),
    )
    if not raised and not unanswered:
        return False
    risk = RiskAnswer(
        id=uuid7(),
        version=1,
        offer_id=offer.id,
        client_id=offer.client_id,
        practitioner_id=offer.practitioner_id,
        measure_id=offer.measure_id,
        measure_version=offer.measure_version,
        raised=raised,
        unanswered=score.missing_risk,
        state=RiskState.OPEN,
        raised_at=now,
        due_at=due_at(raised, raised_at=now, within_hours=plans.current_plan(tx, READER).risk_due_hours),
    )
    store.add_risk_answer(tx, risk)
    if raised:
        publish(tx, events.risk_raised(risk, now=now))
    return bool(raised)


def acknowledge(
    tx: Tx, risk_id: UUID, outcome: str, *, expected_version: int, scope: Scope, now: datetime
) -> RiskAnswer:
    """
    Somebody has read it and says what came of it.

    Raises:
        RiskAnswerUnknown, RiskAnswerChanged, RiskMoveNotAllowed.
    """
    risk = store.lock_risk_answer(tx, scope, risk_id)
    if risk is None:
        raise RiskAnswerUnknown("There is no such risk answer.")
    state = move(risk.state, RiskState.ACKNOWLEDGED)
    if risk.version != expected_version:
        raise RiskAnswerChanged(f"This is version {risk.version} by now, not {expected_version}.")
    audit.record(tx, scope, "risk_answer.acknowledged", about=[risk.client_id], fields=["outcome"], now=now)
    role = "therapist" if scope.actor == risk.practitioner_id or not scope.has("clinical_lead") else "clinical_lead"
    risk = replace(
        risk,
        version=risk.version + 1,
        state=state,
        acknowledged_at=now,
        acknowledged_by=scope.actor,
        acknowledged_role=role,
        outcome=outcome,
    )
    store.change_risk_answer(tx, risk)
    publish(tx, events.risk_acknowledged(risk, now=now))
    return risk


def pass_on_overdue(tx: Tx, *, scope: Scope, now: datetime) -> int:
    """What nobody has read in time goes to the clinical lead; returns how many did."""
    found = store.overdue(tx, scope, now=now, limit=AT_ONCE)
    for risk in found:
        late = replace(risk, version=risk.version + 1, state=move(risk.state, RiskState.OVERDUE))
        store.change_risk_answer(tx, late)
        publish(tx, events.risk_overdue(late, now=now))
    return len(found)
