"""Rules over HTTP: in force, before, proposed, and what others would change."""

import unicodedata
from dataclasses import asdict

from marshmallow import Schema, ValidationError, fields, validate

from services.feedback.alliance.domain.rules import RulesUnknown, named
from shared.fields import ResponseSchema

_OURS = {"description": "Ours, and validated by nobody"}


class ParametersSchema(ResponseSchema):
    """One version with its parameters, as they are for the project's own form."""

    version = fields.String()
    sigma0 = fields.Float(metadata=_OURS)
    parameters = fields.Function(
        lambda rules: {k: v for k, v in asdict(rules).items() if k not in {"version", "sigma0", "items", "needed"}}
    )


class SwitchSchema(ResponseSchema):
    """A change of rules. `number` counts them and is the ETag of a further one; nobody: as the clinic began."""

    number = fields.Integer()
    version = fields.String()
    sigma0 = fields.Float()
    switched_on_at = fields.AwareDateTime(allow_none=True)
    switched_on_by = fields.UUID(allow_none=True)
    reason = fields.String()


class ProposalSchema(ResponseSchema):
    """A clinic's own spread; `version` only where there are enough sessions and it would change something."""

    sessions = fields.Integer()
    courses = fields.Integer()
    needed = fields.Integer()
    sigma0 = fields.Float(allow_none=True)
    version = fields.String(allow_none=True)


class RulesSchema(ResponseSchema):
    """`to_read` of `courses` are still to be read by the rules in force; a job is at it."""

    in_force = fields.Nested(SwitchSchema, attribute="current")
    newest = fields.String()
    versions = fields.List(fields.Nested(ParametersSchema))
    history = fields.List(fields.Nested(SwitchSchema))
    proposal = fields.Nested(ProposalSchema)
    courses = fields.Integer()
    to_read = fields.Integer()


class _Sides(ResponseSchema):
    state = fields.String()
    signals = fields.List(fields.String())


class SessionDifferenceSchema(ResponseSchema):
    session_number = fields.Integer()
    date = fields.String()
    now = fields.Nested(_Sides)
    then = fields.Nested(_Sides)


class EpisodeToldSchema(ResponseSchema):
    opened_session = fields.Integer(attribute="opened")
    closed_session = fields.Integer(attribute="closed", allow_none=True)
    state = fields.String()


class DifferenceSchema(ResponseSchema):
    """A client whose course would read differently: sessions by state and signals, and all episodes of both."""

    client_id = fields.UUID()
    spoken_code = fields.String()
    practitioner_id = fields.UUID()
    state_now = fields.String(attribute="difference.state_now")
    state_then = fields.String(attribute="difference.state_then")
    sessions = fields.Function(
        lambda one: [
            SessionDifferenceSchema().dump(
                {
                    "session_number": s.session,
                    "date": one.dates[s.session],
                    "now": {"state": s.state_now, "signals": s.signals_now},
                    "then": {"state": s.state_then, "signals": s.signals_then},
                }
            )
            for s in one.difference.sessions
        ]
    )
    episodes_now = fields.List(fields.Nested(EpisodeToldSchema), attribute="difference.episodes_now")
    episodes_then = fields.List(fields.Nested(EpisodeToldSchema), attribute="difference.episodes_then")


def rules_version(version: str) -> None:
    try:
        named(version)
    except RulesUnknown as unknown:
        raise ValidationError(str(unknown)) from unknown


def _in_words(reason: str) -> None:
    if not reason.strip() or any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in reason):
        raise ValidationError("Must be a few words on one line.")


class RulesSwitchSchema(Schema):
    version = fields.String(required=True, validate=validate.And(validate.Length(max=40), rules_version))
    reason = fields.String(
        required=True,
        validate=validate.And(validate.Length(min=1, max=300), _in_words),
        metadata={"description": "Why, for whoever asks later; no names"},
    )
