"""A client's wish, as it goes out."""

from marshmallow import fields

from shared.fields import ResponseSchema


class WishSchema(ResponseSchema):
    id = fields.UUID()
    text = fields.String(allow_none=True)
    state = fields.String()
    word = fields.String(
        metadata={"description": "The client's last word on it: open, not_yet, better, done or replaced"}
    )
    from_session = fields.Integer(allow_none=True)
    asked_again = fields.Integer()
    closed_at = fields.AwareDateTime(allow_none=True)
