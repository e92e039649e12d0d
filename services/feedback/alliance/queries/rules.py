"""The rules readings are made by, what a clinic could go by instead, and what that would change."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.alliance.domain.courses import Course, series_of
from services.feedback.alliance.domain.differences import Difference, difference
from services.feedback.alliance.domain.reader import read
from services.feedback.alliance.domain.rules import LEARNT_FOR, NEWEST, RULES, ReaderRules, named, rules_for
from services.feedback.alliance.domain.signals import FOR_THE_THERAPIST
from services.feedback.alliance.domain.spread import Proposal, pooled, proposal
from services.feedback.alliance.store import courses, rules, sessions
from services.feedback.alliance.store.rules import Switch
from services.feedback.care.domain.clients import NO_CODE
from services.feedback.care.domain.days import local_day
from services.feedback.measures.store import definitions
from shared.database import Tx
from shared.scope import Scope, system_scope
from shared.security import audit

_CLINIC = system_scope("say what the clinic reads by")  # figures of the whole clinic, of nobody in particular
LOOKED_AT = 50  # courses compared in one answer, at most


@dataclass(frozen=True, slots=True)
class RulesView:
    """What is in force, what there is, what was, and how far the last change has come."""

    current: Switch
    versions: list[ReaderRules]
    newest: str
    history: list[Switch]
    proposal: Proposal
    courses: int
    to_read: int


@dataclass(frozen=True, slots=True)
class CourseDifference:
    """A client whose course would read differently; `dates` are those of the sessions, by number."""

    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    difference: Difference
    dates: dict[int, str]


def rules_now(tx: Tx, *, scope: Scope) -> RulesView:
    """Everything about the rules; figures of the whole clinic, nobody's own."""
    current = rules.in_force(tx, scope)
    far = rules.progress(tx, _CLINIC, current.version)
    mine = [*RULES.values()] + ([named(current.version)] if current.version not in RULES else [])
    return RulesView(
        current=current,
        versions=mine,
        newest=NEWEST,
        history=rules.history(tx, scope),
        proposal=proposal(pooled(rules.spreads(tx, _CLINIC, LEARNT_FOR)), named(current.version)),
        courses=far.courses,
        to_read=far.to_read,
    )


def differences(
    tx: Tx, version: str, *, after: UUID | None, limit: int, scope: Scope, now: datetime
) -> tuple[list[CourseDifference], UUID | None]:
    """
    Clients whose course would read differently by other rules, in the order in which courses began.

    Compares what may be seen now, read by the rules the course was last read by and by the
    others; nothing is written. An answer looks at a bounded number of courses: it may hold
    fewer than `limit` although more follow.

    Returns:
        The clients, and the course to go on after (None: that was all).

    Raises:
        RulesUnknown.
    """
    named(version)
    found: list[CourseDifference] = []
    looked_at = rules.courses_after(tx, scope, after, limit=LOOKED_AT + 1)
    for place, (course, code) in enumerate(looked_at[:LOOKED_AT]):
        one = _compare(tx, course, code, version, scope, now)
        found += [one] if one else []
        if len(found) == limit and place + 1 < len(looked_at):
            return _audited(tx, found, scope, now), course.id
    goes_on = looked_at[LOOKED_AT - 1][0].id if len(looked_at) > LOOKED_AT else None
    return _audited(tx, found, scope, now), goes_on


def _compare(
    tx: Tx, course: Course, code: str | None, version: str, scope: Scope, now: datetime
) -> CourseDifference | None:
    measure = definitions.measure(course.measure_id, course.measure_version)
    held = sessions.held_sessions(tx, scope, course, now=now)
    decided = courses.decided(tx, scope, course)
    series = series_of(held, decided, tx.zone)
    by = rules_for(measure, course.rules_version)
    then = read(series, rules_for(measure, version))
    found = difference(read(series, by), then, hidden=FOR_THE_THERAPIST)
    if found is None:
        return None
    dates = {s.session: local_day(held[s.session - 1].starts_at, tx.zone).isoformat() for s in found.sessions}
    return CourseDifference(course.client_id, code or NO_CODE, course.practitioner_id, found, dates)


def _audited(tx: Tx, found: list[CourseDifference], scope: Scope, now: datetime) -> list[CourseDifference]:
    if found:
        about = list(dict.fromkeys(one.client_id for one in found))
        audit.record(tx, scope, "rules.differences_read", about=about, fields=["state", "signals"], now=now)
    return found
