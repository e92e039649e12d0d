"""Shapes of what is asked over HTTP; rules about the values live in the domain."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.intake.consents.domain import ConsentAnswer, Purpose
from services.intake.people.domain.clients import ClientState
from services.intake.people.domain.codes import ENDING_REASONS, REFERRAL_SOURCES
from services.intake.people.domain.person import Person
from services.intake.referrals.domain import NewReferral, ReferralState
from shared.fields import YesOrNo

IDS_MAX = 200
# Bounds on what is read at all; the domain has the finer limits and the words for them.
_LINE = validate.Length(max=400)
_TEXT = validate.Length(max=4000)
_CODE = validate.Length(min=1, max=16)
TEXT_VERSION = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}\Z"


class PersonSchema(Schema):
    """Who somebody is and how to reach them."""

    given_name = fields.String(required=True, validate=_LINE, metadata={"description": "1-100 characters"})
    family_name = fields.String(required=True, validate=_LINE, metadata={"description": "1-100 characters"})
    preferred_name = fields.String(
        load_default=None, allow_none=True, validate=_LINE, metadata={"description": "What they want to be called"}
    )
    birth_date = fields.Date(required=True, metadata={"description": "1900-01-01 to today"})
    phone = fields.String(load_default=None, allow_none=True, validate=_LINE)
    email = fields.String(load_default=None, allow_none=True, validate=_LINE)
    contact_note = fields.String(
        load_default=None,
        allow_none=True,
        validate=_TEXT,
        metadata={"description": "How to reach them safely; up to 2,000 characters"},
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Person:
        """As the domain knows it."""
        return Person(**data)


class NewReferralSchema(Schema):
    """A referral as it comes in."""

    client = fields.Nested(PersonSchema, required=True)
    source = fields.String(
        required=True, validate=_CODE, metadata={"description": "Who referred", "enum": list(REFERRAL_SOURCES)}
    )
    note = fields.String(
        load_default=None, allow_none=True, validate=_TEXT, metadata={"description": "Up to 2,000 characters; sealed"}
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewReferral:
        """As the domain knows it."""
        return NewReferral(**data)


class ConsentAnswerSchema(Schema):
    """What a person said for one purpose, and which wording they were shown."""

    purpose = fields.Enum(Purpose, by_value=True, required=True)
    given = YesOrNo(required=True)
    text_version = fields.String(
        required=True, validate=validate.Regexp(TEXT_VERSION), metadata={"description": "Which wording, like 2026-01"}
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> ConsentAnswer:
        """As the domain knows it."""
        return ConsentAnswer(**data)


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


class NewAllocationSchema(Schema):
    """With whom a client is placed."""

    practitioner_id = fields.UUID(required=True)


class LookUpSchema(Schema):
    """Whose names are wanted."""

    ids = fields.List(fields.UUID(), required=True, validate=validate.Length(max=IDS_MAX))


class SearchSchema(Schema):
    """What somebody at the desk types: whole words of a name, a spoken code, a phone number, an e-mail address."""

    text = fields.String(required=True, validate=validate.Length(min=1, max=300))


class ReferralsQuerySchema(Schema):
    """Which referrals are wanted."""

    state = fields.Enum(ReferralState, by_value=True, load_default=None)


class ClientsQuerySchema(Schema):
    """Which clients are wanted."""

    state = fields.Enum(ClientState, by_value=True, load_default=None)
    practitioner_id = fields.UUID(load_default=None)
