"""
What intake tells the others: ids, codes, times and states, never who somebody is.

Each event has a closed schema here and an open contract file in shared/contracts/intake;
a test holds the two together.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import RAISE, Schema, fields, validate

from services.intake.allocation.domain import Allocation
from services.intake.consents.domain import Consent
from services.intake.people.domain.clients import Client, Ending
from services.intake.referrals.domain import Referral
from shared.envelope import Event


class _Told(Schema):
    class Meta:
        unknown = RAISE

    client_id = fields.UUID(required=True)


class ReferralReceivedSchema(_Told):
    """referral.received.v1"""

    referral_id = fields.UUID(required=True)
    source = fields.String(required=True, validate=validate.Length(max=16))
    received_at = fields.AwareDateTime(required=True)


class ReferralAcceptedSchema(_Told):
    """referral.accepted.v1"""

    referral_id = fields.UUID(required=True)
    accepted_at = fields.AwareDateTime(required=True)


class ReferralDeclinedSchema(_Told):
    """referral.declined.v1"""

    referral_id = fields.UUID(required=True)
    reason_code = fields.String(required=True, validate=validate.Length(max=16))
    declined_at = fields.AwareDateTime(required=True)


class ClientRegisteredSchema(_Told):
    """client.registered.v1"""

    spoken_code = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]-[0-9]{4,6}\Z"))
    registered_at = fields.AwareDateTime(required=True)


class ConsentRecordedSchema(_Told):
    """consent.recorded.v1"""

    consent_id = fields.UUID(required=True)
    purpose = fields.String(required=True, validate=validate.Length(max=32))
    state = fields.String(required=True, validate=validate.OneOf(["given", "withdrawn"]))
    text_version = fields.String(required=True, validate=validate.Length(max=32))
    recorded_at = fields.AwareDateTime(required=True)


class ClientAllocatedSchema(_Told):
    """client.allocated.v1"""

    allocation_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    allocated_at = fields.AwareDateTime(required=True)


class WaitingEndedSchema(_Told):
    """waiting.ended.v1"""

    reason_code = fields.String(required=True, validate=validate.Length(max=16))
    ended_at = fields.AwareDateTime(required=True)


class TherapyEndedSchema(_Told):
    """therapy.ended.v1"""

    practitioner_id = fields.UUID(required=True)
    allocation_id = fields.UUID(required=True)
    reason_code = fields.String(required=True, validate=validate.Length(max=16))
    ended_at = fields.AwareDateTime(required=True)


TELLS: dict[str, type[_Told]] = {
    "referral.received.v1": ReferralReceivedSchema,
    "referral.accepted.v1": ReferralAcceptedSchema,
    "referral.declined.v1": ReferralDeclinedSchema,
    "client.registered.v1": ClientRegisteredSchema,
    "consent.recorded.v1": ConsentRecordedSchema,
    "client.allocated.v1": ClientAllocatedSchema,
    "waiting.ended.v1": WaitingEndedSchema,
    "therapy.ended.v1": TherapyEndedSchema,
}


def referral_received(referral: Referral) -> Event:
    """A referral came in."""
    return _of_referral("referral.received.v1", referral, referral.received_at, source=referral.source)


def referral_accepted(referral: Referral, *, at: datetime) -> Event:
    """The clinic said yes."""
    return _of_referral("referral.accepted.v1", referral, at)


def referral_declined(referral: Referral, *, reason_code: str, at: datetime) -> Event:
    """The clinic said no."""
    return _of_referral("referral.declined.v1", referral, at, reason_code=reason_code)


def client_registered(client: Client) -> Event:
    """Somebody became known to the clinic."""
    return _of_client(
        "client.registered.v1",
        client.client_id,
        client.version,
        client.registered_at,
        spoken_code=client.spoken_code,
        registered_at=client.registered_at,
    )


def consent_recorded(client_id: UUID, consent: Consent, *, version: int) -> Event:
    """A client answered a question of consent."""
    return _of_client(
        "consent.recorded.v1",
        client_id,
        version,
        consent.recorded_at,
        consent_id=consent.consent_id,
        purpose=consent.purpose.value,
        state=consent.state.value,
        text_version=consent.text_version,
        recorded_at=consent.recorded_at,
    )


def client_allocated(allocation: Allocation, *, version: int) -> Event:
    """A client was placed with a practitioner, in place of any earlier one."""
    return _of_client(
        "client.allocated.v1",
        allocation.client_id,
        version,
        allocation.allocated_at,
        allocation_id=allocation.allocation_id,
        practitioner_id=allocation.practitioner_id,
        allocated_at=allocation.allocated_at,
    )


def waiting_ended(client_id: UUID, ending: Ending, *, version: int) -> Event:
    """A client left the waiting list without having been allocated."""
    return _of_client(
        "waiting.ended.v1",
        client_id,
        version,
        ending.ended_at,
        reason_code=ending.reason_code,
        ended_at=ending.ended_at,
    )


def therapy_ended(allocation: Allocation, ending: Ending, *, version: int) -> Event:
    """A client and their practitioner came to the end of their time together."""
    return _of_client(
        "therapy.ended.v1",
        allocation.client_id,
        version,
        ending.ended_at,
        practitioner_id=allocation.practitioner_id,
        allocation_id=allocation.allocation_id,
        reason_code=ending.reason_code,
        ended_at=ending.ended_at,
    )


def _of_client(kind: str, client_id: UUID, version: int, at: datetime, **facts: Any) -> Event:
    return _event(kind, f"client/{client_id}", client_id, version, at, client_id=client_id, **facts)


def _of_referral(kind: str, referral: Referral, at: datetime, **facts: Any) -> Event:
    facts[kind.split(".")[1] + "_at"] = at
    return _event(
        kind,
        f"referral/{referral.referral_id}",
        referral.client_id,
        referral.version,
        at,
        referral_id=referral.referral_id,
        client_id=referral.client_id,
        **facts,
    )


def _event(kind: str, subject: str, key: UUID, sequence: int, at: datetime, **facts: Any) -> Event:
    schema = TELLS[kind]()
    data = schema.dump(facts)
    if strangers := facts.keys() - data.keys():
        raise ValueError(f"{kind} does not tell {sorted(strangers)}")
    schema.load(data)  # a fact missing or out of shape stops here, before anybody hears it
    return Event(service="intake", kind=kind, subject=subject, key=key, sequence=sequence, time=at, data=data)
