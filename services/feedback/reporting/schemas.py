"""The clinic's figures over HTTP: shares from 0 to 1 with their n; a number that is not told comes with its reason."""

from marshmallow import Schema, fields

from services.feedback.outcome.domain.caseloads import LEAST_CASES, LEAST_IN_A_CELL
from services.feedback.reporting.domain.disclosure_control import LEAST_OF_A_SHARE, LEAST_THERAPISTS, Withheld
from services.feedback.reporting.domain.figures import MATURE_CHECKINS, ROUNDED_TO
from shared.fields import ResponseSchema

_WHY = {"description": " or ".join(Withheld)}


class FiguresQuery(Schema):
    """A whole calendar quarter or year, both days in it."""

    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)


class ShareSchema(ResponseSchema):
    code = fields.String()
    n = fields.Integer(allow_none=True)
    value = fields.Float(allow_none=True)
    at_least = fields.Boolean(metadata={"description": "The share is this or a little more: few are left over"})
    why = fields.String(allow_none=True, metadata=_WHY)


class NumberSchema(ResponseSchema):
    n = fields.Integer(allow_none=True)
    value = fields.Float(allow_none=True)
    why = fields.String(allow_none=True, metadata=_WHY)


class PartSchema(ResponseSchema):
    """Cells told together; `value` is their share of all forms of this kind."""

    codes = fields.List(fields.String())
    n = fields.Integer()
    value = fields.Float()


class CompletionSchema(ResponseSchema):
    side = fields.String()
    moment = fields.String()
    returned = fields.Nested(ShareSchema)
    channels = fields.List(fields.Nested(PartSchema))
    missing = fields.List(fields.Nested(PartSchema))


class AllianceSchema(ResponseSchema):
    repair = fields.Nested(ShareSchema)
    days_to_repair = fields.Nested(NumberSchema)
    talked_about = fields.Nested(ShareSchema)


class MeasureFiguresSchema(ResponseSchema):
    """Treatments that ended in the period; `n` had two shared totals to compare. `shares` are of all of them."""

    measure_id = fields.String(attribute="measure.id")
    version = fields.Integer(attribute="measure.version")
    short_name = fields.String(attribute="measure.short_name")
    n = fields.Integer(allow_none=True)
    why = fields.String(allow_none=True, metadata=_WHY)
    shares = fields.List(fields.Nested(ShareSchema))
    parts = fields.List(fields.Nested(PartSchema))
    effect_size = fields.Nested(NumberSchema)


class NhsFiguresSchema(ResponseSchema):
    """Finished courses: at least two sessions, first and last PHQ-9 and GAD-7; recoveries are of those at caseness."""

    n = fields.Integer(allow_none=True)
    why = fields.String(allow_none=True, metadata=_WHY)
    shares = fields.List(fields.Nested(ShareSchema))


class OutcomeFiguresSchema(ResponseSchema):
    measures = fields.List(fields.Nested(MeasureFiguresSchema))
    nhs = fields.Nested(NhsFiguresSchema, allow_none=True)


class ClientsSchema(ResponseSchema):
    value = fields.Integer(attribute="clients", allow_none=True)
    rounded_to = fields.Constant(ROUNDED_TO)
    why = fields.String(attribute="clients_why", allow_none=True, metadata=_WHY)


class FiguresSchema(ResponseSchema):
    """Without `alliance` and `outcome` for who runs the clinic and treats nobody in it."""

    from_ = fields.Date(attribute="period.first_day", data_key="from")
    to = fields.Date(attribute="period.last_day")
    counted_to = fields.Date()
    is_over = fields.Boolean()
    clients = fields.Function(lambda found: ClientsSchema().dump(found))
    completion = fields.List(fields.Nested(CompletionSchema))
    alliance = fields.Nested(AllianceSchema, allow_none=True)
    outcome = fields.Nested(OutcomeFiguresSchema, allow_none=True)
    rules = fields.Constant(
        {
            "least_in_a_cell": LEAST_IN_A_CELL,
            "least_of_a_share": LEAST_OF_A_SHARE,
            "least_therapists": LEAST_THERAPISTS,
            "least_of_an_effect_size": LEAST_CASES,
            "mature_checkins": MATURE_CHECKINS,
        }
    )
