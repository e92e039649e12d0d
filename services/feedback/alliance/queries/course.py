"""The course of one client, session by session, as its readings say it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.alliance.domain.chart import Limits
from services.feedback.alliance.domain.courses import Course, KeptEpisode
from services.feedback.alliance.domain.rules import ReaderRules, is_placeholder, rules_for
from services.feedback.alliance.domain.sentences import Sentence, say
from services.feedback.alliance.queries.points import describe, limits_of
from services.feedback.alliance.queries.replay import replay
from services.feedback.alliance.store import courses, episodes, readings
from services.feedback.alliance.store import rules as switches
from services.feedback.alliance.store import sessions as hours
from services.feedback.collection.domain.sharing import signals_for
from services.feedback.domain.refusals import ClientUnknown
from services.feedback.measures.domain import Measure, Side
from services.feedback.measures.store import definitions
from services.feedback.wishes.queries import WishView, wishes_of
from services.feedback.worklists.queries.caseload import NO_CODE, treats
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
        "absences": hours.absences(tx, scope, client_id, standing["practitioner_id"]),
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
    restarts = _restarts(tx, scope, course_id, client_id, standing["practitioner_id"], points)
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


def _restarts(
    tx: Tx, scope: Scope, course_id: UUID, client_id: UUID, practitioner_id: UUID, points: list[Row]
) -> list[tuple[int, str]]:
    """The usual range begins anew with these sessions, and why."""
    found = {}
    for decision in courses.decided(tx, scope, course_id, client_id, practitioner_id):
        first = next((p["session_number"] for p in points if p["starts_at"] > decision.at), None)
        if first is not None and first > 1:
            found[first] = decision.reason
    return sorted(found.items())
