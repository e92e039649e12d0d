"""Risk answers: raised with the check-in they stand in, read by a person, passed on when nobody has."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.feedback.care.store.visibility import THIS_SERVICE
from services.feedback.measures.domain.answers import Answer
from services.feedback.measures.domain.scoring import Score
from services.feedback.risk import events, store
from services.feedback.risk.domain.crisis import CrisisInformation, crisis_information
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


class AnsweredForm(Protocol):
    """What risk needs to know of the form that an answer stands in."""

    @property
    def id(self) -> UUID: ...
    @property
    def client_id(self) -> UUID: ...
    @property
    def practitioner_id(self) -> UUID: ...
    @property
    def measure_id(self) -> str: ...
    @property
    def measure_version(self) -> int: ...


def note_risk(
    tx: Tx,
    form: AnsweredForm,
    answers: Mapping[str, Answer],
    score: Score,
    *,
    stood: Mapping[str, Answer] | None,
    due_within_hours: int,
    now: datetime,
) -> bool:
    """
    Keep what a check-in says about risk, in its own transaction; tells whether anything was raised now.

    Who may see the other answers makes no difference, and nothing that was raised before is
    lowered: a correction may only add. `stood` are the answers before a correction, None for a
    new check-in, `due_within_hours` what the clinic's plan says.
    """
    raised, unanswered = newly_said(
        {item: answers[item] for item in score.raised},
        score.missing_risk,
        stood=stood,
        waiting=store.waiting_of(tx, THIS_SERVICE, form.id),
    )
    if not raised and not unanswered:
        return False
    risk = RiskAnswer(
        id=uuid7(),
        version=1,
        offer_id=form.id,
        client_id=form.client_id,
        practitioner_id=form.practitioner_id,
        measure_id=form.measure_id,
        measure_version=form.measure_version,
        raised=raised,
        unanswered=score.missing_risk,
        state=RiskState.OPEN,
        raised_at=now,
        due_at=due_at(raised, raised_at=now, within_hours=due_within_hours),
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


def enter_crisis_information(
    tx: Tx, given: Mapping[str, str], *, checked_on: date, review_on: date, scope: Scope, now: datetime
) -> CrisisInformation:
    """
    Keep the clinic's crisis information; from now on every form shows it.

    Raises:
        CrisisInformationIncomplete.
    """
    information = crisis_information(given, checked_on=checked_on, review_on=review_on)
    store.add_crisis_information(tx, uuid7(), information, entered_by=scope.actor, now=now)
    return information
