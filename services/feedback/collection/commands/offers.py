"""Offering forms: before a session what it is to begin with, after it how it was; to each side, as the plan says."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.feedback.alliance.commands.readings import reread_courses
from services.feedback.alliance.domain.courses import Appointment, Course
from services.feedback.alliance.store import courses, rules, sessions
from services.feedback.care.domain.days import local_day
from services.feedback.care.store import clients as people
from services.feedback.care.store.visibility import THIS_SERVICE
from services.feedback.collection import events
from services.feedback.collection.domain.offers import (
    BEFORE_AT_THE_EARLIEST,
    RECENT,
    Offer,
    OfferState,
    OfferUnknown,
    expires_at,
    may_ask_before,
    sides_to_ask,
)
from services.feedback.collection.domain.plan import PlanEntry, due
from services.feedback.collection.store import offers, plans
from services.feedback.measures.domain import Construct, Measure, Moment, Side
from services.feedback.measures.store import definitions
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope

CONSENT = "feedback_forms"
CLIENTS_AT_ONCE = 20  # whom a job takes up in one transaction; the next run takes the next ones


def offer_after(tx: Tx, hour: Appointment, *, scope: Scope, now: datetime) -> list[Offer]:
    """
    Offer what is asked after a held session, and read the courses, which are one session longer.

    Offers nothing without consent, without the client's own therapist, and once the
    session is three days old; the session then counts as not offered. The client is locked.
    """
    sides = sides_to_ask(
        consents_to_forms=people.consents(tx, scope, hour.client_id, CONSENT),
        pair=people.pair_at(tx, scope, hour.client_id, hour.practitioner_id, hour.starts_at),
        ended_at=hour.ends_at,
        now=now,
    )
    entries = [(e, m) for e, m in _due(tx, hour, Moment.AFTER, scope=scope) if m.side in sides]
    made = _offer_all(tx, hour, entries, now=now)
    reread_courses(tx, courses.read_courses_of(tx, scope, hour.client_id, hour.practitioner_id), scope=scope, now=now)
    return made


def offer_before(tx: Tx, hour: Appointment, *, scope: Scope, now: datetime) -> list[Offer]:
    """Offer what a booked session begins with, from a day before it until it ends. The client is locked."""
    allowed = may_ask_before(
        consents_to_forms=people.consents(tx, scope, hour.client_id, CONSENT),
        pair=people.pair_at(tx, scope, hour.client_id, hour.practitioner_id, hour.starts_at),
        starts_at=hour.starts_at,
        ends_at=hour.ends_at,
        now=now,
    )
    if hour.starts_at - BEFORE_AT_THE_EARLIEST <= now:
        sessions.consider_before(tx, hour.appointment_id)
    if not allowed:
        return []
    entries = [(e, m) for e, m in _due(tx, hour, Moment.BEFORE, scope=scope) if m.side is Side.CLIENT]
    return _offer_all(tx, hour, entries, now=now)


def offer_what_was_due(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> None:
    """Offer what could not be offered until now, for want of consent, therapist or plan. The client is locked."""
    for session in sessions.recent_held(tx, scope, client_id, since=now - RECENT):
        offer_after(tx, session, scope=scope, now=now)
    for session in sessions.upcoming(tx, scope, client_id, begins_by=now + BEFORE_AT_THE_EARLIEST, now=now):
        offer_before(tx, session, scope=scope, now=now)


def offer_before_coming_sessions(tx: Tx, *, scope: Scope, now: datetime) -> int:
    """Offer what sessions of the next 24 hours begin with; returns how many clients were looked at."""
    begins_by = now + BEFORE_AT_THE_EARLIEST
    found = sessions.clients_to_be_asked_before(tx, scope, begins_by=begins_by, now=now, limit=CLIENTS_AT_ONCE)
    for client_id in found:
        if people.try_lock_client(tx, client_id):
            for session in sessions.upcoming(tx, scope, client_id, begins_by=begins_by, now=now):
                offer_before(tx, session, scope=scope, now=now)
    return len(found)


def offer_one(tx: Tx, hour: Appointment, measure: Measure, entry: PlanEntry, *, now: datetime) -> Offer | None:
    """Offer one measure about a session, whatever the plan says; None when it was offered before."""
    return next(iter(_offer_all(tx, hour, [(entry, measure)], now=now)), None)


def lock_with_course(tx: Tx, offer_id: UUID, scope: Scope) -> tuple[Course, Offer]:
    """An offer and its course; the client is locked first, then the course, as everywhere; raises OfferUnknown."""
    first = offers.to_lock_first(tx, scope, offer_id)
    if first is not None:
        people.lock_client(tx, first.client_id)
    course = courses.lock_course_for_desk(tx, scope, first.course_id) if first else None
    offer = offers.lock_offer(tx, scope, offer_id) if course else None
    if course is None or offer is None:
        raise OfferUnknown("There is no such offer.")
    return course, offer


def _course(tx: Tx, hour: Appointment, measure: Measure, *, now: datetime) -> Course:
    """The course that a measure belongs to, locked; the therapist's impression belongs to the client's form."""
    if measure.side is Side.THERAPIST:
        measure = definitions.form_for(Side.CLIENT)
    is_read = measure.construct is Construct.ALLIANCE
    new = Course(
        id=uuid7(),
        client_id=hour.client_id,
        practitioner_id=hour.practitioner_id,
        measure_id=measure.id,
        measure_version=measure.version,
        rules_version=rules.in_force(tx, THIS_SERVICE).version if is_read else "",
        version=0,
    )
    return courses.begin_course(tx, new, measure.construct, now=now)


def _due(tx: Tx, hour: Appointment, moment: Moment, *, scope: Scope) -> list[tuple[PlanEntry, Measure]]:
    entries = due(
        plans.current_plan(tx, scope),
        sessions.session_number(tx, scope, hour.client_id, hour.practitioner_id, hour.starts_at),
        on=local_day(hour.starts_at, tx.zone),
        mine=plans.client_plan(tx, scope, hour.client_id),
    )
    known = definitions.measures()
    found = [(entry, known[entry.measure_id]) for entry in entries if entry.measure_id in known]
    return [(entry, measure) for entry, measure in found if measure.moment is moment]


def _offer_all(
    tx: Tx, hour: Appointment, entries: Iterable[tuple[PlanEntry, Measure]], *, now: datetime
) -> list[Offer]:
    made = []
    for place, (entry, measure) in enumerate(entries):
        offer = Offer(
            id=uuid7(),
            version=1,
            course_id=_course(tx, hour, measure, now=now).id,
            client_id=hour.client_id,
            practitioner_id=hour.practitioner_id,
            appointment_id=hour.appointment_id,
            side=measure.side,
            measure_id=measure.id,
            measure_version=measure.version,
            state=OfferState.OPEN,
            offered_at=now,
            expires_at=expires_at(measure.moment, offered_at=now, session_ends_at=hour.ends_at),
            moment=measure.moment,
            way=entry.way,
            place=place,
        )
        if offers.add_offer(tx, offer):
            publish(tx, events.checkin_offered(offer, now=now))
            made.append(offer)
    return made
