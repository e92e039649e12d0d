"""What becomes of an offer nobody answers: taken back, run out, or left with a reason; nothing stands in for it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.feedback.alliance.commands.readings import reread, reread_courses
from services.feedback.alliance.domain.courses import Appointment
from services.feedback.alliance.domain.series import Missing
from services.feedback.care.store import clients as people
from services.feedback.collection import events
from services.feedback.collection.commands.offers import CLIENTS_AT_ONCE, lock_with_course
from services.feedback.collection.domain.offers import (
    BEFORE_AT_THE_EARLIEST,
    STAFF_REASONS,
    Offer,
    OfferMoveNotAllowed,
    OfferState,
    move,
)
from services.feedback.collection.store import links, offers
from services.feedback.measures.domain import Moment
from shared.database import Tx
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


def withdraw_offers(
    tx: Tx, appointment_id: UUID, reason: str = "session_not_held", *, scope: Scope, now: datetime
) -> None:
    """Take back the unanswered forms about a session that was missed, called off, or not held after all."""
    missing = Missing.ABSENT if reason == "client_absent" else None
    for offer in offers.unanswered_of_appointment(tx, scope, appointment_id):
        _withdraw(tx, offer, reason, missing, now)


def move_offers(tx: Tx, hour: Appointment, *, scope: Scope, now: datetime) -> None:
    """
    An hour was put at another time: unanswered forms that it begins with go along.

    They are taken back when it is now too far away, or over: answers are about the days
    before a session, and it is asked anew when its time comes.
    """
    stays = hour.starts_at - BEFORE_AT_THE_EARLIEST <= now < hour.ends_at
    for offer in offers.unanswered_of_appointment(tx, scope, hour.appointment_id, Moment.BEFORE):
        if not stays or offer.missing_reason == Missing.NO_ANSWER:
            _withdraw(tx, offer, "session_moved", None, now)
        elif offer.state is OfferState.OPEN:
            offers.change_offer(tx, replace(offer, expires_at=hour.ends_at))


def withdraw_consent(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> None:
    """The client no longer wishes to fill in forms: what is out is taken back at once, on both sides."""
    withdrawn = offers.open_of_client(tx, scope, client_id)
    for offer in withdrawn:
        _withdraw(tx, offer, "consent_withdrawn", Missing.CONSENT_WITHDRAWN, now)
    _reread(tx, withdrawn, scope=scope, now=now)


def expire_offers(tx: Tx, *, scope: Scope, now: datetime) -> int:
    """
    End the offers whose time is over; returns for how many clients.

    A few clients at a time: each run is short, the next one takes the next. Whoever is
    being worked on at this moment is left for then, too.
    """
    ended = 0
    for client_id in offers.clients_with_expired_offers(tx, scope, now=now, limit=CLIENTS_AT_ONCE):
        if not people.try_lock_client(tx, client_id):
            continue
        over = offers.open_of_client(tx, scope, client_id, expired_at=now)
        for offer in over:
            _leave_unanswered(tx, offer, Missing.NO_ANSWER, now)
        _reread(tx, over, scope=scope, now=now)
        ended += 1
    return ended


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


def _reread(tx: Tx, changed: Iterable[Offer], *, scope: Scope, now: datetime) -> None:
    reread_courses(tx, {offer.course_id for offer in changed}, scope=scope, now=now)


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
