"""Answers for the next session, for an ending, and of the courses before this one."""

from marshmallow import Schema, fields

from services.feedback.alliance.schemas.courses import (
    AbsenceSchema,
    CourseMeasureSchema,
    PointSchema,
)
from services.feedback.alliance.schemas.episodes import EpisodeSchema, one_of
from services.feedback.outcome.schemas import ChangeSchema
from services.feedback.wishes.schemas import WishSchema
from services.feedback.worklists.domain.reach_out import NOT_NOW_REASONS
from shared.fields import LocalDay, ResponseSchema


class SignalSchema(ResponseSchema):
    code = fields.String()
    template = fields.String()
    params = fields.Dict()
    next_step = fields.String()


class SaidSchema(ResponseSchema):
    """The client's own words on strain, as the codes of their answers."""

    session_number = fields.Integer()
    said = fields.String(allow_none=True)
    talked = fields.String(allow_none=True)


class OutcomeLineSchema(ResponseSchema):
    """How one outcome measure has moved since the start."""

    template = fields.String()
    params = fields.Dict()
    next_step = fields.String()


class OutcomeComparedSchema(ResponseSchema):
    """One outcome measure from its first to its latest total; `change` is null before there are two to compare."""

    measure_id = fields.String(attribute="measure.id")
    name = fields.String(attribute="measure.short_name")
    change = fields.Nested(ChangeSchema, attribute="reading.change", allow_none=True)
    sentence = fields.Nested(OutcomeLineSchema, attribute="reading.sentence")


class _OfACourse(ResponseSchema):
    client_id = fields.UUID(attribute="view.client_id")
    spoken_code = fields.String(attribute="view.spoken_code")
    practitioner_id = fields.UUID(attribute="view.practitioner_id")
    course_id = fields.UUID(attribute="view.course_id", allow_none=True)
    measure = fields.Nested(CourseMeasureSchema, attribute="view.measure")
    wish = fields.Nested(WishSchema, attribute="view.wish", allow_none=True)


class EarlierPointSchema(ResponseSchema):
    """A session in short: what the client's answers came to, and no answer itself."""

    session_number = fields.Integer()
    date = LocalDay(attribute="starts_at")
    state = fields.String()
    client_total = fields.Function(lambda point: point.detail["total"])
    usual = fields.Function(lambda point: _usual(point.detail["usual"]))
    missing_reason = fields.Function(lambda point: point.detail["missing"])


class RecentPointSchema(EarlierPointSchema):
    """One of the latest sessions, in short."""

    appointment_id = fields.UUID()


class PreparationSchema(_OfACourse):
    """
    Everything for the next session in one answer; the open wish is what the page begins with.

    `unseen` is empty for everybody but the treating therapist. `kept_back` says why nothing is
    seen of the last session. `recent` are the latest ten sessions.
    `outcome` has a sentence for each outcome measure they answer.
    """

    next_session = fields.Integer()
    previous_wish = fields.Nested(WishSchema, allow_none=True)
    reading = fields.Function(lambda shown: {"state": shown.view.state, **shown.view.sentence})
    said = fields.Nested(SaidSchema, allow_none=True)
    episode = fields.Nested(EpisodeSchema, allow_none=True)
    unseen = fields.List(fields.Nested(SignalSchema))
    signals = fields.List(fields.Nested(SignalSchema))
    last = fields.Nested(PointSchema, allow_none=True)
    recent = fields.List(fields.Nested(RecentPointSchema))
    restarts = fields.Function(
        lambda shown: [{"session_number": n, "reason": reason} for n, reason in shown.view.restarts]
    )
    kept_back = fields.String(allow_none=True)
    absences = fields.List(fields.Nested(AbsenceSchema))
    outcome = fields.List(fields.Nested(OutcomeLineSchema))
    tried_prompts = fields.List(fields.String())
    not_yet_prompts = fields.List(fields.String())


class EndingReviewSchema(_OfACourse):
    """The first and the last session with a total; null where there are none to compare."""

    sessions = fields.Integer()
    first = fields.Nested(PointSchema, allow_none=True)
    last = fields.Nested(PointSchema, allow_none=True)
    wishes_met = fields.Integer()
    repaired = fields.Integer()
    stayed_open = fields.Integer()
    open_episode = fields.Boolean()
    ended_at = fields.AwareDateTime(allow_none=True)
    outcome = fields.List(fields.Nested(OutcomeComparedSchema))


class EarlierEpisodeSchema(EpisodeSchema):
    """What became of an episode; what was said, noted and tried stays with the two it was between."""

    class Meta:
        exclude = (
            "version",
            "opened_by",
            "verdict",
            "conversation_held_on",
            "not_yet",
            "tried",
            "owner_id",
            "undo_until",
            "closed_by_id",
            "m_pre",
            "lowest",
        )


class EarlierCourseSchema(ResponseSchema):
    course_id = fields.UUID()
    practitioner_id = fields.UUID()
    measure = fields.Nested(CourseMeasureSchema)
    ended_at = fields.AwareDateTime(allow_none=True)
    points = fields.List(fields.Nested(EarlierPointSchema))
    episodes = fields.List(fields.Nested(EarlierEpisodeSchema))


def _usual(usual: list[float] | None) -> dict[str, float] | None:
    return {"low": usual[0], "high": usual[1]} if usual else None


class ReasonSchema(ResponseSchema):
    code = fields.String()
    template = fields.String(attribute="sentence.template")
    params = fields.Dict(attribute="sentence.params")


class CaseSchema(ResponseSchema):
    client_id = fields.UUID()
    spoken_code = fields.String()
    practitioner_id = fields.UUID()
    course_id = fields.UUID(allow_none=True)
    state = fields.String(allow_none=True)
    template = fields.String(attribute="sentence.template")
    params = fields.Dict(attribute="sentence.params")
    next_step = fields.String(attribute="sentence.next_step")
    needs_conversation = fields.Boolean()
    reasons = fields.List(fields.Nested(ReasonSchema))
    sessions = fields.Integer()
    last_recorded_at = fields.AwareDateTime(allow_none=True)
    episode_id = fields.UUID(allow_none=True)
    episode_version = fields.Integer(allow_none=True)
    conversation_held = fields.Boolean(allow_none=True)


class ReachPartSchema(ResponseSchema):
    """One part of the sum."""

    code = fields.String(attribute="part")
    points = fields.Integer()
    template = fields.String(attribute="sentence.template")
    params = fields.Dict(attribute="sentence.params")


class ReachNoteSchema(ResponseSchema):
    id = fields.UUID()
    kind = fields.String()
    on = fields.Date(attribute="reached_on", allow_none=True)
    reason = fields.String(allow_none=True)
    noted_at = fields.AwareDateTime()
    noted_by = fields.UUID(allow_none=True)


class ReachSchema(ResponseSchema):
    """
    Why a few warm words may do good. Points are ours and unvalidated, and no probability.

    `resting_until`: somebody reached out, or decided not to for now. `unread` names what could
    not be taken into account.
    """

    client_id = fields.UUID()
    spoken_code = fields.String()
    practitioner_id = fields.UUID()
    points = fields.Integer()
    parts = fields.List(fields.Nested(ReachPartSchema))
    resting_until = fields.Date(allow_none=True)
    note = fields.Nested(ReachNoteSchema, allow_none=True)
    unread = fields.List(fields.String())


class CaseloadQuery(Schema):
    practitioner_id = fields.UUID(load_default=None)


class ReachOutSchema(Schema):
    """`on` with reached_out, `reason` with not_now."""

    kind = fields.String(required=True, validate=one_of(("reached_out", "not_now")))
    on = fields.Date(load_default=None, allow_none=True)
    reason = fields.String(load_default=None, allow_none=True, validate=one_of(NOT_NOW_REASONS))
