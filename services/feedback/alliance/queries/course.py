"""The course of one client, session by session, as its readings say it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from services.feedback.alliance.domain.chart import Limits, limits
from services.feedback.alliance.domain.courses import Course, series_of
from services.feedback.alliance.domain.details import CoursePoint, detail_of, plain_sentence
from services.feedback.alliance.domain.kept_episodes import KeptEpisode, as_opened, as_read_now
from services.feedback.alliance.domain.quality import Fact, qualities
from services.feedback.alliance.domain.reader import read
from services.feedback.alliance.domain.rules import ReaderRules, is_placeholder, rules_for
from services.feedback.alliance.domain.sentences import Sentence, say
from services.feedback.alliance.domain.series import Missing, Point
from services.feedback.alliance.domain.signals import signals_for
from services.feedback.alliance.domain.spread import within_and_between
from services.feedback.alliance.store import courses, episodes, readings, sessions
from services.feedback.alliance.store import rules as switches
from services.feedback.care.domain.clients import NO_CODE, ClientUnknown
from services.feedback.care.store.visibility import note_opened, treats
from services.feedback.measures.domain import Measure, Side
from services.feedback.measures.store import definitions
from services.feedback.wishes.queries import WishView, wishes_of
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit

FIELDS = ("totals", "readings", "episodes", "absences", "wishes")
_NOT_STARTED = {"template": "not_started", "params": {}, "next_step": "none"}


@dataclass(frozen=True, slots=True)
class CourseView:
    """A course with everything a page about it needs. Totals are in points of the measure, higher is better."""

    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    course_id: UUID | None
    measure: Measure
    rules: ReaderRules
    state: str
    sentence: dict[str, Any]
    too_early: bool
    points: list[CoursePoint] = field(default_factory=list)
    episodes: list[KeptEpisode] = field(default_factory=list)
    absences: list[sessions.Absence] = field(default_factory=list)
    restarts: list[tuple[int, str]] = field(default_factory=list)
    wishes: list[WishView] = field(default_factory=list)
    replayed: bool = False
    limits: Limits | None = None
    notes: list[Sentence] = field(default_factory=list)
    allocated_at: datetime | None = None
    ended_at: datetime | None = None
    earlier_courses: int = 0

    @property
    def wish(self) -> WishView | None:
        """The open one: there is one at most."""
        return next((wish for wish in self.wishes if wish.state == "open"), None)


def course_of(tx: Tx, client_id: UUID, *, by: str | None = None, scope: Scope, now: datetime) -> CourseView:
    """
    The course of a client with their present therapist; without points before the first form.

    `by` replays it: what these rules would say of the same sessions, without writing anything.

    Raises:
        ClientUnknown: also for a colleague's client: that they are here is itself private.
        RulesUnknown.
    """
    standing = courses.standing_of(tx, scope, client_id)
    if standing is None:
        raise ClientUnknown("There is no such client.")
    audit.record(tx, scope, "course.read", about=[client_id], fields=FIELDS, now=now)
    note_opened(tx, scope, [client_id], now=now)
    course = standing.course
    measure = definitions.measure(course.measure_id, course.measure_version) if course else None
    measure = measure or definitions.form_for(Side.CLIENT)
    sentence = standing.sentence or _NOT_STARTED
    view = CourseView(
        client_id=client_id,
        spoken_code=standing.spoken_code or NO_CODE,
        practitioner_id=standing.practitioner_id,
        course_id=standing.course_id,
        measure=measure,
        rules=rules_for(measure, by or standing.rules_version or switches.in_force(tx, scope).version),
        state="not_started" if sentence["template"] == "not_started" else str(standing.state),
        sentence=sentence,
        too_early=standing.too_early is not False,
        absences=sessions.absences(tx, scope, client_id, standing.practitioner_id),
        allocated_at=standing.allocated_at,
        ended_at=standing.ended_at,
        earlier_courses=len(courses.earlier_courses(tx, scope, client_id, standing.practitioner_id)),
    )
    if course is None:
        return view
    if by is None:
        points = readings.points(tx, scope, course.id)
        view = replace(view, episodes=episodes.episodes_of(tx, scope, course.id))
    else:
        points, view = _replayed(tx, view, course, scope=scope, now=now)
    theirs = treats(scope, standing.practitioner_id)
    restarts = _restarts(tx, scope, course, points)
    points = _described(points, dict(restarts), is_their_therapist=theirs, zone=tx.zone)
    numbers = {point.appointment_id: point.session_number for point in points}
    return replace(
        view,
        points=points,
        restarts=restarts,
        limits=_limits_of(points, restarts),
        notes=[say("placeholder_sigma")] if is_placeholder(view.rules) else [],
        wishes=wishes_of(tx, course.id, standing.practitioner_id, numbers, scope=scope),
    )


def _restarts(tx: Tx, scope: Scope, course: Course, points: Sequence[CoursePoint]) -> list[tuple[int, str]]:
    """The usual range begins anew with these sessions, and why."""
    found = {}
    for decision in courses.decided(tx, scope, course):
        first = next((point.session_number for point in points if point.starts_at > decision.at), None)
        if first is not None and first > 1:
            found[first] = decision.reason
    return sorted(found.items())


def _described(
    points: Sequence[CoursePoint], restarts: Mapping[int, str], *, is_their_therapist: bool, zone: tzinfo
) -> list[CoursePoint]:
    """Each point with its `quality`, and its total split into this client's mean so far and the rest."""
    facts = [_fact(point, restarts.get(point.session_number)) for point in points]
    found = qualities(facts, is_their_therapist=is_their_therapist, zone=zone)
    splits = iter(within_and_between([fact.total for fact in facts if fact.total is not None]))
    return [
        replace(
            point,
            quality=quality,
            split=None if fact.total is None else next(splits),
            detail=point.detail
            | {"signals": signals_for(point.detail["signals"], is_their_therapist=is_their_therapist)},
        )
        for point, fact, quality in zip(points, facts, found, strict=True)
    ]


def _limits_of(points: Sequence[CoursePoint], restarts: Sequence[tuple[int, str]]) -> Limits | None:
    """The individuals chart of the sessions since the usual range last began anew."""
    since = restarts[-1][0] if restarts else 1
    totals = [
        Point(point.session_number, point.detail["total"])
        for point in points
        if point.session_number >= since and point.detail["total"] is not None
    ]
    return limits(totals)


def _fact(point: CoursePoint, restarted: str | None) -> Fact:
    detail = point.detail
    return Fact(
        starts_at=point.starts_at,
        n=detail["n"],
        total=detail["total"],
        answered=detail["answered"],
        items=detail["items"],
        missing=Missing(detail["missing"]) if detail["missing"] else None,
        recorded_at=point.recorded_at,
        corrected=point.corrected,
        blind=detail["blind"],
        restarted=restarted,
    )


NOT_KEPT = UUID(int=0)  # an episode of a replay has no id of its own, and version 0


def _replayed(
    tx: Tx, view: CourseView, course: Course, *, scope: Scope, now: datetime
) -> tuple[list[CoursePoint], CourseView]:
    """What may be seen now, read by the rules of the view; points and episodes as kept ones are read."""
    held = sessions.held_sessions(tx, scope, course, now=now)
    series = series_of(held, courses.decided(tx, scope, course), tx.zone)
    result = read(series, view.rules)
    points = [
        CoursePoint(
            appointment_id=place.appointment_id,
            session_number=reading.session,
            state=str(reading.state),
            detail=detail_of(reading, session, view.rules),
            rules_version=view.rules.version,
            read_at=now,
            starts_at=place.starts_at,
            recorded_at=place.recorded_at,
            corrected=False,
        )
        for reading, session, place in zip(result.readings, series.sessions, held, strict=True)
    ]
    return points, replace(
        view,
        episodes=[
            replace(as_read_now(as_opened(NOT_KEPT, course, e, held, noticed_at=now), e, held), version=0)
            for e in result.episodes
        ],
        state=str(result.state),
        sentence=plain_sentence(result.sentence),
        too_early=result.too_early,
        replayed=True,
    )
