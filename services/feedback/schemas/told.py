"""Answers over HTTP. Sentences go out as a template and its parameters; the words are the reader's own."""

from typing import Any

from marshmallow import Schema, fields, post_dump

from services.feedback.alliance.domain.courses import KeptEpisode
from services.feedback.alliance.schemas.courses import (
    LimitsSchema,
    QualitySchema,
    SentenceSchema,
    SplitSchema,
    in_short,
)
from shared.database import Row
from shared.fields import LocalDay, counted_day


def _days(episode: KeptEpisode) -> int | None:
    return None if episode.closed_at is None else (counted_day(episode.closed_at) - counted_day(episode.opened_at)).days


class Number(fields.Float):
    """A number as it is written: 10 and not 10.0 where it is whole."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        number = super()._serialize(value, attr, obj, **kwargs)
        return int(number) if isinstance(number, float) and number.is_integer() else number


class OptionSchema(Schema):
    code = fields.String()
    text = fields.String()


class ShownWhenSchema(Schema):
    """No codes in `any_of`: after any answer."""

    item = fields.String()
    any_of = fields.List(fields.String())


class ShownWhenAnySchema(Schema):
    items = fields.List(fields.String())
    at_least = fields.Integer()


class ItemSchema(Schema):
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


class ClosingSchema(Schema):
    text = fields.String(attribute="closing")
    by_sharing = fields.Dict(keys=fields.String(), values=fields.String(), attribute="closing_by_sharing")


class FormSchema(Schema):
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


class CrisisSchema(Schema):
    """What every form shows: `crisis` as paragraphs, the first a heading; `after_risk` after a risk answer, alike."""

    crisis = fields.Function(lambda information: information.block())
    after_risk = fields.Function(lambda information: information.after_risk())
    checked_on = fields.Date()


class CrisisInformationSchema(Schema):
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


class PositionSchema(Schema):
    """Which form of how many this is, from 1."""

    number = fields.Integer()
    of = fields.Integer()


class CurrentFormSchema(Schema):
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


class ExchangeSchema(Schema):
    handle = fields.String()
    expires_at = fields.AwareDateTime()
    state = fields.String()


class LinkSchema(Schema):
    token = fields.String()
    path = fields.String()
    expires_at = fields.AwareDateTime()


class OfferSchema(Schema):
    """That a form is out, for whom and until when."""

    id = fields.UUID()
    side = fields.String()
    client_id = fields.UUID()
    spoken_code = fields.String()
    practitioner_id = fields.UUID()
    appointment_id = fields.UUID()
    session_date = LocalDay(attribute="session_starts_at")
    session_starts_at = fields.AwareDateTime()
    measure_id = fields.String()
    measure_version = fields.Integer()
    moment = fields.String()
    way = fields.String()
    offered_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    state = fields.String()
    missing_reason = fields.String(allow_none=True)
    reminder = fields.String(allow_none=True)


class OfferStateSchema(Schema):
    id = fields.UUID()
    state = fields.String()


class ReceivedSchema(Schema):
    id = fields.UUID(attribute="offer.id")
    state = fields.String(attribute="offer.state")
    recorded_at = fields.AwareDateTime()
    blind = fields.Boolean()
    risk_answered = fields.Boolean()


class ReasonSchema(Schema):
    code = fields.String()
    template = fields.String(attribute="sentence.template")
    params = fields.Dict(attribute="sentence.params")


class CaseSchema(Schema):
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


class ReachPartSchema(Schema):
    """One part of the sum."""

    code = fields.String(attribute="part")
    points = fields.Integer()
    template = fields.String(attribute="sentence.template")
    params = fields.Dict(attribute="sentence.params")


class ReachNoteSchema(Schema):
    id = fields.UUID()
    kind = fields.String()
    on = fields.Date(attribute="reached_on", allow_none=True)
    reason = fields.String(allow_none=True)
    noted_at = fields.AwareDateTime()
    noted_by = fields.UUID(allow_none=True)


class ReachSchema(Schema):
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


class EpisodeSchema(Schema):
    """`days` counts from its opening session to the session that closed it. No id: of a replay, kept nowhere."""

    id = fields.Function(lambda episode: str(episode.id) if episode.version else None)
    version = fields.Integer()
    state = fields.String()
    opened_session = fields.Integer()
    closed_session = fields.Integer(allow_none=True)
    opened_at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime(allow_none=True)
    close_reason = fields.String(allow_none=True)
    late = fields.Boolean()
    opened_by = fields.List(fields.String())
    lead_in_session = fields.Integer(allow_none=True)
    m_pre = fields.Float(allow_none=True)
    lowest = fields.Float(allow_none=True)
    verdict = fields.String(allow_none=True)
    conversation_held_on = fields.Date(allow_none=True)
    not_yet = fields.String(allow_none=True)
    tried = fields.List(fields.String())
    owner_id = fields.UUID(attribute="followed_by")
    closed_by = fields.String(
        allow_none=True, metadata={"description": "answers, correction, ending or person; null while it is open"}
    )
    closed_by_id = fields.UUID(allow_none=True)
    undo_until = fields.AwareDateTime(
        allow_none=True, metadata={"description": "Until when the last note can be taken back; null without one"}
    )
    sessions = fields.Integer(attribute="checkins")
    days = fields.Function(_days)


class ListedEpisodeSchema(Schema):
    """An episode in a list across clients."""

    client_id = fields.UUID(attribute="episode.client_id")
    spoken_code = fields.String()
    practitioner_id = fields.UUID(attribute="episode.practitioner_id")
    episode = fields.Nested(EpisodeSchema)


class PointSchema(Schema):
    """One session; a total is null where there is none, and then `missing_reason` says why."""

    session_number = fields.Integer()
    appointment_id = fields.UUID()
    date = LocalDay(attribute="starts_at")
    starts_at = fields.AwareDateTime()
    state = fields.String()
    rules_version = fields.String()
    read_at = fields.AwareDateTime()

    @post_dump(pass_original=True)
    def with_reading(self, shown: dict[str, Any], point: Row, **_: Any) -> dict[str, Any]:
        """The kept reading, in the words of the API."""
        detail = point["detail"]
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
            "quality": QualitySchema().dump(point["quality"]),
            "split": SplitSchema().dump(point["split"]) if point["split"] else None,
            "said_so": {"client": detail["said"], "therapist": detail["therapist_said"]},
            "signals": [signal | {"quality": in_short(point["quality"])} for signal in detail["signals"]],
            "sentence": detail["sentence"],
        }


class AbsenceSchema(Schema):
    date = LocalDay(attribute="starts_at")
    kind = fields.String()


class WishSchema(Schema):
    id = fields.UUID()
    text = fields.String(allow_none=True)
    state = fields.String()
    word = fields.String(
        metadata={"description": "The client's last word on it: open, not_yet, better, done or replaced"}
    )
    from_session = fields.Integer(allow_none=True)
    asked_again = fields.Integer()
    closed_at = fields.AwareDateTime(allow_none=True)


class CourseMeasureSchema(Schema):
    id = fields.String()
    version = fields.Integer()
    name_code = fields.String()
    min = fields.Float(attribute="scoring.minimum")
    max = fields.Float(attribute="scoring.maximum")
    validated = fields.Boolean()
    cut = fields.Float(allow_none=True)
    label = fields.String()


class CourseSchema(Schema):
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
