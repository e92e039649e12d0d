"""What feedback publishes about risk answers. The files in shared/contracts are the truth."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validate

from services.feedback.risk.domain.risk_answers import OUTCOMES, RiskAnswer
from shared.envelope import Event
from shared.events import EventData, checked


class _RiskData(EventData):
    risk_answer_id = fields.UUID(required=True)
    checkin_id = fields.UUID(required=True)
    client_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)


class RiskRaisedData(_RiskData):
    raised_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)


class RiskOverdueData(_RiskData):
    due_at = fields.AwareDateTime(required=True)
    overdue_at = fields.AwareDateTime(required=True)


class RiskAcknowledgedData(_RiskData):
    outcome_code = fields.String(required=True, validate=validate.OneOf(sorted(OUTCOMES)))
    acknowledged_at = fields.AwareDateTime(required=True)


def risk_raised(risk: RiskAnswer, *, now: datetime) -> Event:
    """Somebody has to read a risk answer by a time; which one it is stays here."""
    return _about_risk("risk.raised", RiskRaisedData, risk, {"raised_at": risk.raised_at, "due_at": risk.due_at}, now)


def risk_overdue(risk: RiskAnswer, *, now: datetime) -> Event:
    """Nobody has read it in time: it is passed on to the clinical lead."""
    return _about_risk("risk.overdue", RiskOverdueData, risk, {"due_at": risk.due_at, "overdue_at": now}, now)


def risk_acknowledged(risk: RiskAnswer, *, now: datetime) -> Event:
    """Somebody has read it and said what came of it."""
    facts = {"outcome_code": risk.outcome, "acknowledged_at": now}
    return _about_risk("risk.acknowledged", RiskAcknowledgedData, risk, facts, now)


def _about_risk(kind: str, schema: type[Schema], risk: RiskAnswer, facts: Mapping[str, Any], now: datetime) -> Event:
    ids = {
        "risk_answer_id": risk.id,
        "checkin_id": risk.offer_id,
        "client_id": risk.client_id,
        "practitioner_id": risk.practitioner_id,
    }
    return checked(
        schema,
        Event("feedback", f"{kind}.v1", f"risk-answer/{risk.id}", risk.client_id, risk.version, now, ids | dict(facts)),
    )
