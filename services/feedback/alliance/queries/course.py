"""The course of one client, session by session, as its readings say it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from services.feedback.alliance.domain.chart import Limits, limits
from services.feedback.alliance.domain.courses import Course, series_of
from services.feedback.alliance.domain.details import detail_of, plain_sentence
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
from shared.database import Row, Tx
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
    points: list[Row] = field(default_factory=list)
    episodes: list[KeptEpisode] = field(default_factory=list)
    absences: list[Row] = field(default_factory=list)
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
    measure = definitions.form_for(Side.CLIENT)
    if standing["measure_id"] is not None:
        measure = definitions.measure(standing["measure_id"], standing["measure_version"])
    sentence = standing["sentence"] or _NOT_STARTED
    view = {
        "client_id": client_id,
        "spoken_code": standing["spoken_code"] or NO_CODE,
        "practitioner_id": standing["practitioner_id"],
        "measure": measure,
        "rules": rules_for(measure, by or standing["rules_version"] or switches.in_force(tx, scope).version),
        "state": "not_started" if sentence["template"] == "not_started" else standing["state"],
        "sentence": sentence,
        "absences": sessions.absences(tx, scope, client_id, standing["practitioner_id"]),
        "allocated_at": standing["allocated_at"],
        "ended_at": standing["ended_at"],
        "earlier_courses": len(courses.earlier_courses(tx, scope, client_id, standing["practitioner_id"])),
    }
    if standing["course_id"] is None:
        return CourseView(course_id=None, too_early=True, **view)
    course_id = standing["course_id"]
    if by is None:
        points, told = readings.points(tx, scope, course_id), episodes.episodes_of(tx, scope, course_id)
        too_early = standing["too_early"]
    else:
        replayed = replay(tx, _course(standing), view["rules"], scope=scope, now=now)
        points, told, too_early = replayed.points, replayed.episodes, replayed.too_early
        view |= {"state": replayed.state, "sentence": replayed.sentence, "replayed": True}
    theirs = treats(scope, standing["practitioner_id"])
    for point in points:
        point["detail"]["signals"] = signals_for(point["detail"]["signals"], is_their_therapist=theirs)
    restarts = _restarts(tx, scope, _course(standing), points)
    describe(points, dict(restarts), is_their_therapist=theirs, zone=tx.zone)
    numbers = {point["appointment_id"]: point["session_number"] for point in points}
    return CourseView(
        course_id=course_id,
        too_early=too_early,
        points=points,
        episodes=told,
        restarts=restarts,
        limits=limits_of(points, restarts),
        notes=[say("placeholder_sigma")] if is_placeholder(view["rules"]) else [],
        wishes=wishes_of(tx, course_id, standing["practitioner_id"], numbers, scope=scope),
        **view,
    )


def _course(standing: Row) -> Course:
    return Course(
        id=standing["course_id"],
        client_id=standing["client_id"],
        practitioner_id=standing["practitioner_id"],
        measure_id=standing["measure_id"],
        measure_version=standing["measure_version"],
        rules_version=standing["rules_version"],
        version=0,
    )


def _restarts(tx: Tx, scope: Scope, course: Course, points: list[Row]) -> list[tuple[int, str]]:
    """The usual range begins anew with these sessions, and why."""
    found = {}
    for decision in courses.decided(tx, scope, course):
        first = next((p["session_number"] for p in points if p["starts_at"] > decision.at), None)
        if first is not None and first > 1:
            found[first] = decision.reason
    return sorted(found.items())


def describe(points: Sequence[Row], restarts: Mapping[int, str], *, is_their_therapist: bool, zone: tzinfo) -> None:
    """Give each point its `quality`, and the `split` of its total into this client's mean so far and the rest."""
    facts = [_fact(point, restarts.get(point["session_number"])) for point in points]
    told = qualities(facts, is_their_therapist=is_their_therapist, zone=zone)
    for point, quality in zip(points, told, strict=True):
        point["quality"], point["split"] = quality, None
    answered = [point for point in points if point["detail"]["total"] is not None]
    splits = within_and_between([point["detail"]["total"] for point in answered])
    for point, split in zip(answered, splits, strict=True):
        point["split"] = split


def limits_of(points: Sequence[Row], restarts: Sequence[tuple[int, str]]) -> Limits | None:
    """The individuals chart of the sessions since the usual range last began anew."""
    since = restarts[-1][0] if restarts else 1
    totals = [
        Point(point["session_number"], point["detail"]["total"])
        for point in points
        if point["session_number"] >= since and point["detail"]["total"] is not None
    ]
    return limits(totals)


def _fact(point: Row, restarted: str | None) -> Fact:
    detail = point["detail"]
    return Fact(
        starts_at=point["starts_at"],
        n=detail["n"],
        total=detail["total"],
        answered=detail["answered"],
        items=detail["items"],
        missing=Missing(detail["missing"]) if detail["missing"] else None,
        recorded_at=point["recorded_at"],
        corrected=point["corrected"],
        blind=detail["blind"],
        restarted=restarted,
    )


NOT_KEPT = UUID(int=0)  # an episode of a replay has no id of its own, and version 0


@dataclass(frozen=True, slots=True)
class Replay:
    """Points and episodes in the shape in which kept ones are read."""

    points: list[Row]
    episodes: list[KeptEpisode]
    state: str
    sentence: dict[str, Any]
    too_early: bool


def replay(tx: Tx, course: Course, rules: ReaderRules, *, scope: Scope, now: datetime) -> Replay:
    """Read what may be seen now by these rules."""
    held = sessions.held_sessions(tx, scope, course, now=now)
    series = series_of(held, courses.decided(tx, scope, course), tx.zone)
    result = read(series, rules)
    points: list[Row] = [
        {
            "appointment_id": hour.appointment_id,
            "session_number": reading.session,
            "state": str(reading.state),
            "detail": detail_of(reading, session, rules),
            "rules_version": rules.version,
            "read_at": now,
            "starts_at": hour.starts_at,
            "recorded_at": hour.recorded_at,
            "corrected": False,
        }
        for reading, session, hour in zip(result.readings, series.sessions, held, strict=True)
    ]
    told = [
        replace(as_read_now(as_opened(NOT_KEPT, course, e, held, noticed_at=now), e, held), version=0)
        for e in result.episodes
    ]
    return Replay(points, told, str(result.state), plain_sentence(result.sentence), result.too_early)
