"""Offers: that a form is out, for whom and until when."""

from marshmallow import Schema, fields, validate

from services.feedback.collection.domain.offers import STAFF_REASONS, OfferState
from services.feedback.measures.domain import Side
from shared.fields import LocalDay, ResponseSchema


class OfferSchema(ResponseSchema):
    """That a form is out, for whom and until when."""

    id = fields.UUID()
    side = fields.String()
    client_id = fields.UUID()
    spoken_code = fields.String()
    practitioner_id = fields.UUID()
    appointment_id = fields.UUID()
    session_date = LocalDay(attribute="session_starts_at")
    session_starts_at = fields.AwareDateTime()
    measure_id = fields.String()
    measure_version = fields.Integer()
    moment = fields.String()
    way = fields.String()
    offered_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    state = fields.String()
    missing_reason = fields.String(allow_none=True)
    reminder = fields.String(allow_none=True)
    entry_withdrawn = fields.Boolean(
        metadata={"description": "Staff entered something by mistake and took it away; the check-in shows it"}
    )


class OfferStateSchema(ResponseSchema):
    id = fields.UUID()
    state = fields.String()


class OffersQuery(Schema):
    side = fields.String(load_default=None, validate=validate.OneOf([str(side) for side in Side]))
    state = fields.String(load_default=None, validate=validate.OneOf([str(state) for state in OfferState]))
    practitioner_id = fields.UUID(load_default=None)
    client_id = fields.UUID(load_default=None)
    reminder = fields.String(load_default=None, validate=validate.OneOf(["due", "done"]))


class MissingReasonSchema(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(sorted(str(reason) for reason in STAFF_REASONS)))
