"""Reading a course anew: after every entry, correction, silence and decision, in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.feedback.alliance import events
from services.feedback.alliance.domain.courses import Course, HeldSession, series_of
from services.feedback.alliance.domain.details import detail_of, plain_sentence
from services.feedback.alliance.domain.episodes import BY_CORRECTION, SUPERSEDED, Episode, recognise
from services.feedback.alliance.domain.kept_episodes import KeptEpisode, as_opened, as_read_now
from services.feedback.alliance.domain.reader import CourseReading, read
from services.feedback.alliance.domain.rules import ReaderRules, rules_for
from services.feedback.alliance.domain.series import Missing, Series
from services.feedback.alliance.domain.signals import FOR_THE_THERAPIST
from services.feedback.alliance.store import courses, episodes, readings
from services.feedback.alliance.store.readings import KeptReading
from services.feedback.care.store.visibility import THIS_SERVICE
from services.feedback.measures.domain import Construct
from services.feedback.measures.store import definitions
from shared.database import Tx
from shared.envelope import Event
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope


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
    before = readings.material_of(tx, THIS_SERVICE, course, now=now)
    rules = rules_for(measure, before.rules_version)
    course = replace(course, rules_version=rules.version)
    series = series_of(before.held, before.decided, tx.zone)
    result = read(series, rules)
    new = _as_kept(result, series, before.held, rules)
    with tx.pipeline():
        course = _keep_readings(tx, course, before.readings, new, now=now)
        _keep_episodes(tx, course, before.episodes, result.episodes, before.held, now=now)
        courses.keep_standing(
            tx,
            course,
            state=result.state,
            sentence=plain_sentence(result.sentence),
            too_early=result.too_early,
            sessions=len(before.held),
        )
    return result


def reread_courses(tx: Tx, course_ids: Iterable[UUID], *, scope: Scope, now: datetime) -> None:
    """Lock and read these courses, one after the other in one order."""
    for course_id in sorted(course_ids):
        course = courses.lock_course(tx, scope, course_id)
        if course is not None:
            reread(tx, course, now=now)


def _as_kept(result: CourseReading, series: Series, held: list[HeldSession], rules: ReaderRules) -> list[KeptReading]:
    return [
        KeptReading(
            id=uuid7(),
            appointment_id=place.appointment_id,
            session_number=reading.session,
            state=str(reading.state),
            signals=[str(signal.code) for signal in reading.signals],
            detail=detail_of(reading, session, rules),
            rules_version=rules.version,
        )
        for reading, session, place in zip(result.readings, series.sessions, held, strict=True)
    ]


def _keep_readings(
    tx: Tx, course: Course, kept: Mapping[UUID, KeptReading], new: Sequence[KeptReading], *, now: datetime
) -> Course:
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
            publish(tx, _reading_event(course, reading, now))
    return course


def _reading_event(course: Course, reading: KeptReading, now: datetime) -> Event:
    return events.reading_updated(
        course, course.version, reading.appointment_id, reading.session_number, reading.state, _for_all(reading), now
    )


def _for_all(reading: KeptReading) -> list[str]:
    """The codes that others may hear: where two views differ is for the therapist alone."""
    return [code for code in reading.signals if code not in FOR_THE_THERAPIST]


def _same(old: KeptReading | None, new: KeptReading) -> bool:
    return old is not None and replace(old, id=new.id) == new


def _tells_something_new(kept: Mapping[UUID, KeptReading], new: KeptReading) -> bool:
    """Others hear codes and states alone; a form that is merely out is no news."""
    old = kept.get(new.appointment_id)
    if old is None or old.detail["missing"] == Missing.AWAITED:
        return bool(new.detail["missing"] != Missing.AWAITED)
    was = (old.session_number, old.state, _for_all(old), old.rules_version)
    return was != (new.session_number, new.state, _for_all(new), new.rules_version)


def _keep_episodes(
    tx: Tx,
    course: Course,
    kept: Sequence[KeptEpisode],
    read: Sequence[Episode],
    held: Sequence[HeldSession],
    *,
    now: datetime,
) -> None:
    """Bring the kept episodes of a locked course in line with how they read now, and tell what became of them."""
    spans = {e.id: (e.opened_session, e.closed_session) for e in kept if e.close_reason != SUPERSEDED}
    spans |= {e.id: (e.opened_session, e.opened_session) for e in kept if e.close_reason == SUPERSEDED}
    found = recognise(spans, read)
    known = {id(episode) for episode in found.values() if episode is not None}
    now_kept = [_changed(old, found[old.id], held, now) for old in kept]
    # What closes goes first: a course has one open episode at most.
    for old, new in sorted(zip(kept, now_kept, strict=True), key=lambda pair: pair[1].closed_at is None):
        _keep_change(tx, old, new, now)
    for episode in read:
        if id(episode) not in known:
            _keep_new(tx, course, episode, held, now)


def _keep_new(tx: Tx, course: Course, episode: Episode, held: Sequence[HeldSession], now: datetime) -> None:
    opened = as_opened(uuid7(), course, episode, held, noticed_at=now)
    # Sessions entered late may bring an episode that has already moved on: then two things are told.
    today = as_read_now(opened, episode, held)
    moved = today.state != opened.state or today.close_reason is not None
    today = replace(today, told=2 if moved else 1)
    episodes.add_episode(tx, today)
    publish(tx, events.episode_opened(opened, now=now))
    if moved:
        publish(tx, _episode_event(today, closes=today.close_reason is not None, now=now))


def _keep_change(tx: Tx, old: KeptEpisode, new: KeptEpisode, now: datetime) -> None:
    if new == old:
        return
    closes = new.close_reason is not None and new.close_reason != old.close_reason
    reopens = new.close_reason is None and old.close_reason is not None
    is_news = closes or reopens or new.state != old.state
    new = replace(new, version=old.version + 1, told=old.told + is_news)
    episodes.change_episode(tx, new)
    if is_news:
        publish(tx, _episode_event(new, closes=closes, now=now))


def _episode_event(episode: KeptEpisode, *, closes: bool, now: datetime) -> Event:
    return events.episode_closed(episode, now=now) if closes else events.episode_changed(episode, now=now)


def _changed(old: KeptEpisode, episode: Episode | None, held: Sequence[HeldSession], now: datetime) -> KeptEpisode:
    if episode is not None:
        return as_read_now(old, episode, held)
    if old.close_reason == SUPERSEDED:
        return old
    return replace(old, close_reason=SUPERSEDED, closed_by=BY_CORRECTION, closed_at=now, closed_session=None)
