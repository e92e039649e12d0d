"""What scheduling publishes about practitioners. The files in shared/contracts are the truth."""

from datetime import datetime
from uuid import UUID

from marshmallow import fields

from shared.envelope import Event
from shared.events import EventData, checked


class PractitionerAddedData(EventData):
    practitioner_id = fields.UUID(required=True)
    added_at = fields.AwareDateTime(required=True)


def practitioner_added(practitioner_id: UUID, *, now: datetime) -> Event:
    """Somebody keeps a diary here from now on; published once."""
    data = {"practitioner_id": practitioner_id, "added_at": now}
    subject = f"practitioner/{practitioner_id}"
    event = Event("scheduling", "practitioner.added.v1", subject, practitioner_id, 1, now, data)
    return checked(PractitionerAddedData, event)
