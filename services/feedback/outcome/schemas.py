"""Answers about outcome over HTTP; sentences go out as a template and its parameters."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import Schema, fields

from services.feedback.alliance.domain.details import plain_sentence
from services.feedback.measures.domain import Measure
from services.feedback.outcome.domain.expected import Curve
from services.feedback.outcome.domain.history import OutcomePoint
from services.feedback.outcome.domain.measured import MeasureOutcome, PairOutcome
from shared.fields import ResponseSchema, counted_day


class SentenceSchema(Schema):
    template = fields.String()
    params = fields.Dict()
    next_step = fields.String()


class CutOffSchema(ResponseSchema):
    """In points; a total there is on the clinical side only where lower is better. `mark`: how well it is known."""

    code = fields.String()
    points = fields.Float()
    source = fields.String()
    mark = fields.String()


class ReliableLimitSchema(ResponseSchema):
    points = fields.Float()
    confidence = fields.Integer(allow_none=True)
    source = fields.String()
    mark = fields.String()


class VariantSchema(ResponseSchema):
    """`index` is null where the numbers it needs are not published for the measure."""

    method = fields.String()
    index = fields.Float(allow_none=True)
    limit = fields.Float()
    reliable = fields.Boolean(allow_none=True)


class CheckpointSchema(ResponseSchema):
    session = fields.Integer()
    session_number = fields.Integer(attribute="number")


class ScoredSchema(ResponseSchema):
    session_number = fields.Integer(attribute="number")
    total = fields.Float()


class CurveSchema(ResponseSchema):
    """Nine in ten of `n` finished cases that began from `low` up to, not including, `high` were no worse than this."""

    n = fields.Integer()
    low = fields.Float(attribute="band.low", allow_none=True)
    high = fields.Float(attribute="band.high", allow_none=True)
    boundary = fields.List(fields.Nested(ScoredSchema))


class ChangeSchema(ResponseSchema):
    """`gain` is positive where things went better; the flags are detail, no further categories."""

    first = fields.Float()
    last = fields.Float()
    gain = fields.Float()
    harmed = fields.Boolean()
    non_reliably_recovered = fields.Boolean()


class CorrectionSchema(ResponseSchema):
    """What stood there before."""

    version = fields.Integer()
    total = fields.Float(allow_none=True)
    answers = fields.Dict()
    reason = fields.String()
    superseded_at = fields.AwareDateTime()


class OutcomePointSchema(ResponseSchema):
    """
    One session; a total is null where there is none, and then `missing_reason` says why: null too where the measure
    has no total and answers came back.

    `subscales`: their totals by id, null where one could not be made.

    `items`: how many had to be answered for it to stand on all of them; 0 where nobody knows. Nothing is filled in.
    """

    session_number = fields.Integer()
    appointment_id = fields.UUID()
    date = fields.Date()
    practitioner_id = fields.UUID()
    measure_version = fields.Integer(allow_none=True)
    total = fields.Float(allow_none=True)
    subscales = fields.Dict(keys=fields.String(), values=fields.Float(allow_none=True))
    missing_reason = fields.String(allow_none=True)
    answered = fields.Integer()
    items = fields.Integer()
    prorated = fields.Boolean()
    typed = fields.Boolean()
    answers = fields.Dict()
    corrections = fields.List(fields.Nested(CorrectionSchema))


class OutcomeOptionSchema(ResponseSchema):
    code = fields.String()
    text = fields.String()


class OutcomeItemSchema(ResponseSchema):
    """A scored item; `text` is empty where the words are not in this program."""

    id = fields.String()
    part = fields.String()
    text = fields.String()
    options = fields.List(fields.Nested(OutcomeOptionSchema))


class OutcomeSubscaleSchema(ResponseSchema):
    id = fields.String()
    min = fields.Float(attribute="minimum")
    max = fields.Float(attribute="maximum")


class OutcomeMeasureSchema(ResponseSchema):
    """`min` and `max` are the ends of a total; null for a measure of subscales alone, which has none."""

    id = fields.String()
    version = fields.Integer()
    name_code = fields.String()
    name = fields.String()
    short_name = fields.String()
    min = fields.Float(attribute="scoring.lowest", allow_none=True)
    max = fields.Float(attribute="scoring.highest", allow_none=True)
    subscales = fields.List(fields.Nested(OutcomeSubscaleSchema))
    better = fields.String(attribute="evidence.better")
    validated = fields.Boolean()
    label = fields.String()
    attribution = fields.String(attribute="licence.attribution_line", allow_none=True)
    items = fields.Function(lambda measure: OutcomeItemSchema(many=True).dump(_scored_items(measure)))


class MeasureOutcomeSchema(ResponseSchema):
    measure = fields.Nested(OutcomeMeasureSchema)
    status = fields.String(attribute="reading.status")
    sentence = fields.Function(lambda found: plain_sentence(found.reading.sentence))
    further = fields.Function(lambda found: [plain_sentence(line) for line in found.further])
    change = fields.Nested(ChangeSchema, attribute="reading.change", allow_none=True)
    checkpoints = fields.List(fields.Nested(CheckpointSchema), attribute="reading.checkpoints")
    reliable_change = fields.Nested(ReliableLimitSchema, allow_none=True)
    cut_off = fields.Nested(CutOffSchema, allow_none=True)
    variants = fields.List(fields.Nested(VariantSchema))
    points = fields.Function(lambda found: [_plain_point(point, found) for point in found.points])
    curve = fields.Function(lambda found: CurveSchema().dump(found.curve) if isinstance(found.curve, Curve) else None)
    curve_sentence = fields.Function(
        lambda found: plain_sentence(found.curve_sentence) if found.curve_sentence else None
    )


class OutcomeSchema(ResponseSchema):
    """`since` is the day of the treatment's first session, whoever the therapist was then."""

    client_id = fields.UUID()
    spoken_code = fields.String()
    practitioner_id = fields.UUID()
    since = fields.Date(allow_none=True)
    sessions = fields.Integer()
    measures = fields.List(fields.Nested(MeasureOutcomeSchema))
    nhs = fields.Function(lambda view: _plain_pair(view.pair))


def _scored_items(measure: Measure) -> list[Any]:
    scored = {*measure.scoring.items, *(item for part in measure.subscales for item in part.items)}
    return [item for item in measure.items if item.id in scored]


def _plain_point(point: OutcomePoint, found: MeasureOutcome) -> dict[str, Any]:
    form = point.form
    scored = {item.id for item in _scored_items(found.measure)}
    shown = form is not None and point.missing is None
    counted = point.scored_by(found.measure)
    plain = {
        "session_number": point.number,
        "appointment_id": point.hour.appointment_id,
        "date": counted_day(point.hour.starts_at),
        "practitioner_id": point.hour.practitioner_id,
        "measure_version": form.measure_version if form else None,
        "total": point.total,
        "subscales": form.subscales if form and shown else {},
        "missing_reason": point.missing or ("not_scored" if _is_unscored(point, found.measure) else None),
        "answered": form.answered if form else 0,
        "items": counted.items if counted else 0,
        "prorated": counted.prorated if counted else False,
        "typed": point.is_typed,
        "answers": _only(scored, form.answers) if form and shown else {},
        "corrections": [replace(one, answers=_only(scored, one.answers)) for one in form.corrections]
        if form and shown
        else [],
    }
    dumped: dict[str, Any] = OutcomePointSchema().dump(plain)
    return dumped


def _is_unscored(point: OutcomePoint, measure: Measure) -> bool:
    return measure.scoring.has_total and point.total is None


def _only(items: set[str], answers: Mapping[str, Any]) -> dict[str, Any]:
    return {item: answer for item, answer in answers.items() if item in items}


def _plain_pair(pair: PairOutcome | None) -> dict[str, Any] | None:
    if pair is None:
        return None
    outcome = pair.outcome
    return {
        "measures": list(pair.measures),
        "caseness": outcome.caseness,
        "recovery": outcome.recovery,
        "change": str(outcome.change),
        "reliable_recovery": outcome.reliable_recovery,
        "sentence": plain_sentence(pair.sentence) if pair.sentence else None,
    }
