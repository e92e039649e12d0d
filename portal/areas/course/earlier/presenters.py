"""Earlier courses in words and pictures: how it went with another therapist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.clients.feedback.course import Course, Episode, Point
from portal.clients.feedback.follow_up import EarlierCourse
from portal.clinic_time import local_day
from portal.kit.charts.course import course_chart
from portal.kit.charts.figure import Figure
from portal.kit.wording.follow_up import closed_words
from portal.kit.wording.states import Tag, course_tag
from portal.kit.wording.times import count, plain_day


@dataclass(frozen=True, slots=True)
class EarlierEpisodeLine:
    """What became of an episode then."""

    title: str
    tag: Tag
    facts: str


@dataclass(frozen=True, slots=True)
class EarlierPanel:
    """One course."""

    title: str
    facts: str
    figure: Figure
    episodes: tuple[EarlierEpisodeLine, ...]


def present_earlier(
    courses: Sequence[EarlierCourse], client_id: UUID, code: str, staff: Mapping[UUID, str], zone: ZoneInfo
) -> list[EarlierPanel]:
    """Every earlier course, the latest first."""
    return [
        EarlierPanel(
            title=f"With {staff.get(course.practitioner_id, 'a former colleague')}",
            facts=_facts(course, zone),
            figure=course_chart(_as_course(course, client_id, code), therapist=False),
            episodes=tuple(map(_episode, course.episodes)),
        )
        for course in reversed(courses)
    ]


def _facts(course: EarlierCourse, zone: ZoneInfo) -> str:
    ended = f", until {plain_day(local_day(course.ended_at, zone))}" if course.ended_at else ""
    return count(len(course.points), "session") + ended


def _episode(episode: Episode) -> EarlierEpisodeLine:
    lengths = ((episode.sessions, "session"), (episode.days, "day"))
    facts = [
        " and ".join(count(number, noun) for number, noun in lengths if number),
        closed_words(episode.closed_by, episode.close_reason).rstrip("."),
    ]
    return EarlierEpisodeLine(
        f"Session {episode.opened_session}", course_tag(episode.state), ". ".join(fact for fact in facts if fact)
    )


def _as_course(course: EarlierCourse, client_id: UUID, code: str) -> Course:
    """As the picture takes it; no answers, no impressions and no signals are known here."""
    points = tuple(
        Point(
            session_number=point.session_number,
            appointment_id=course.course_id,
            date=point.date,
            state=point.state,
            client_total=point.client_total,
            missing_reason=point.missing_reason,
            usual=point.usual,
        )
        for point in course.points
    )
    return Course(
        client_id=client_id,
        spoken_code=code,
        practitioner_id=course.practitioner_id,
        course_id=course.course_id,
        measure=course.measure,
        rules_version="as then",
        points=points,
        episodes=course.episodes,
    )
