"""Incoming events of intake: only the fields that are read here, so that the sender may add others."""

from marshmallow import fields, validate

from shared.fields import IncomingEvent, UtcTime


class ClientRegistered(IncomingEvent):
    client_id = fields.UUID(required=True)
    spoken_code = fields.String(required=True, validate=validate.Length(1, 16))


class ClientAllocated(IncomingEvent):
    client_id = fields.UUID(required=True)
    allocation_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    allocated_at = UtcTime(required=True)


class TherapyEnded(IncomingEvent):
    client_id = fields.UUID(required=True)
    allocation_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    ended_at = UtcTime(required=True)


class DeputyNamed(IncomingEvent):
    deputising_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    deputy_id = fields.UUID(required=True)
    begins_at = UtcTime(required=True)
    ends_at = UtcTime(required=True)


class DeputyEnded(IncomingEvent):
    deputising_id = fields.UUID(required=True)
    ended_at = UtcTime(required=True)
