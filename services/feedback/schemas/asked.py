"""Requests; closed by the web base: an unknown field is an error."""

import unicodedata
from collections.abc import Iterable

from marshmallow import Schema, ValidationError, fields, validate

from services.feedback.alliance.domain.episode_notes import NOT_YET_REASONS, TRIED
from services.feedback.alliance.domain.episodes import PERSONS_REASONS
from services.feedback.alliance.domain.restarts import RESTART_REASONS
from services.feedback.alliance.domain.rules import RulesUnknown, named
from services.feedback.collection.domain.offers import STAFF_REASONS, OfferState
from services.feedback.measures.domain import Side
from services.feedback.risk.domain.crisis import PLACEHOLDERS
from services.feedback.worklists.domain.reach_out import NOT_NOW_REASONS
from shared.fields import YesOrNo

_ITEMS_AT_MOST = 100


def _few_enough(answers: object) -> None:
    if isinstance(answers, dict) and len(answers) > _ITEMS_AT_MOST:
        raise ValidationError(f"At most {_ITEMS_AT_MOST} answers.")


def _named(version: str) -> None:
    try:
        named(version)
    except RulesUnknown as unknown:
        raise ValidationError(str(unknown)) from unknown


def _in_words(reason: str) -> None:
    if not reason.strip() or any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in reason):
        raise ValidationError("Must be a few words on one line.")


def answers_field(*, required: bool = True) -> fields.Dict:
    """Item ids to answers; which values an item takes is the measure's rule, not the shape's."""
    return fields.Dict(
        keys=fields.String(validate=validate.Length(max=64)),
        values=fields.Raw(allow_none=True),
        required=required,
        validate=_few_enough,
        metadata={"description": "Item id to answer: a whole number, an option's code, text, or null for skipped"},
    )


class CaseloadQuery(Schema):
    practitioner_id = fields.UUID(load_default=None)


class CourseQuery(Schema):
    rules = fields.String(
        load_default=None,
        validate=validate.And(validate.Length(max=40), _named),
        metadata={"description": "Replay by this version of the rules; nothing is kept"},
    )


class RulesSwitchSchema(Schema):
    version = fields.String(required=True, validate=validate.And(validate.Length(max=40), _named))
    reason = fields.String(
        required=True,
        validate=validate.And(validate.Length(min=1, max=300), _in_words),
        metadata={"description": "Why, for whoever asks later; no names"},
    )


class OffersQuery(Schema):
    side = fields.String(load_default=None, validate=validate.OneOf([str(side) for side in Side]))
    state = fields.String(load_default=None, validate=validate.OneOf([str(state) for state in OfferState]))
    practitioner_id = fields.UUID(load_default=None)
    client_id = fields.UUID(load_default=None)
    reminder = fields.String(load_default=None, validate=validate.OneOf(["due", "done"]))


class MissingReasonSchema(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(sorted(str(reason) for reason in STAFF_REASONS)))


class NothingSchema(Schema):
    """An empty object."""


class ConversationSchema(Schema):
    held_on = fields.Date(required=True)


def _one_of(codes: Iterable[str]) -> validate.OneOf:
    return validate.OneOf(list(codes))


class EpisodesQuery(Schema):
    state = fields.String(load_default="open", validate=_one_of(("open", "closed", "all")))
    practitioner_id = fields.UUID(load_default=None)


class EpisodeNoteSchema(Schema):
    """One of the first two at most; what was tried may be added to either, or stand alone."""

    held_on = fields.Date(load_default=None, allow_none=True)
    not_yet = fields.String(load_default=None, allow_none=True, validate=_one_of(NOT_YET_REASONS))
    tried = fields.List(
        fields.String(validate=_one_of(TRIED)), load_default=list, validate=validate.Length(max=len(TRIED))
    )


class OwnerSchema(Schema):
    owner_id = fields.UUID(required=True)


class ReachOutSchema(Schema):
    """`on` with reached_out, `reason` with not_now."""

    kind = fields.String(required=True, validate=_one_of(("reached_out", "not_now")))
    on = fields.Date(load_default=None, allow_none=True)
    reason = fields.String(load_default=None, allow_none=True, validate=_one_of(NOT_NOW_REASONS))


class ClosingSchema(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(sorted(PERSONS_REASONS)))


class RestartSchema(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(sorted(RESTART_REASONS)))


class TokenSchema(Schema):
    token = fields.String(required=True, validate=validate.Length(min=1, max=128))


class FilledInSchema(Schema):
    measure_id = fields.String(
        load_default=None,
        validate=validate.Length(max=64),
        metadata={"description": "Which form of the packet; needed where it has several"},
    )
    answers = answers_field()
    submit = YesOrNo(required=True)


_CRISIS_FIELDS = {name: fields.String(required=True, validate=validate.Length(max=300)) for name in PLACEHOLDERS}

CrisisEntrySchema = Schema.from_dict(
    {**_CRISIS_FIELDS, "checked_on": fields.Date(required=True), "review_on": fields.Date(required=True)},
    name="CrisisEntrySchema",
)
