"""Shapes of a client's file and of the code lists, as they go out."""

from marshmallow import Schema, fields

from services.intake.allocation.schemas import AllocationSchema, EndingSchema
from services.intake.consents.schemas import ConsentSchema
from services.intake.people.domain.clients import ClientState
from services.intake.people.schemas import ClientSchema, IdentitySchema


class ClientFileSchema(ClientSchema):
    """A client with everything intake holds of them."""

    registered_at = fields.AwareDateTime(required=True)
    display_name = fields.String(required=True)
    identity = fields.Nested(IdentitySchema, required=True)
    consents = fields.List(fields.Nested(ConsentSchema), required=True)
    allocation = fields.Nested(AllocationSchema, required=True, allow_none=True)
    ending = fields.Nested(EndingSchema, required=True, allow_none=True)


class CodeSchema(Schema):
    """A code with its words."""

    code = fields.String(required=True)
    label = fields.String(required=True)


class EndingReasonSchema(CodeSchema):
    """A reason for ending, and where it fits."""

    fits_declining = fields.Boolean(required=True)
    fits_states = fields.List(fields.Enum(ClientState, by_value=True), required=True)


class CodeSetsSchema(Schema):
    """All code lists of intake."""

    referral_sources = fields.List(fields.Nested(CodeSchema), required=True)
    ending_reasons = fields.List(fields.Nested(EndingReasonSchema), required=True)
    consent_purposes = fields.List(fields.Nested(CodeSchema), required=True)
