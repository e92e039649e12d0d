"""The course of the relationship in words; the picture is drawn by portal.kit.charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.clients.feedback.course import Course, Point
from portal.clinic_time import local_day
from portal.kit.charts.course import course_chart
from portal.kit.charts.figure import Figure
from portal.kit.components.episode import EpisodeLine, present_episode, present_owner
from portal.kit.components.signal import BETWEEN_THE_TWO, SignalLine
from portal.kit.components.wish import WishLine, present_wishes
from portal.kit.wording.follow_up import handover
from portal.kit.wording.numbers import number
from portal.kit.wording.sentences import next_step, sentence
from portal.kit.wording.states import Tag, course_tag
from portal.kit.wording.times import plain_day


@dataclass(frozen=True, slots=True)
class CoursePanel:
    """Everything the page says about the course."""

    tag: Tag
    sentence: str
    next_step: str
    signals: tuple[SignalLine, ...]
    wish: str
    wish_from: str
    wishes: tuple[WishLine, ...]
    handover: str
    earlier: int
    episodes: tuple[EpisodeLine, ...]
    figure: Figure
    has_points: bool
    about: tuple[str, ...]


def present_course(
    course: Course, *, is_own: bool, staff: Mapping[UUID, str], lead: UUID | None, now: datetime, zone: ZoneInfo
) -> CoursePanel:
    """
    The reading, its signals, the wish, the episodes and the picture.

    `is_own`: the viewer is the therapist of this course. What compares both views is for
    the therapist first, so others get neither these signals nor the mirror form's line.
    `lead`: the viewer, if they are a clinical lead.
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
        wishes=present_wishes(course.wishes),
        handover=handover(plain_day(local_day(course.allocated_at, zone)))
        if course.earlier_courses and course.allocated_at
        else "",
        earlier=course.earlier_courses,
        episodes=tuple(
            present_episode(e, present_owner(e, course.practitioner_id, staff=staff, lead=lead), now, zone)
            for e in reversed(course.episodes)
        ),
        figure=course_chart(course, therapist=is_own),
        has_points=bool(course.points),
        about=about_the_data(course),
    )


def about_the_data(course: Course) -> tuple[str, ...]:
    """What there is to know of the data behind the readings; the chart's limits as a second view."""
    lines = [
        f"Session {point.session_number}: {sentence(note.template, note.params)}"
        for point in course.points
        for note in point.quality.notes
    ]
    lines += [sentence(note.template, note.params) for note in course.notes]
    limits, measure = course.limits, course.measure
    if limits is not None:
        low, high = max(measure.min, limits.lower), min(measure.max, limits.upper)
        lines.append(
            f"Individuals chart of {limits.n} check-ins: mean {number(limits.center)}, limits {number(low)} to "
            f"{number(high)}. A second view; it changes no reading."
        )
    return tuple(lines)


def owners_of(course: Course) -> set[UUID | None]:
    """Whose names the page needs: the therapist and whoever follows an episode through."""
    return {course.practitioner_id, *(episode.owner_id for episode in course.episodes)}


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
