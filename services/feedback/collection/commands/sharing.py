"""Answers that were kept back: shown when their hour comes, or when the client says so."""

from datetime import datetime
from uuid import UUID

from services.feedback.alliance.commands.readings import reread
from services.feedback.alliance.domain.courses import Course
from services.feedback.care.store import clients as people
from services.feedback.collection.commands.checkins import show_wishes
from services.feedback.collection.commands.offers import CLIENTS_AT_ONCE, lock_with_course
from services.feedback.collection.domain.offers import Offer, OfferUnknown
from services.feedback.collection.domain.sharing import NothingToRelease
from services.feedback.collection.store import checkins
from services.feedback.collection.store.checkins import KeptCheckin
from services.feedback.measures.domain import Side
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit


def show_what_may_be_seen(tx: Tx, *, scope: Scope, now: datetime) -> int:
    """Take up the check-ins whose time to be seen has come, a few at a time; returns how many were taken up."""
    shown = 0
    for waiting in checkins.waiting_to_be_shown(tx, scope, now=now, limit=CLIENTS_AT_ONCE):
        if not people.try_lock_client(tx, waiting.client_id):
            continue
        course, offer = lock_with_course(tx, waiting.offer_id, scope)
        kept = checkins.checkin_of(tx, scope, offer.id)
        if kept is not None and not kept.shown:
            checkins.mark_shown(tx, offer.id)
            _take_up(tx, course, offer, kept, now=now)
            shown += 1
    return shown


def release(tx: Tx, offer_id: UUID, *, scope: Scope, now: datetime) -> Offer:
    """
    The client says that answers kept back may be seen after all.

    Raises:
        OfferUnknown, NothingToRelease.
    """
    course, offer = lock_with_course(tx, offer_id, scope)
    kept = checkins.checkin_of(tx, scope, offer_id)
    if kept is None:
        raise OfferUnknown("There is no such check-in.")
    if kept.shown or offer.side is not Side.CLIENT:
        raise NothingToRelease("Nothing is kept back here.")
    audit.record(tx, scope, "checkin.released", about=[offer.client_id], fields=["sharing"], now=now)
    checkins.keep_release(tx, offer_id, released_by=scope.actor, now=now)
    _take_up(tx, course, offer, kept, now=now)
    return offer


def _take_up(tx: Tx, course: Course, offer: Offer, kept: KeptCheckin, *, now: datetime) -> None:
    show_wishes(tx, course, offer.id, offer.wish_id, kept.answers, now=now)
    reread(tx, course, now=now)
