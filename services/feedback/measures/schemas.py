"""Measures over HTTP: what is asked, what is known, what the licence allows; and words on their way in."""

from typing import Any

from marshmallow import Schema, fields, missing, validate

from services.feedback.measures.domain import Context, ItemWording, Wording
from services.feedback.measures.domain.imports import MOST_LETTERS, Brought, Permission
from shared.fields import ResponseSchema, YesOrNo


class Number(fields.Float):
    """A number as it is written: 10 and not 10.0 where it is whole."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        number = super()._serialize(value, attr, obj, **kwargs)
        return int(number) if isinstance(number, float) and number.is_integer() else number


class OptionSchema(ResponseSchema):
    code = fields.String()
    text = fields.String()


class ShownWhenSchema(ResponseSchema):
    """No codes in `any_of`: after any answer."""

    item = fields.String()
    any_of = fields.List(fields.String())


class ShownWhenAnySchema(ResponseSchema):
    items = fields.List(fields.String())
    at_least = fields.Integer()


class ItemSchema(ResponseSchema):
    id = fields.String()
    part = fields.String()
    text = fields.String()
    kind = fields.String()
    hint = fields.String(allow_none=True)
    optional = fields.Boolean()
    min = Number(attribute="minimum")
    max = Number(attribute="maximum")
    step = Number()
    low_label = fields.String(allow_none=True)
    high_label = fields.String(allow_none=True)
    options = fields.List(fields.Nested(OptionSchema))
    max_length = fields.Integer()
    shown_when = fields.Nested(ShownWhenSchema, allow_none=True)
    shown_when_any = fields.Nested(ShownWhenAnySchema, allow_none=True)


class ClosingSchema(ResponseSchema):
    text = fields.String(attribute="closing")
    by_sharing = fields.Dict(keys=fields.String(), values=fields.String(), attribute="closing_by_sharing")


class FormSchema(ResponseSchema):
    """A measure as a form; the label says what kind of questionnaire it is, honestly."""

    id = fields.String()
    version = fields.Integer()
    name_code = fields.String()
    name = fields.String()
    side = fields.String()
    language = fields.String()
    licence_class = fields.String()
    validated = fields.Boolean()
    construct = fields.String()
    moment = fields.String()
    has_wording = fields.Boolean()
    attribution_line = fields.String(attribute="licence.attribution_line", allow_none=True)
    notice = fields.String(allow_none=True)
    title = fields.String()
    intro = fields.String()
    stem = fields.String()
    label = fields.String()
    client_label = fields.String(allow_none=True)
    items = fields.List(fields.Nested(ItemSchema))
    closing = fields.Function(lambda measure: ClosingSchema().dump(measure))


_CODE = validate.Length(min=1, max=64)


class ThresholdSchema(ResponseSchema):
    code = fields.String()
    points = Number()
    source = fields.String()
    mark = fields.String()


class PublishedChangeSchema(ResponseSchema):
    """Points a total must move; the confidence in percent, null where it is not established."""

    points = Number()
    confidence = Number(allow_none=True)
    source = fields.String()
    mark = fields.String()


class PublishedNormSchema(ResponseSchema):
    mean = Number()
    sd = Number()
    n = fields.Integer(allow_none=True)
    source = fields.String()
    mark = fields.String()


class PublishedReliabilitySchema(ResponseSchema):
    value = Number()
    up_to = Number(allow_none=True)
    kind = fields.String()
    source = fields.String()
    mark = fields.String()


class BandSchema(ResponseSchema):
    code = fields.String()
    at_least = Number()


class EvidenceSchema(ResponseSchema):
    better = fields.String()
    cut_off = fields.Nested(ThresholdSchema, allow_none=True)
    further_thresholds = fields.List(fields.Nested(ThresholdSchema))
    reliable_change = fields.Nested(PublishedChangeSchema, allow_none=True)
    further_changes = fields.List(fields.Nested(PublishedChangeSchema))
    important_change = fields.Nested(PublishedChangeSchema, allow_none=True)
    clinical = fields.Nested(PublishedNormSchema, allow_none=True)
    general = fields.Nested(PublishedNormSchema, allow_none=True)
    reliability = fields.Nested(PublishedReliabilitySchema, allow_none=True)
    further_reliabilities = fields.List(fields.Nested(PublishedReliabilitySchema))
    bands = fields.List(fields.Nested(BandSchema))
    bands_source = fields.String()
    bands_mark = fields.String(allow_none=True)


class LicenceSchema(ResponseSchema):
    licence_class = fields.String()
    holder = fields.String()
    reference = fields.String()
    contexts_allowed = fields.Function(lambda licence: sorted(licence.contexts_allowed))
    may_modify = fields.Boolean()
    may_translate = fields.Boolean()
    attribution_line = fields.String(allow_none=True)
    retrieved_on = fields.Date(allow_none=True)
    confirm_commercial = fields.Boolean()


class MissingRuleSchema(ResponseSchema):
    source = fields.String()
    mark = fields.String()


class ScoringSchema(ResponseSchema):
    """How a total is made; its ends are null where there is none, only subscales."""

    rule_id = fields.String()
    method = fields.String()
    items = fields.List(fields.String())
    needed = fields.Integer()
    factor = Number()
    min = Number(attribute="lowest", allow_none=True)
    max = Number(attribute="highest", allow_none=True)
    step = Number()
    reversed = fields.Function(lambda rule: sorted(rule.reversed))
    missing = fields.Nested(MissingRuleSchema, allow_none=True)


class SubscaleSchema(ResponseSchema):
    id = fields.String()
    method = fields.String()
    items = fields.List(fields.String())
    needed = fields.Integer()
    min = Number(attribute="minimum")
    max = Number(attribute="maximum")
    step = Number()
    thresholds = fields.List(fields.Nested(ThresholdSchema))


class FrequencySchema(ResponseSchema):
    rhythm = fields.String()
    every = fields.Integer()
    from_session = fields.Integer()
    source = fields.String()
    mark = fields.String()


class KeptWordingSchema(ResponseSchema):
    language = fields.String()
    number = fields.Integer()
    content_hash = fields.String()
    context = fields.String()
    commercial_confirmed = fields.Boolean()
    imported_at = fields.AwareDateTime()
    imported_by = fields.UUID(allow_none=True)


class _OfView(ResponseSchema):
    """What the view does not say itself is its measure's."""

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """From the view, else from the measure in it."""
        found = super().get_attribute(obj, attr, missing)
        return super().get_attribute(obj.measure, attr, default) if found is missing else found


class RegisteredSchema(_OfView):
    """One line of the registry: ready, or what is needed before it can be used as a form."""

    id = fields.String()
    version = fields.Integer()
    name_code = fields.String()
    name = fields.String()
    short_name = fields.String()
    side = fields.String()
    construct = fields.String()
    moment = fields.String()
    status = fields.String()
    languages = fields.List(fields.String())
    validated = fields.Boolean()
    accepts_totals = fields.Boolean()
    item_count = fields.Function(lambda view: len(view.measure.items))
    licence = fields.Nested(LicenceSchema)
    scoring = fields.Nested(ScoringSchema)
    evidence = fields.Nested(EvidenceSchema)


class MeasureSchema(_OfView, FormSchema):
    """A measure as a form, with what is known of it and what nobody knows."""

    short_name = fields.String()
    instrument_source = fields.String()
    status = fields.String()
    languages = fields.List(fields.String())
    accepts_totals = fields.Boolean()
    window = fields.String(allow_none=True)
    frequency = fields.Nested(FrequencySchema, allow_none=True)
    licence = fields.Nested(LicenceSchema)
    scoring = fields.Nested(ScoringSchema)
    subscales = fields.List(fields.Nested(SubscaleSchema))
    risk_items = fields.Dict(keys=fields.String(), values=fields.Integer())
    evidence = fields.Nested(EvidenceSchema)
    not_established = fields.List(fields.String())
    content_hashes = fields.Dict(keys=fields.String(), values=fields.String())
    wordings = fields.List(fields.Nested(KeptWordingSchema))
    closing = fields.Function(lambda view: ClosingSchema().dump(view.measure))


class ItemWordingSchema(Schema):
    text = fields.String(required=True, validate=validate.Length(min=1, max=MOST_LETTERS))
    hint = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=MOST_LETTERS))
    low_label = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=300))
    high_label = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=300))
    options = fields.Dict(
        keys=fields.String(validate=_CODE), values=fields.String(), load_default=dict, validate=validate.Length(max=100)
    )


class WordingSchema(Schema):
    """Words and what is said about their licence; `answers` are the options that all items share."""

    title = fields.String(required=True, validate=validate.Length(min=1, max=300))
    intro = fields.String(load_default="", validate=validate.Length(max=MOST_LETTERS))
    stem = fields.String(load_default="", validate=validate.Length(max=MOST_LETTERS))
    answers = fields.Dict(
        keys=fields.String(validate=_CODE), values=fields.String(), load_default=dict, validate=validate.Length(max=100)
    )
    items = fields.Dict(
        keys=fields.String(validate=_CODE),
        values=fields.Nested(ItemWordingSchema),
        required=True,
        validate=validate.Length(min=1, max=100),
    )
    context = fields.Enum(Context, by_value=True, required=True)
    licence_held = YesOrNo(required=True)
    commercial_confirmed = YesOrNo(load_default=False)


def brought_in(language: str, body: dict[str, Any]) -> Brought:
    """The loaded words, in the language of the path, with what is said about their licence."""
    items = {name: ItemWording(**item) for name, item in body["items"].items()}
    return Brought(
        Wording(language, body["title"], body["intro"], body["stem"], items),
        body["answers"],
        Permission(body["context"], body["licence_held"], body["commercial_confirmed"]),
    )
