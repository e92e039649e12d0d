"""The course of the relationship in words; the picture is drawn by portal.charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.charts.course import course_chart
from portal.charts.figure import Figure
from portal.gateways.feedback import Course, Episode, Point
from portal.wording.sentences import VERDICTS, next_step, sentence
from portal.wording.states import Tag, course_tag
from portal.wording.times import count, plain_day, short_day

BETWEEN_THE_TWO = frozenset({"S7", "S7b"})


@dataclass(frozen=True, slots=True)
class SignalLine:
    """A further signal of the last session: a short line with its rule."""

    sentence: str
    next_step: str
    rule: str


@dataclass(frozen=True, slots=True)
class EpisodeLine:
    """A rupture and what became of it."""

    id: UUID
    version: int
    tag: Tag
    title: str
    facts: tuple[str, ...]
    talked: str
    may_note: bool
    may_close: bool


@dataclass(frozen=True, slots=True)
class CoursePanel:
    """Everything the page says about the course."""

    tag: Tag
    sentence: str
    next_step: str
    signals: tuple[SignalLine, ...]
    wish: str
    wish_from: str
    episodes: tuple[EpisodeLine, ...]
    figure: Figure
    has_points: bool


def present_course(course: Course, *, is_own: bool) -> CoursePanel:
    """
    The reading, its signals, the wish, the episodes and the picture.

    `is_own`: the viewer is the therapist of this course. What compares both views is for
    the therapist first, so others get neither these signals nor the mirror form's line.
    """
    reading = course.reading
    last = _last_read(course.points)
    main = sentence(reading.template, reading.params) if reading else "No check-ins yet."
    return CoursePanel(
        tag=course_tag(reading.state if reading else None),
        sentence=main,
        next_step=next_step(reading.next_step) if reading else "",
        signals=tuple(line for line in _signals(last, is_own=is_own) if line.sentence != main),
        wish=(course.wish.text or "") if course.wish else "",
        wish_from=f"after session {course.wish.from_session}"
        if course.wish and course.wish.from_session
        else "last time",
        episodes=tuple(_episode(e) for e in reversed(course.episodes)),
        figure=course_chart(course, therapist=is_own),
        has_points=bool(course.points),
    )


def answered_sessions(course: Course) -> list[UUID]:
    """The sessions whose answers by the client are on the page, for the access log."""
    return [p.appointment_id for p in course.points if p.client_total is not None or p.said_so.client]


def _last_read(points: Sequence[Point]) -> Point | None:
    """The latest session that says something: a form that is still awaited does not."""
    return next((p for p in reversed(points) if p.client_total is not None or p.said_so.client or p.signals), None)


def _signals(point: Point | None, *, is_own: bool) -> list[SignalLine]:
    if point is None:
        return []
    return [
        SignalLine(
            sentence(signal.template, signal.params),
            "",
            f"{signal.code}, session {point.session_number}",
        )
        for signal in point.signals
        if is_own or signal.code not in BETWEEN_THE_TWO
    ]


def _episode(episode: Episode) -> EpisodeLine:
    began = f"Began in session {episode.opened_session}, {short_day(episode.opened_at.date())}"
    closed = f"closed in session {episode.closed_session}" if episode.closed_session else "still open"
    verdict = VERDICTS.get(episode.verdict or "")
    length = " and ".join(
        count(number, noun) for number, noun in ((episode.sessions, "session"), (episode.days, "day")) if number
    )
    facts = [f"{began}, {closed}"]
    if length:
        facts.append(length)
    if verdict:
        facts.append(f"Their words: {verdict}")
    held = episode.conversation_held_on
    return EpisodeLine(
        id=episode.id,
        version=episode.version,
        tag=course_tag(episode.state),
        title=f"Session {episode.opened_session}",
        facts=tuple(facts),
        talked=_talked(held),
        may_note=held is None,
        may_close=episode.state == "unrepaired" and episode.closed_at is None,
    )


def _talked(held: date | None) -> str:
    return f"Talked about on {plain_day(held)}." if held else "Not yet marked as talked about."
