"""Risk answers as they are asked and told: codes and numbers, for the client's therapist and clinical leads."""

from marshmallow import Schema, fields, validate

from services.feedback.risk.domain.crisis import PLACEHOLDERS
from services.feedback.risk.domain.risk_answers import OUTCOMES, RiskState
from shared.fields import ResponseSchema


class RiskQuery(Schema):
    state = fields.String(load_default=None, validate=validate.OneOf([str(state) for state in RiskState]))
    client_id = fields.UUID(load_default=None)


class AcknowledgementSchema(Schema):
    outcome = fields.String(required=True, validate=validate.OneOf(sorted(OUTCOMES)))


class RaisedItemSchema(ResponseSchema):
    item = fields.String()
    answer = fields.Raw(metadata={"description": "The answer as a number or a code"})


class RiskAnswerSchema(ResponseSchema):
    """`template` is the sentence that says it; `unanswered` are risk questions left open, which is not a "no"."""

    id = fields.UUID()
    version = fields.Integer()
    checkin_id = fields.UUID(attribute="offer_id")
    client_id = fields.UUID()
    spoken_code = fields.String()
    practitioner_id = fields.UUID()
    session_starts_at = fields.AwareDateTime()
    measure_id = fields.String()
    measure_version = fields.Integer()
    raised = fields.List(fields.Nested(RaisedItemSchema), attribute="items")
    unanswered = fields.List(fields.String())
    template = fields.String()
    state = fields.String()
    raised_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime(allow_none=True)
    about_oneself = fields.Boolean(metadata={"description": "The items ask about thoughts of hurting oneself alone"})
    saw_help = fields.Boolean(metadata={"description": "The form itself showed the client the clinic's help page"})
    entry_withdrawn = fields.Boolean(
        metadata={"description": "Staff took the entry it stands in away as a mistake; a person still has to close it"}
    )
    acknowledged_at = fields.AwareDateTime(allow_none=True)
    acknowledged_by = fields.UUID(allow_none=True)
    acknowledged_role = fields.String(allow_none=True)
    outcome = fields.String(allow_none=True)


class RiskStateSchema(ResponseSchema):
    id = fields.UUID()
    version = fields.Integer()
    state = fields.String()
    outcome = fields.String(allow_none=True)


class CrisisSchema(ResponseSchema):
    """What every form shows: `crisis` as paragraphs, the first a heading; `after_risk` after a risk answer, alike."""

    crisis = fields.Function(lambda information: information.block())
    after_risk = fields.Function(lambda information: information.after_risk())
    checked_on = fields.Date()


class CrisisInformationSchema(ResponseSchema):
    emergency_number = fields.String()
    emergency_place = fields.String()
    crisis_name = fields.String()
    crisis_number = fields.String()
    crisis_hours = fields.String()
    crisis_text = fields.String()
    clinic_hours = fields.String()
    clinic_phone = fields.String()
    reading_promise = fields.String()
    checked_on = fields.Date()
    review_on = fields.Date()
    block = fields.Function(lambda information: information.block())


_CRISIS_FIELDS = {name: fields.String(required=True, validate=validate.Length(max=300)) for name in PLACEHOLDERS}


CrisisEntrySchema = Schema.from_dict(
    {**_CRISIS_FIELDS, "checked_on": fields.Date(required=True), "review_on": fields.Date(required=True)},
    name="CrisisEntrySchema",
)
