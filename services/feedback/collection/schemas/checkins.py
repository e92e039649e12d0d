"""What staff enter, correct and withdraw, and a check-in as it is read with its history."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.feedback.collection.domain.corrections import REASONS
from services.feedback.collection.domain.entry import Entry
from services.feedback.collection.domain.offers import Channel
from services.feedback.collection.domain.sharing import Sharing
from services.feedback.collection.domain.withdrawn_entries import REASONS as WITHDRAWN_REASONS
from services.feedback.collection.schemas.forms import answers_field
from shared.fields import ResponseSchema, YesOrNo

CHANNELS = (Channel.IN_SESSION, Channel.PAPER, Channel.PORTAL)
_MOST_SUBSCALES = 20
_ENTRY = ("answers", "total", "subscales", "sharing")


class _EntrySchema(Schema):
    """Answers, or else a total and subscales; which numbers they may be is the measure's rule, not the shape's."""

    answers = answers_field(required=False)
    total = fields.Raw(metadata={"description": "The total as it stands on paper, in place of answers"})
    subscales = fields.Dict(
        keys=fields.String(validate=validate.Length(max=64)),
        values=fields.Raw(),
        validate=validate.Length(max=_MOST_SUBSCALES),
    )

    @validates_schema
    def one_of_two(self, data: dict[str, Any], **_: Any) -> None:
        """A form is entered item by item or by its totals."""
        totals = "total" in data or "subscales" in data
        if ("answers" in data) == totals:
            raise ValidationError("Give either answers, or the total (and subscales) instead.", "answers")

    @post_load
    def entry(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The entry apart from what is said about it."""
        given = {name: data.pop(name) for name in _ENTRY if name in data}
        return data | {"entry": Entry(**given)}


def _sharing() -> fields.String:
    return fields.String(
        validate=validate.OneOf([str(sharing) for sharing in Sharing]),
        metadata={"description": "What the client said about showing it, where the form does not ask it itself"},
    )


class EnteredSchema(_EntrySchema):
    channel = fields.String(load_default=None, validate=validate.OneOf([str(channel) for channel in CHANNELS]))
    measure_version = fields.Integer(strict=True, load_default=None, validate=validate.Range(1, 10_000))
    opened_client_answers = YesOrNo(
        load_default=False,
        metadata={"description": "The therapist had the client's answers on the screen before"},
    )
    sharing = _sharing()


class EnteredForSessionSchema(_EntrySchema):
    appointment_id = fields.UUID(required=True)
    measure_id = fields.String(required=True, validate=validate.Length(max=64))
    measure_version = fields.Integer(strict=True, required=True, validate=validate.Range(1, 10_000))
    channel = fields.String(required=True, validate=validate.OneOf([str(channel) for channel in CHANNELS]))
    sharing = _sharing()


class CorrectionSchema(_EntrySchema):
    reason = fields.String(required=True, validate=validate.OneOf(sorted(REASONS)))


class CorrectedSchema(ResponseSchema):
    id = fields.UUID()
    version = fields.Integer()


class WithdrawalSchema(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(sorted(WITHDRAWN_REASONS)))


class WithdrawnSchema(ResponseSchema):
    """`state` is what the form is now; `version` the entry's, which an undo names in If-Match."""

    id = fields.UUID()
    version = fields.Integer()
    state = fields.String()
    undo_until = fields.AwareDateTime()


class EarlierVersionSchema(ResponseSchema):
    """What stood there until it was corrected or withdrawn, by whom, when and why."""

    version = fields.Integer()
    answers = fields.Dict(allow_none=True)
    total = fields.Float(allow_none=True)
    subscales = fields.Dict(allow_none=True)
    answered = fields.Integer(allow_none=True)
    superseded_at = fields.AwareDateTime()
    superseded_by = fields.UUID(allow_none=True)
    reason = fields.String()
    withdrawn = fields.Boolean(metadata={"description": "Staff took it away as a mistake; else it was corrected"})
    restored_at = fields.AwareDateTime(allow_none=True)


class CheckinSchema(ResponseSchema):
    """An offer and what came back; answers and totals are null where nothing came, or where it is not shown."""

    id = fields.UUID()
    client_id = fields.UUID()
    practitioner_id = fields.UUID()
    appointment_id = fields.UUID()
    side = fields.String()
    moment = fields.String()
    measure_id = fields.String()
    measure_version = fields.Integer()
    state = fields.String()
    missing_reason = fields.String(allow_none=True)
    sharing = fields.String(allow_none=True)
    shown = fields.Boolean()
    version = fields.Integer(allow_none=True)
    channel = fields.String(allow_none=True)
    recorded_at = fields.AwareDateTime(allow_none=True)
    entered_by = fields.UUID(allow_none=True)
    answers = fields.Dict(allow_none=True)
    total = fields.Float(allow_none=True)
    subscales = fields.Dict(allow_none=True)
    answered = fields.Integer(allow_none=True)
    scoring_rule = fields.String(allow_none=True)
    total_only = fields.Boolean()
    undo_until = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "Until when the entry that was withdrawn last can be brought back; null without one"},
    )
    earlier = fields.List(fields.Nested(EarlierVersionSchema))
