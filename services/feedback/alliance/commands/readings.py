"""Reading a course anew: after every entry, correction, silence and decision, in the same transaction."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.feedback import events
from services.feedback.alliance.commands.following import keep_episodes
from services.feedback.alliance.domain.courses import Course, Hour, series_of
from services.feedback.alliance.domain.details import detail_of, plain_sentence
from services.feedback.alliance.domain.reader import CourseReading, read
from services.feedback.alliance.domain.rules import ReaderRules, rules_for
from services.feedback.alliance.domain.series import Missing, Series
from services.feedback.alliance.store import courses, readings
from services.feedback.alliance.store import rules as switches
from services.feedback.alliance.store import sessions as hours
from services.feedback.alliance.store.readings import KeptReading
from services.feedback.collection.domain.sharing import FOR_THE_THERAPIST
from services.feedback.measures.domain import Construct
from services.feedback.measures.store import definitions
from shared.database import Tx
from shared.envelope import Event
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope, system_scope

# The reader works for the course, whoever set it off.
READER = system_scope("read a course")


def reread(tx: Tx, course: Course, *, now: datetime) -> CourseReading | None:
    """
    Read a locked course from its first session and keep what reads differently.

    Readings that change are superseded, never erased; sessions that read as before are
    left alone, so reading twice changes nothing. A course on a measure of anything but the
    relationship is not read session by session: None.
    """
    measure = definitions.measure(course.measure_id, course.measure_version)
    if measure.construct is not Construct.ALLIANCE:
        return None
    rules = rules_for(measure, switches.in_force(tx, READER).version)
    course = replace(course, rules_version=rules.version)
    held = hours.held_hours(tx, READER, course, now=now)
    series = series_of(held, courses.decided(tx, READER, course.id, course.client_id, course.practitioner_id), tx.zone)
    result = read(series, rules)
    course = _keep_readings(tx, course, _as_kept(result, series, held, rules), now=now)
    keep_episodes(tx, course, result.episodes, held, now=now)
    courses.keep_standing(
        tx,
        course,
        {
            "state": result.state,
            "sentence": plain_sentence(result.sentence),
            "too_early": result.too_early,
            "sessions": len(held),
        },
    )
    return result


def reread_courses(tx: Tx, course_ids: Iterable[UUID], *, scope: Scope, now: datetime) -> None:
    """Lock and read these courses, one after the other in one order."""
    for course_id in sorted(course_ids):
        course = courses.lock_course(tx, scope, course_id)
        if course is not None:
            reread(tx, course, now=now)


def _as_kept(result: CourseReading, series: Series, held: list[Hour], rules: ReaderRules) -> list[KeptReading]:
    return [
        KeptReading(
            id=uuid7(),
            appointment_id=hour.appointment_id,
            session_number=reading.session,
            state=str(reading.state),
            signals=[str(signal.code) for signal in reading.signals],
            detail=detail_of(reading, session, rules),
            rules_version=rules.version,
        )
        for reading, session, hour in zip(result.readings, series.sessions, held, strict=True)
    ]


def _keep_readings(tx: Tx, course: Course, new: list[KeptReading], *, now: datetime) -> Course:
    kept = readings.current_readings(tx, READER, course.id)
    changed = [reading for reading in new if not _same(kept.get(reading.appointment_id), reading)]
    present = {reading.appointment_id for reading in new}
    gone = [old.id for appointment, old in kept.items() if appointment not in present]
    replaced = [kept[reading.appointment_id].id for reading in changed if reading.appointment_id in kept]
    if gone or replaced:
        readings.supersede(tx, gone + replaced, now=now)
    if changed:
        readings.add_readings(tx, course.id, changed, now=now)
    for reading in changed:
        if _tells_something_new(kept, reading):
            course = replace(course, version=course.version + 1)
            publish(tx, _told(course, reading, now))
    return course


def _told(course: Course, reading: KeptReading, now: datetime) -> Event:
    return events.reading_updated(
        course, course.version, reading.appointment_id, reading.session_number, reading.state, _for_all(reading), now
    )


def _for_all(reading: KeptReading) -> list[str]:
    """The codes that others may hear: where two views differ is for the therapist alone."""
    return [code for code in reading.signals if code not in FOR_THE_THERAPIST]


def _same(old: KeptReading | None, new: KeptReading) -> bool:
    return old is not None and replace(old, id=new.id) == new


def _tells_something_new(kept: dict[UUID, KeptReading], new: KeptReading) -> bool:
    """Others hear codes and states alone; a form that is merely out is no news."""
    old = kept.get(new.appointment_id)
    if old is None or old.detail["missing"] == Missing.AWAITED:
        return bool(new.detail["missing"] != Missing.AWAITED)
    was = (old.session_number, old.state, _for_all(old), old.rules_version)
    return was != (new.session_number, new.state, _for_all(new), new.rules_version)
