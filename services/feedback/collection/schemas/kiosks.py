"""Kiosks and codes as they are asked and told."""

from marshmallow import Schema, fields, validate

from shared.fields import ResponseSchema


class EnrolSchema(Schema):
    label = fields.String(
        required=True,
        validate=validate.Regexp(r"\S(.{0,38}\S)?\Z", error="Must be 1 to 40 characters, not blank at either end."),
        metadata={"description": "Where the device stands, such as Waiting room; not a person's name"},
    )


class KioskSchema(ResponseSchema):
    id = fields.UUID()
    label = fields.String()
    enrolled_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    paused_until = fields.AwareDateTime(allow_none=True)
    last_used_at = fields.AwareDateTime(allow_none=True)


class EnrolledKioskSchema(ResponseSchema):
    """The token is shown this once."""

    id = fields.UUID()
    label = fields.String()
    token = fields.String()
    enrolled_at = fields.AwareDateTime()


class CodeSchema(ResponseSchema):
    code = fields.String()
    expires_at = fields.AwareDateTime()


class KioskExchangeSchema(Schema):
    """`kiosk` is the device's token; six ASCII digits, nothing that merely looks like them."""

    kiosk = fields.String(required=True, validate=validate.Length(min=1, max=128))
    code = fields.String(required=True, validate=validate.Regexp(r"[0-9]{6}\Z", error="Must be six digits, 0 to 9."))
