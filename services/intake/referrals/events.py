"""What intake publishes about referrals. The files in shared/contracts are the truth."""

from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from services.intake.people.events import ClientData
from services.intake.referrals.domain.referral import Referral
from shared.envelope import Event
from shared.events import checked


class ReferralData(ClientData):
    referral_id = fields.UUID(required=True)


class ReferralReceivedData(ReferralData):
    source = fields.String(required=True, validate=validate.Length(max=16))
    received_at = fields.AwareDateTime(required=True)


class ReferralAcceptedData(ReferralData):
    accepted_at = fields.AwareDateTime(required=True)


class ReferralDeclinedData(ReferralData):
    reason_code = fields.String(required=True, validate=validate.Length(max=16))
    declined_at = fields.AwareDateTime(required=True)


def referral_received(referral: Referral) -> Event:
    at = referral.received_at
    return _about(referral, "received", ReferralReceivedData, at, source=referral.source, received_at=at)


def referral_accepted(referral: Referral, *, at: datetime) -> Event:
    return _about(referral, "accepted", ReferralAcceptedData, at, accepted_at=at)


def referral_declined(referral: Referral, *, reason_code: str, at: datetime) -> Event:
    return _about(referral, "declined", ReferralDeclinedData, at, reason_code=reason_code, declined_at=at)


def _about(referral: Referral, what: str, schema: type[ReferralData], at: datetime, **facts: Any) -> Event:
    data = {"referral_id": referral.referral_id, "client_id": referral.client_id, **facts}
    subject = f"referral/{referral.referral_id}"
    event = Event("intake", f"referral.{what}.v1", subject, referral.client_id, referral.version, at, data)
    return checked(schema, event)
