"""Shapes of referrals, as they come in (closed) and go out."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.intake.consents.domain import Purpose
from services.intake.consents.schemas import ConsentAnswerSchema
from services.intake.people.schemas import TEXT, PersonSchema
from services.intake.referrals.domain.codes import ENDING_REASONS, REFERRAL_SOURCES
from services.intake.referrals.domain.referral import NewReferral, ReferralState

_CODE = validate.Length(min=1, max=16)


class NewReferralSchema(Schema):
    """A referral as it comes in."""

    client = fields.Nested(PersonSchema, required=True)
    source = fields.String(
        required=True, validate=_CODE, metadata={"description": "Who referred", "enum": list(REFERRAL_SOURCES)}
    )
    note = fields.String(
        load_default=None, allow_none=True, validate=TEXT, metadata={"description": "Up to 2,000 characters; sealed"}
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewReferral:
        return NewReferral(**data)


class AcceptanceSchema(Schema):
    """The consents with which care begins."""

    consents = fields.List(
        fields.Nested(ConsentAnswerSchema), required=True, validate=validate.Length(min=1, max=len(Purpose))
    )


class ReasonSchema(Schema):
    """Why a referral is declined, or care ends."""

    reason_code = fields.String(
        required=True,
        validate=_CODE,
        metadata={"description": "Which fits where: /v1/code-sets", "enum": list(ENDING_REASONS)},
    )


class ReferralsQuerySchema(Schema):
    """Which referrals are wanted."""

    state = fields.Enum(ReferralState, by_value=True, load_default=None)


class ReferralSchema(Schema):
    """A referral; the note is only told where a single referral is read."""

    id = fields.UUID(attribute="referral_id", required=True)
    version = fields.Integer(required=True)
    state = fields.Enum(ReferralState, by_value=True, required=True)
    client_id = fields.UUID(required=True)
    spoken_code = fields.String(required=True)
    source = fields.String(required=True)
    received_at = fields.AwareDateTime(required=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    reason_code = fields.String(required=True, allow_none=True)


class ReferralWithNoteSchema(ReferralSchema):
    """A referral with what the referrer wrote; null where there is nothing, or nothing for the one who asks."""

    note = fields.String(required=True, allow_none=True)
    has_note = fields.Boolean(required=True)
