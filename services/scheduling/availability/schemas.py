"""Shapes of free time: what is looked for (closed), and what was found."""

from marshmallow import Schema, fields, validate

from services.scheduling.appointments.domain.booking import MINUTES_MAX, MINUTES_MIN
from services.scheduling.appointments.schemas import LocalTime


class SuggestionsQuerySchema(Schema):
    client_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    minutes = fields.Integer(load_default=None, validate=validate.Range(MINUTES_MIN, MINUTES_MAX))


class SuggestionSchema(Schema):
    local_start = LocalTime(required=True)
    zone = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    is_usual = fields.Boolean(required=True)
