"""Shapes of what is answered over HTTP."""

from marshmallow import Schema, fields

from services.intake.consents.domain import ConsentState, Purpose
from services.intake.people.domain.clients import ClientState
from services.intake.referrals.domain import ReferralState


class ReferralSchema(Schema):
    """A referral; the note is only told where a single referral is read."""

    id = fields.UUID(attribute="referral_id", required=True)
    version = fields.Integer(required=True)
    state = fields.Enum(ReferralState, by_value=True, required=True)
    client_id = fields.UUID(required=True)
    spoken_code = fields.String(required=True)
    source = fields.String(required=True)
    received_at = fields.AwareDateTime(required=True)
    decided_at = fields.AwareDateTime(allow_none=True)
    reason_code = fields.String(allow_none=True)


class ReferralWithNoteSchema(ReferralSchema):
    """A referral with what the referrer wrote."""

    note = fields.String(allow_none=True)


class ClientSchema(Schema):
    """A client without their name."""

    client_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    spoken_code = fields.String(required=True)
    state = fields.Enum(ClientState, by_value=True, required=True)
    practitioner_id = fields.UUID(allow_none=True)
    since = fields.AwareDateTime(required=True, metadata={"description": "When they entered this state"})


class IdentitySchema(Schema):
    """Who the client is and how to reach them."""

    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    preferred_name = fields.String(allow_none=True)
    birth_date = fields.Date(required=True)
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    contact_note = fields.String(allow_none=True)


class ConsentSchema(Schema):
    """A recorded answer to a question of consent."""

    consent_id = fields.UUID(required=True)
    purpose = fields.Enum(Purpose, by_value=True, required=True)
    state = fields.Enum(ConsentState, by_value=True, required=True)
    text_version = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)


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


class ClientFileSchema(ClientSchema):
    """A client with everything intake holds of them."""

    registered_at = fields.AwareDateTime(required=True)
    display_name = fields.String(required=True)
    identity = fields.Nested(IdentitySchema, required=True)
    consents = fields.List(fields.Nested(ConsentSchema), required=True)
    allocation = fields.Nested(AllocationSchema, allow_none=True)
    ending = fields.Nested(EndingSchema, allow_none=True)


class NamedClientSchema(Schema):
    """An id with the name that belongs to it."""

    client_id = fields.UUID(required=True)
    spoken_code = fields.String(required=True)
    display_name = fields.String(required=True)


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
