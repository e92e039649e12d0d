"""Shapes of the events intake hears: only the fields it reads, everything else is let pass."""

from marshmallow import EXCLUDE, Schema, fields

from shared.fields import UtcTime


class _Heard(Schema):
    class Meta:
        unknown = EXCLUDE


class SessionHeldHeardSchema(_Heard):
    """rapport.scheduling.appointment.held.v1"""

    client_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    held_at = UtcTime(required=True)


class PractitionerAddedHeardSchema(_Heard):
    """rapport.scheduling.practitioner.added.v1"""

    practitioner_id = fields.UUID(required=True)
    added_at = UtcTime(required=True)
