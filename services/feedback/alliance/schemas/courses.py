"""How good the data behind a reading are, and second views for display, over HTTP."""

from typing import Any

from marshmallow import Schema, fields, post_dump, validate

from services.feedback.alliance.domain.courses import RESTART_REASONS
from services.feedback.alliance.domain.details import CoursePoint
from services.feedback.alliance.domain.quality import Quality
from services.feedback.alliance.schemas.episodes import EpisodeSchema
from services.feedback.alliance.schemas.rules import rules_version
from services.feedback.wishes.schemas import WishSchema
from shared.fields import LocalDay, ResponseSchema


class SentenceSchema(ResponseSchema):
    template = fields.String()
    params = fields.Dict()


class QualitySchema(ResponseSchema):
    """Sessions compared with, sessions so far without an answer, and what else there is to know of the data."""

    n = fields.Integer()
    gaps = fields.Integer()
    late_entry = fields.Boolean()
    notes = fields.List(fields.Nested(SentenceSchema))


class SplitSchema(ResponseSchema):
    """A total as this client's mean so far and the distance from it, in points."""

    between = fields.Float()
    within = fields.Float()


class LimitsSchema(ResponseSchema):
    """The individuals chart, from five sessions on; a second view that moves no state."""

    n = fields.Integer()
    center = fields.Float()
    lower = fields.Float()
    upper = fields.Float()
    moving_range_upper = fields.Float()


def in_short(quality: Quality) -> dict[str, Any]:
    """What every signal carries of it."""
    return {"n": quality.n, "gaps": quality.gaps, "late_entry": quality.late_entry}


class PointSchema(ResponseSchema):
    """One session; a total is null where there is none, and then `missing_reason` says why."""

    session_number = fields.Integer()
    appointment_id = fields.UUID()
    date = LocalDay(attribute="starts_at")
    starts_at = fields.AwareDateTime()
    state = fields.String()
    rules_version = fields.String()
    read_at = fields.AwareDateTime()

    @post_dump(pass_original=True)
    def with_reading(self, shown: dict[str, Any], point: CoursePoint, **_: Any) -> dict[str, Any]:
        """The kept reading, in the words of the API."""
        assert point.quality is not None  # it comes with the whole course, and so does this answer
        detail = point.detail
        usual = detail["usual"]
        return shown | {
            "client_total": detail["total"],
            "therapist_total": detail["therapist_total"],
            "blind": detail["blind"],
            "missing_reason": detail["missing"],
            "answered": detail["answered"],
            "items": detail["items"],
            "usual": {"low": usual[0], "high": usual[1]} if usual else None,
            "frozen": detail["frozen"],
            "n": detail["n"],
            "sigma0": detail["sigma0"],
            "quality": QualitySchema().dump(point.quality),
            "split": SplitSchema().dump(point.split) if point.split else None,
            "said_so": {"client": detail["said"], "therapist": detail["therapist_said"]},
            "signals": [signal | {"quality": in_short(point.quality)} for signal in detail["signals"]],
            "sentence": detail["sentence"],
        }


class AbsenceSchema(ResponseSchema):
    date = LocalDay(attribute="starts_at")
    kind = fields.String()


class CourseMeasureSchema(ResponseSchema):
    id = fields.String()
    version = fields.Integer()
    name_code = fields.String()
    min = fields.Float(attribute="scoring.minimum")
    max = fields.Float(attribute="scoring.maximum")
    validated = fields.Boolean()
    cut = fields.Float(allow_none=True)
    label = fields.String()


class CourseSchema(ResponseSchema):
    client_id = fields.UUID()
    spoken_code = fields.String()
    practitioner_id = fields.UUID()
    course_id = fields.UUID(allow_none=True)
    measure = fields.Nested(CourseMeasureSchema)
    rules_version = fields.String(attribute="rules.version")
    sigma0 = fields.Float(
        attribute="rules.sigma0",
        allow_none=True,
        metadata={
            "description": "Expected spread within one client in points; ours and unvalidated, until a clinic switches "
            "its own on. Null: nothing is compared with a usual range"
        },
    )
    replayed = fields.Boolean(metadata={"description": "Read by other rules than those in force; nothing was kept"})
    points = fields.List(fields.Nested(PointSchema))
    limits = fields.Nested(LimitsSchema, allow_none=True)
    notes = fields.List(fields.Nested(SentenceSchema))
    episodes = fields.List(fields.Nested(EpisodeSchema))
    absences = fields.List(fields.Nested(AbsenceSchema))
    restarts = fields.Function(lambda view: [{"session_number": n, "reason": reason} for n, reason in view.restarts])
    reading = fields.Function(
        lambda view: {"state": view.state, "too_early": view.too_early, **view.sentence},
    )
    wish = fields.Nested(WishSchema, allow_none=True)
    wishes = fields.List(fields.Nested(WishSchema))
    allocated_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When client and present therapist were brought together"}
    )
    earlier_courses = fields.Integer(metadata={"description": "How many there are with other therapists"})


class CourseQuery(Schema):
    rules = fields.String(
        load_default=None,
        validate=validate.And(validate.Length(max=40), rules_version),
        metadata={"description": "Replay by this version of the rules; nothing is kept"},
    )


class RestartSchema(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(sorted(RESTART_REASONS)))
