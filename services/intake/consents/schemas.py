"""Shapes of consents, as they come in (closed) and go out."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.intake.consents.domain import ConsentAnswer, ConsentState, Purpose
from shared.fields import YesOrNo

TEXT_VERSION = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}\Z"


class ConsentAnswerSchema(Schema):
    """What a person said for one purpose, and which wording they were shown."""

    purpose = fields.Enum(Purpose, by_value=True, required=True)
    given = YesOrNo(required=True)
    text_version = fields.String(
        required=True, validate=validate.Regexp(TEXT_VERSION), metadata={"description": "Which wording, like 2026-01"}
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> ConsentAnswer:
        return ConsentAnswer(**data)


class ConsentSchema(Schema):
    """A recorded answer to a question of consent."""

    consent_id = fields.UUID(required=True)
    purpose = fields.Enum(Purpose, by_value=True, required=True)
    state = fields.Enum(ConsentState, by_value=True, required=True)
    text_version = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)
