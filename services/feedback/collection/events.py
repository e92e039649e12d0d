"""What feedback publishes about check-ins. The files in shared/contracts are the truth."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validate

from services.feedback.collection.domain.corrections import REASONS
from services.feedback.collection.domain.offers import Channel, Offer, OfferState
from services.feedback.collection.domain.withdrawn_entries import REASONS as WITHDRAWN_REASONS
from shared.envelope import Event
from shared.events import EventData, checked


class _CheckinData(EventData):
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


class EntryWithdrawnData(_CheckinData):
    version = fields.Integer(required=True, strict=True)
    reason_code = fields.String(required=True, validate=validate.OneOf(sorted(WITHDRAWN_REASONS)))
    state = fields.String(
        required=True, validate=validate.OneOf([OfferState.OPEN, OfferState.UNANSWERED, OfferState.WITHDRAWN])
    )
    withdrawn_at = fields.AwareDateTime(required=True)


class ReminderDueData(_CheckinData):
    expires_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)


def checkin_offered(offer: Offer, *, now: datetime) -> Event:
    about = {
        "measure_id": offer.measure_id,
        "measure_version": offer.measure_version,
        "offered_at": offer.offered_at,
        "expires_at": offer.expires_at,
    }
    return _about_checkin("checkin.offered", OfferedData, offer, about, now)


def checkin_recorded(offer: Offer, *, channel: str, now: datetime, recorded_at: datetime | None = None) -> Event:
    """A form came back (`recorded_at`: it was kept before and withdrawn since); what it says stays here."""
    told = {"channel": channel, "recorded_at": recorded_at or now}
    return _about_checkin("checkin.recorded", RecordedData, offer, told, now)


def checkin_expired(offer: Offer, *, reason: str, now: datetime) -> Event:
    """No form will come back, and why."""
    return _about_checkin("checkin.expired", ExpiredData, offer, {"missing_reason": reason, "expired_at": now}, now)


def checkin_withdrawn(offer: Offer, *, reason: str, now: datetime) -> Event:
    return _about_checkin("checkin.withdrawn", WithdrawnData, offer, {"reason_code": reason, "withdrawn_at": now}, now)


def checkin_corrected(offer: Offer, *, version: int, reason: str, now: datetime) -> Event:
    """What was entered was put right; what it says stays here."""
    about = {"version": version, "reason_code": reason, "corrected_at": now}
    return _about_checkin("checkin.corrected", CorrectedData, offer, about, now)


def entry_withdrawn(offer: Offer, *, version: int, reason: str, now: datetime) -> Event:
    """What staff entered was a mistake and is taken away; `state` says what its form is now."""
    told = {"version": version, "reason_code": reason, "state": str(offer.state), "withdrawn_at": now}
    return _about_checkin("checkin.entry_withdrawn", EntryWithdrawnData, offer, told, now)


def reminder_due(offer: Offer, *, now: datetime) -> Event:
    """A client may be reminded of an open form, once; whoever sends messages, or the desk, does it."""
    about = {"expires_at": offer.expires_at, "due_at": now}
    return _about_checkin("checkin.reminder_due", ReminderDueData, offer, about, now)


def _about_checkin(kind: str, schema: type[Schema], offer: Offer, about: Mapping[str, Any], now: datetime) -> Event:
    data = {
        "checkin_id": offer.id,
        "client_id": offer.client_id,
        "practitioner_id": offer.practitioner_id,
        "appointment_id": offer.appointment_id,
        "side": str(offer.side),
        **about,
    }
    return checked(
        schema, Event("feedback", f"{kind}.v1", f"check-in/{offer.id}", offer.client_id, offer.version, now, data)
    )
