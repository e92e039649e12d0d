"""What intake publishes about deputies. The files in shared/contracts are the truth."""

from datetime import datetime
from typing import Any

from marshmallow import fields

from services.intake.deputies.domain import Deputising
from shared.envelope import Event
from shared.events import EventData, checked


class DeputyNamedData(EventData):
    deputising_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    deputy_id = fields.UUID(required=True)
    begins_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)


class DeputyEndedData(EventData):
    deputising_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    deputy_id = fields.UUID(required=True)
    ended_at = fields.AwareDateTime(required=True)


def deputy_named(deputising: Deputising) -> Event:
    """Somebody stands in for a therapist, from one moment to another."""
    return _about(
        deputising,
        "named",
        DeputyNamedData,
        deputising.named_at,
        begins_at=deputising.begins_at,
        ends_at=deputising.ends_at,
    )


def deputy_ended(deputising: Deputising, *, at: datetime) -> Event:
    """It ended before its last day; an end that comes by itself is not told."""
    return _about(deputising, "ended", DeputyEndedData, at, ended_at=deputising.ends_at)


def _about(deputising: Deputising, what: str, schema: type[EventData], at: datetime, **facts: Any) -> Event:
    ids = {
        "deputising_id": deputising.deputising_id,
        "practitioner_id": deputising.practitioner_id,
        "deputy_id": deputising.deputy_id,
    }
    subject = f"deputising/{deputising.deputising_id}"
    event = Event(
        "intake", f"deputy.{what}.v1", subject, deputising.practitioner_id, deputising.version, at, ids | facts
    )
    return checked(schema, event)
