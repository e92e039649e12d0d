"""Offering forms about a held session, and what becomes of an offer that nobody answers."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.feedback import events
from services.feedback.commands.rereading import reread
from services.feedback.domain.courses import Course
from services.feedback.domain.measures import Side
from services.feedback.domain.offers import (
    RECENT,
    STAFF_REASONS,
    Offer,
    OfferMoveNotAllowed,
    OfferState,
    expires_at,
    move,
    sides_to_ask,
)
from services.feedback.domain.refusals import OfferUnknown
from services.feedback.domain.series import Missing
from services.feedback.store import courses, definitions, hours, links, offers, people, rules
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit

CONSENT = "feedback_forms"
BATCH = 200  # courses a job takes up in one transaction


@dataclass(frozen=True, slots=True)
class HeldHour:
    """A session that took place."""

    appointment_id: UUID
    client_id: UUID
    practitioner_id: UUID
    starts_at: datetime
    ends_at: datetime


def offer_forms(tx: Tx, hour: HeldHour, *, scope: Scope, now: datetime) -> list[Offer]:
    """
    Offer both sides their form about a held session, and read the course, which is one session longer.

    Offers nothing without consent, without the client's own therapist, and once the
    session is three days old; the session then counts as not offered.
    """
    sides = sides_to_ask(
        consents_to_forms=people.consents(tx, scope, hour.client_id, CONSENT),
        pair=people.pair_at(tx, scope, hour.client_id, hour.practitioner_id, hour.starts_at),
        ended_at=hour.ends_at,
        now=now,
    )
    course = _course(tx, hour, scope, begin=bool(sides), now=now)
    if course is None:
        return []
    made = [_offer(tx, hour, course, side, now=now) for side in sides]
    reread(tx, course, now=now)
    return [offer for offer in made if offer]


def offer_recent_forms(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> list[Offer]:
    """Offer what could not be offered before: consent or allocation were heard of after the session."""
    made = []
    for row in hours.recent_held(tx, scope, client_id, since=now - RECENT):
        made += offer_forms(tx, HeldHour(**row), scope=scope, now=now)
    return made


def withdraw_offers(tx: Tx, appointment_id: UUID, *, scope: Scope, now: datetime) -> None:
    """Take back the unanswered forms about a session that was not held after all."""
    for offer in offers.unanswered_of_appointment(tx, scope, appointment_id):
        _withdraw(tx, offer, "session_not_held", None, now)


def withdraw_consent(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> None:
    """The client no longer wishes to fill in forms: what is out is taken back at once, on both sides."""
    for course_id in offers.courses_with_open_offers(tx, scope, client_id):
        course = courses.lock_course(tx, scope, course_id)
        assert course is not None  # an offer belongs to a course, and this service sees all of its own
        for offer in offers.open_in_course(tx, scope, course_id):
            _withdraw(tx, offer, "consent_withdrawn", Missing.CONSENT_WITHDRAWN, now)
        reread(tx, course, now=now)


def expire_offers(tx: Tx, *, scope: Scope, now: datetime) -> int:
    """End the offers whose time is over; returns how many courses were read anew for it."""
    course_ids = offers.courses_with_expired_offers(tx, scope, now=now, limit=BATCH)
    for course_id in course_ids:
        course = courses.lock_course(tx, scope, course_id)
        assert course is not None  # see above
        for offer in offers.open_in_course(tx, scope, course_id, expired_at=now):
            _leave_unanswered(tx, offer, Missing.NO_ANSWER, now)
        reread(tx, course, now=now)
    return len(course_ids)


def say_why_missing(tx: Tx, offer_id: UUID, reason: str, *, scope: Scope, now: datetime) -> Offer:
    """
    Staff say why a form will not come back: declined, technical, unable.

    Raises:
        OfferUnknown, OfferMoveNotAllowed.
    """
    course, offer = lock_with_course(tx, offer_id, scope)
    if Missing(reason) not in STAFF_REASONS:
        raise OfferMoveNotAllowed(f"{reason} is not for staff to say.")
    audit.record(tx, scope, "offer.left_unanswered", about=[offer.client_id], fields=["missing_reason"], now=now)
    offer = _leave_unanswered(tx, offer, Missing(reason), now)
    reread(tx, course, now=now)
    return offer


def lock_with_course(tx: Tx, offer_id: UUID, scope: Scope) -> tuple[Course, Offer]:
    """An offer and its course, the course locked first, as everywhere; raises OfferUnknown."""
    course_id = offers.course_of_offer(tx, scope, offer_id)
    course = courses.lock_course_for_desk(tx, scope, course_id) if course_id else None
    offer = offers.lock_offer(tx, scope, offer_id) if course else None
    if course is None or offer is None:
        raise OfferUnknown("There is no such offer.")
    return course, offer


def _course(tx: Tx, hour: HeldHour, scope: Scope, *, begin: bool, now: datetime) -> Course | None:
    measure = definitions.form_for(Side.CLIENT)
    if not begin:
        return courses.lock_course_of(tx, scope, hour.client_id, hour.practitioner_id, measure.id)
    new = Course(
        id=uuid7(),
        client_id=hour.client_id,
        practitioner_id=hour.practitioner_id,
        measure_id=measure.id,
        measure_version=measure.version,
        rules_version=rules.in_force(tx, scope).version,
        version=0,
    )
    return courses.begin_course(tx, new, now=now)


def _offer(tx: Tx, hour: HeldHour, course: Course, side: Side, *, now: datetime) -> Offer | None:
    measure = definitions.form_for(side)
    offer = Offer(
        id=uuid7(),
        version=1,
        course_id=course.id,
        client_id=hour.client_id,
        practitioner_id=hour.practitioner_id,
        appointment_id=hour.appointment_id,
        side=side,
        measure_id=measure.id,
        measure_version=measure.version,
        state=OfferState.OPEN,
        offered_at=now,
        expires_at=expires_at(now),
    )
    if not offers.add_offer(tx, offer):
        return None
    publish(tx, events.checkin_offered(offer, now=now))
    return offer


def _withdraw(tx: Tx, offer: Offer, reason: str, missing: Missing | None, now: datetime) -> None:
    offer = _end(tx, offer, OfferState.WITHDRAWN, missing, now)
    publish(tx, events.checkin_withdrawn(offer, reason=reason, now=now))


def _leave_unanswered(tx: Tx, offer: Offer, reason: Missing, now: datetime) -> Offer:
    offer = _end(tx, offer, OfferState.UNANSWERED, reason, now)
    publish(tx, events.checkin_expired(offer, reason=reason, now=now))
    return offer


def _end(tx: Tx, offer: Offer, to: OfferState, missing: Missing | None, now: datetime) -> Offer:
    offer = replace(
        offer, version=offer.version + 1, state=move(offer.state, to), missing_reason=missing, closed_at=now
    )
    offers.change_offer(tx, offer)
    links.clear_drafts(tx, offer.id)
    return offer
