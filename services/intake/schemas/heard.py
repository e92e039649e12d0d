"""Shapes of the events intake hears: only the fields it reads, everything else is let pass."""

from datetime import UTC
from typing import Any

from marshmallow import EXCLUDE, Schema, fields


class UtcTime(fields.AwareDateTime):
    """An instant, given with any offset; one that has no place in UTC (year 1, year 9999) is out of shape."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """As any field, then in UTC."""
        moment = super().deserialize(value, *args, **kwargs)
        try:
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type="datetime") from error


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
