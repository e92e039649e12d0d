"""What feedback tells the others: ids, codes, times and states. The files in shared/contracts are the truth."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import RAISE, Schema, fields, validate

from services.feedback.alliance.domain.courses import Course, KeptEpisode
from services.feedback.collection.domain.corrections import REASONS
from services.feedback.collection.domain.offers import Channel, Offer
from services.feedback.risk.domain.risk_answers import OUTCOMES, RiskAnswer
from shared.envelope import Event

SERVICE = "feedback"


class _Closed(Schema):
    class Meta:
        unknown = RAISE


class _CheckinData(_Closed):
    checkin_id = fields.UUID(required=True)
    client_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    appointment_id = fields.UUID(required=True)
    side = fields.String(required=True, validate=validate.OneOf(["client", "therapist"]))


class OfferedData(_CheckinData):
    measure_id = fields.String(required=True, validate=validate.Regexp(r"^[a-z0-9][a-z0-9-]{0,63}\Z"))
    measure_version = fields.Integer(required=True, strict=True)
    offered_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)


class RecordedData(_CheckinData):
    channel = fields.String(required=True, validate=validate.OneOf([str(c) for c in Channel]))
    recorded_at = fields.AwareDateTime(required=True)


class ExpiredData(_CheckinData):
    missing_reason = fields.String(
        required=True, validate=validate.OneOf(["no_answer", "declined", "technical", "unable"])
    )
    expired_at = fields.AwareDateTime(required=True)


class WithdrawnData(_CheckinData):
    reason_code = fields.String(
        required=True,
        validate=validate.OneOf(["consent_withdrawn", "session_not_held", "session_moved", "client_absent"]),
    )
    withdrawn_at = fields.AwareDateTime(required=True)


class CorrectedData(_CheckinData):
    version = fields.Integer(required=True, strict=True)
    reason_code = fields.String(required=True, validate=validate.OneOf(sorted(REASONS)))
    corrected_at = fields.AwareDateTime(required=True)


class ReminderDueData(_CheckinData):
    expires_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)


class _RiskData(_Closed):
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


class ReadingData(_Closed):
    course_id = fields.UUID(required=True)
    client_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    appointment_id = fields.UUID(required=True)
    session_number = fields.Integer(required=True, strict=True)
    state = fields.String(required=True)
    signals = fields.List(fields.String(), required=True)
    rules_version = fields.String(required=True)
    read_at = fields.AwareDateTime(required=True)


class _EpisodeData(_Closed):
    episode_id = fields.UUID(required=True)
    client_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)


class EpisodeOpenedData(_EpisodeData):
    opened_by = fields.List(fields.String(), required=True, validate=validate.Length(min=1))
    opened_at = fields.AwareDateTime(required=True)


class EpisodeChangedData(_EpisodeData):
    state = fields.String(required=True)
    changed_at = fields.AwareDateTime(required=True)


class EpisodeClosedData(_EpisodeData):
    state = fields.String(required=True)
    late = fields.Boolean(required=True)
    close_reason = fields.String(required=True)
    sessions = fields.Integer(required=True, strict=True)
    closed_at = fields.AwareDateTime(required=True)


def checkin_offered(offer: Offer, *, now: datetime) -> Event:
    """A form was offered."""
    told = {
        "measure_id": offer.measure_id,
        "measure_version": offer.measure_version,
        "offered_at": offer.offered_at,
        "expires_at": offer.expires_at,
    }
    return _about_checkin("checkin.offered", OFFERED, offer, told, now)


def checkin_recorded(offer: Offer, *, channel: str, now: datetime) -> Event:
    """A form came back; what it says stays here."""
    return _about_checkin("checkin.recorded", RECORDED, offer, {"channel": channel, "recorded_at": now}, now)


def checkin_expired(offer: Offer, *, reason: str, now: datetime) -> Event:
    """No form will come back, and why."""
    return _about_checkin("checkin.expired", EXPIRED, offer, {"missing_reason": reason, "expired_at": now}, now)


def checkin_withdrawn(offer: Offer, *, reason: str, now: datetime) -> Event:
    """An unanswered form was taken back."""
    return _about_checkin("checkin.withdrawn", WITHDRAWN, offer, {"reason_code": reason, "withdrawn_at": now}, now)


def checkin_corrected(offer: Offer, *, version: int, reason: str, now: datetime) -> Event:
    """What was entered was put right; what it says stays here."""
    told = {"version": version, "reason_code": reason, "corrected_at": now}
    return _about_checkin("checkin.corrected", CORRECTED, offer, told, now)


def reminder_due(offer: Offer, *, now: datetime) -> Event:
    """A client may be reminded of an open form, once; whoever sends messages, or the desk, does it."""
    told = {"expires_at": offer.expires_at, "due_at": now}
    return _about_checkin("checkin.reminder_due", REMINDER_DUE, offer, told, now)


def risk_raised(risk: RiskAnswer, *, now: datetime) -> Event:
    """Somebody has to read a risk answer by a time; which one it is stays here."""
    return _about_risk("risk.raised", RISK_RAISED, risk, {"raised_at": risk.raised_at, "due_at": risk.due_at}, now)


def risk_overdue(risk: RiskAnswer, *, now: datetime) -> Event:
    """Nobody has read it in time: it is passed on to the clinical lead."""
    return _about_risk("risk.overdue", RISK_OVERDUE, risk, {"due_at": risk.due_at, "overdue_at": now}, now)


def risk_acknowledged(risk: RiskAnswer, *, now: datetime) -> Event:
    """Somebody has read it and said what came of it."""
    told = {"outcome_code": risk.outcome, "acknowledged_at": now}
    return _about_risk("risk.acknowledged", RISK_ACKNOWLEDGED, risk, told, now)


def reading_updated(
    course: Course, version: int, appointment_id: UUID, number: int, state: str, signals: Sequence[str], now: datetime
) -> Event:
    """A session was read, or reads differently now."""
    data = {
        "course_id": course.id,
        "client_id": course.client_id,
        "practitioner_id": course.practitioner_id,
        "appointment_id": appointment_id,
        "session_number": number,
        "state": state,
        "signals": list(signals),
        "rules_version": course.rules_version,
        "read_at": now,
    }
    return _event("reading.updated", READING, f"course/{course.id}", course.client_id, version, data, now)


def episode_opened(episode: KeptEpisode, *, now: datetime) -> Event:
    """A rupture was noticed."""
    told = {"opened_by": list(episode.opened_by), "opened_at": episode.opened_at}
    return _about_episode("episode.opened", EPISODE_OPENED, episode, told, now)


def episode_changed(episode: KeptEpisode, *, now: datetime) -> Event:
    """An open episode stands differently."""
    return _about_episode("episode.changed", EPISODE_CHANGED, episode, {"state": episode.state, "changed_at": now}, now)


def episode_closed(episode: KeptEpisode, *, now: datetime) -> Event:
    """An episode ended, with its reason."""
    told = {
        "state": episode.state,
        "late": episode.late,
        "close_reason": episode.close_reason,
        "sessions": episode.checkins,
        "closed_at": episode.closed_at,
    }
    return _about_episode("episode.closed", EPISODE_CLOSED, episode, told, now)


def _about_checkin(kind: str, schema: Schema, offer: Offer, told: Mapping[str, Any], now: datetime) -> Event:
    data = {
        "checkin_id": offer.id,
        "client_id": offer.client_id,
        "practitioner_id": offer.practitioner_id,
        "appointment_id": offer.appointment_id,
        "side": str(offer.side),
        **told,
    }
    return _event(kind, schema, f"check-in/{offer.id}", offer.client_id, offer.version, data, now)


def _about_risk(kind: str, schema: Schema, risk: RiskAnswer, told: Mapping[str, Any], now: datetime) -> Event:
    ids = {
        "risk_answer_id": risk.id,
        "checkin_id": risk.offer_id,
        "client_id": risk.client_id,
        "practitioner_id": risk.practitioner_id,
    }
    return _event(kind, schema, f"risk-answer/{risk.id}", risk.client_id, risk.version, ids | dict(told), now)


def _about_episode(kind: str, schema: Schema, episode: KeptEpisode, told: Mapping[str, Any], now: datetime) -> Event:
    ids = {
        "episode_id": episode.id,
        "client_id": episode.client_id,
        "practitioner_id": episode.practitioner_id,
    }
    return _event(kind, schema, f"episode/{episode.id}", episode.client_id, episode.told, ids | dict(told), now)


def _event(
    kind: str, schema: Schema, subject: str, key: UUID, sequence: int, data: dict[str, Any], now: datetime
) -> Event:
    schema.load(data)  # closed: whatever is not declared does not leave the house
    return Event(SERVICE, f"{kind}.v1", subject, key, sequence, now, data)


OFFERED, RECORDED, EXPIRED, WITHDRAWN = OfferedData(), RecordedData(), ExpiredData(), WithdrawnData()
CORRECTED, REMINDER_DUE = CorrectedData(), ReminderDueData()
RISK_RAISED, RISK_OVERDUE, RISK_ACKNOWLEDGED = RiskRaisedData(), RiskOverdueData(), RiskAcknowledgedData()
READING = ReadingData()
EPISODE_OPENED, EPISODE_CHANGED, EPISODE_CLOSED = EpisodeOpenedData(), EpisodeChangedData(), EpisodeClosedData()
