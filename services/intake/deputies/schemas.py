"""Shapes of deputies, as they come in (closed) and go out."""

from marshmallow import Schema, fields


class NewDeputySchema(Schema):
    """Who stands in for whom, on which days of the clinic, both included."""

    practitioner_id = fields.UUID(required=True)
    deputy_id = fields.UUID(required=True)
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)


class DeputySchema(Schema):
    """Who stands in for whom, from one moment to another."""

    id = fields.UUID(attribute="deputising_id", required=True)
    practitioner_id = fields.UUID(required=True)
    deputy_id = fields.UUID(required=True)
    begins_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
