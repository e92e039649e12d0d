"""
What intake publishes about its clients: ids, codes, times and states, never who somebody is.

The files in shared/contracts are the truth.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from services.intake.people.domain.clients import Client
from shared.envelope import Event
from shared.events import EventData, checked


class ClientData(EventData):
    """What every event of intake says."""

    client_id = fields.UUID(required=True)


class ClientRegisteredData(ClientData):
    spoken_code = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]-[0-9]{4,6}\Z"))
    registered_at = fields.AwareDateTime(required=True)


def client_registered(client: Client) -> Event:
    return client_event(
        "client.registered.v1",
        ClientRegisteredData,
        client.client_id,
        client.version,
        client.registered_at,
        spoken_code=client.spoken_code,
        registered_at=client.registered_at,
    )


def client_event(
    kind: str, schema: type[ClientData], client_id: UUID, version: int, at: datetime, **facts: Any
) -> Event:
    """An event that counts among those of a client; `version` is the number it has there."""
    data = {"client_id": client_id, **facts}
    return checked(schema, Event("intake", kind, f"client/{client_id}", client_id, version, at, data))
