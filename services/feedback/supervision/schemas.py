"""Supervision over HTTP: pairs, weekly packs, points agreed on. Sentences and prompts are codes; the words are ours."""

from marshmallow import Schema, fields, validate

from services.feedback.alliance.schemas.episodes import EpisodeSchema
from services.feedback.supervision.domain.packs import PointCode
from shared.fields import ResponseSchema

_MOST_SUPERVISORS = 10
_WEEK = validate.Regexp(r"^[0-9]{4}-W[0-9]{2}\Z", error="Give a week as in 2026-W48.")
_WORDS = validate.Length(max=2000)


class SupervisionsQuery(Schema):
    practitioner_id = fields.UUID(load_default=None)
    ended = fields.Boolean(load_default=False, metadata={"description": "With the pairs that have ended"})


class SupervisorsSchema(Schema):
    practitioner_id = fields.UUID(required=True)
    supervisor_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(max=_MOST_SUPERVISORS))


class SupervisionSchema(ResponseSchema):
    id = fields.UUID()
    supervisor_id = fields.UUID()
    practitioner_id = fields.UUID()
    from_at = fields.AwareDateTime(data_key="from")
    until_at = fields.AwareDateTime(data_key="until", allow_none=True)


class PackQuery(Schema):
    week = fields.String(load_default=None, validate=_WEEK)
    practitioner_id = fields.UUID(load_default=None)


class PointEntrySchema(Schema):
    practitioner_id = fields.UUID(required=True)
    client_id = fields.UUID(required=True)
    week = fields.String(required=True, validate=_WEEK)
    code = fields.String(required=True, validate=validate.OneOf([str(code) for code in PointCode]))
    text = fields.String(load_default=None, allow_none=True, validate=_WORDS)


class PointNotedSchema(ResponseSchema):
    """Without its words: an answer is kept to be given again, words are kept sealed alone."""

    id = fields.UUID()
    week = fields.String()
    code = fields.String()
    noted_at = fields.AwareDateTime()


class PackPointSchema(PointNotedSchema):
    text = fields.String(attribute="words", allow_none=True)


class PackSentenceSchema(ResponseSchema):
    template = fields.String()
    params = fields.Dict()


class PackItemSchema(ResponseSchema):
    """One client by their spoken code; `wish` only where they let supervision read it."""

    section = fields.Function(lambda one: str(one.item.section))
    client_id = fields.UUID(attribute="item.client_id")
    spoken_code = fields.String(attribute="item.spoken_code")
    since = fields.AwareDateTime(attribute="item.since")
    sentences = fields.List(fields.Nested(PackSentenceSchema), attribute="item.sentences")
    prompts = fields.Function(lambda one: [str(prompt) for prompt in one.item.prompts])
    episode = fields.Nested(EpisodeSchema, attribute="item.episode", allow_none=True)
    talked_about = fields.Boolean(attribute="item.talked_about", allow_none=True)
    wish = fields.String(allow_none=True)
    points = fields.List(fields.Nested(PackPointSchema))


class PackSchema(ResponseSchema):
    practitioner_id = fields.UUID()
    week = fields.Function(lambda pack: str(pack.week))
    starts_on = fields.Date(attribute="week.monday")
    previous_week = fields.Function(lambda pack: str(pack.week.before))
    next_week = fields.Function(lambda pack: str(pack.next_week) if pack.next_week else None)
    items = fields.List(fields.Nested(PackItemSchema))
