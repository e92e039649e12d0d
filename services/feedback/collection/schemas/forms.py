"""Forms as their writer sees them, and the links that open them."""

from marshmallow import Schema, ValidationError, fields, validate

from services.feedback.measures.schemas import FormSchema
from services.feedback.risk.schemas import CrisisSchema
from shared.fields import ResponseSchema, YesOrNo

_ITEMS_AT_MOST = 100


def _few_enough(answers: object) -> None:
    if isinstance(answers, dict) and len(answers) > _ITEMS_AT_MOST:
        raise ValidationError(f"At most {_ITEMS_AT_MOST} answers.")


def answers_field(*, required: bool = True) -> fields.Dict:
    """Item ids to answers; which values an item takes is the measure's rule, not the shape's."""
    return fields.Dict(
        keys=fields.String(validate=validate.Length(max=64)),
        values=fields.Raw(allow_none=True),
        required=required,
        validate=_few_enough,
        metadata={"description": "Item id to answer: a whole number, an option's code, text, or null for skipped"},
    )


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
    merge = YesOrNo(
        load_default=False,
        metadata={"description": "True: what this browser answered before stays, but for the questions named here"},
    )


class PositionSchema(ResponseSchema):
    """Which form of how many this is, from 1."""

    number = fields.Integer()
    of = fields.Integer()


class CurrentFormSchema(ResponseSchema):
    """
    The next form of a packet, with what this browser has begun.

    `risk_answered`: something that was sent in this browser asks for help, and the help page comes first.
    """

    state = fields.String()
    form = fields.Nested(FormSchema, attribute="measure", allow_none=True)
    answers = fields.Dict()
    expires_at = fields.AwareDateTime()
    sharing = fields.String(allow_none=True)
    clinic = fields.Nested(CrisisSchema, attribute="crisis", allow_none=True)
    position = fields.Nested(PositionSchema, allow_none=True)
    risk_answered = fields.Boolean()


class ExchangeSchema(ResponseSchema):
    handle = fields.String()
    expires_at = fields.AwareDateTime()
    state = fields.String()


class LinkSchema(ResponseSchema):
    token = fields.String()
    path = fields.String()
    expires_at = fields.AwareDateTime()


class ReceivedSchema(ResponseSchema):
    id = fields.UUID(attribute="offer.id")
    state = fields.String(attribute="offer.state")
    recorded_at = fields.AwareDateTime()
    blind = fields.Boolean()
    risk_answered = fields.Boolean()
