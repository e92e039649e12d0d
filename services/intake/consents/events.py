"""What intake publishes about consents. The files in shared/contracts are the truth."""

from dataclasses import asdict
from uuid import UUID

from marshmallow import fields, validate

from services.intake.consents.domain import Consent
from services.intake.people.events import ClientData, client_event
from shared.envelope import Event


class ConsentRecordedData(ClientData):
    consent_id = fields.UUID(required=True)
    purpose = fields.String(required=True, validate=validate.Length(max=32))
    state = fields.String(required=True, validate=validate.OneOf(["given", "withdrawn"]))
    text_version = fields.String(required=True, validate=validate.Length(max=32))
    recorded_at = fields.AwareDateTime(required=True)


def consent_recorded(client_id: UUID, consent: Consent, *, version: int) -> Event:
    return client_event(
        "consent.recorded.v1", ConsentRecordedData, client_id, version, consent.recorded_at, **asdict(consent)
    )
