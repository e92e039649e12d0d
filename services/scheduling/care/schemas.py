"""Incoming events of intake: only the fields that are read here, so that the sender may add others."""

from marshmallow import EXCLUDE, Schema, fields, validate

from shared.fields import UtcTime


class IncomingEvent(Schema):
    class Meta:
        unknown = EXCLUDE

    client_id = fields.UUID(required=True)


class ClientRegistered(IncomingEvent):
    spoken_code = fields.String(required=True, validate=validate.Length(1, 16))


class ClientAllocated(IncomingEvent):
    allocation_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    allocated_at = UtcTime(required=True)


class TherapyEnded(IncomingEvent):
    allocation_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    ended_at = UtcTime(required=True)
