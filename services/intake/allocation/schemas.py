"""Shapes of allocations and endings; and of incoming events, of which only what is read here is named."""

from marshmallow import Schema, fields

from shared.fields import IncomingEvent, UtcTime


class NewAllocationSchema(Schema):
    """With whom a client is placed."""

    practitioner_id = fields.UUID(required=True)


class AllocationSchema(Schema):
    """With whom a client is, and since when."""

    allocation_id = fields.UUID(required=True)
    client_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    allocated_at = fields.AwareDateTime(required=True)


class EndingSchema(Schema):
    """When and why care ended."""

    reason_code = fields.String(required=True)
    ended_at = fields.AwareDateTime(required=True)


class SessionHeld(IncomingEvent):
    """rapport.scheduling.appointment.held.v1"""

    client_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    held_at = UtcTime(required=True)


class PractitionerAdded(IncomingEvent):
    """rapport.scheduling.practitioner.added.v1"""

    practitioner_id = fields.UUID(required=True)
    added_at = UtcTime(required=True)
