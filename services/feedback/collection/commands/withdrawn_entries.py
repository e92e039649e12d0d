"""Withdrawing an entry that staff made by mistake, and bringing it back: all that was read from it follows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.alliance.commands.readings import reread
from services.feedback.alliance.domain.courses import Course
from services.feedback.alliance.store import sessions
from services.feedback.care.store import clients as people
from services.feedback.care.store.visibility import THIS_SERVICE
from services.feedback.collection import events
from services.feedback.collection.commands.checkins import measure_asked, raise_risk
from services.feedback.collection.commands.corrections import lock_kept, refuse_colleagues_impression
from services.feedback.collection.commands.offers import CONSENT, lock_with_course
from services.feedback.collection.domain.corrections import AnswersNotShared, CheckinChanged
from services.feedback.collection.domain.offers import Offer, OfferState, OfferUnknown
from services.feedback.collection.domain.withdrawn_entries import (
    AnsweredSince,
    NotEnteredByStaff,
    NothingToBringBack,
    undo_until,
    with_entry,
    without_entry,
)
from services.feedback.collection.store import checkins, links, offers
from services.feedback.measures.domain.scoring import score
from services.feedback.risk.store import acknowledged_since
from services.feedback.wishes.commands import review_wishes
from shared.database import Tx
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An entry that was taken away: which version, what its form is now, and until when it can be brought back."""

    id: UUID
    version: int
    state: OfferState
    undo_until: datetime


def withdraw_entry(
    tx: Tx, offer_id: UUID, reason: str, *, expected_version: int, scope: Scope, now: datetime
) -> Withdrawn:
    """
    Take away what staff entered by mistake; it stays readable as an earlier version.

    The form is as it would be had nobody entered anything. Readings, episodes and wishes are
    those of the check-ins that stand; a risk answer that was raised stays raised.

    Raises:
        OfferUnknown, EntryWithdrawn, NotYourImpression, CheckinChanged.
        NotEnteredByStaff: the client sent it.
        AnswersNotShared: it is not shown to staff, and the asker neither entered it nor leads.
    """
    course, offer, kept = lock_kept(tx, offer_id, scope)
    if kept.entered_by is None:
        raise NotEnteredByStaff("Nobody entered this: it came from the person who filled it in, and can be corrected.")
    _refuse_kept_back(scope, shown=kept.shown, entered_by=kept.entered_by)
    if kept.version != expected_version:
        raise CheckinChanged(f"This is version {kept.version} by now, not {expected_version}.")
    audit.record(tx, scope, "checkin.withdrawn", about=[offer.client_id], fields=["answers"], now=now)
    hour = sessions.appointment_of(tx, THIS_SERVICE, offer.appointment_id)
    offer = without_entry(
        offer,
        was_asked=offer.offered_at < kept.recorded_at,  # an entry that nobody was asked for makes its offer with it
        consents=people.consents(tx, THIS_SERVICE, offer.client_id, CONSENT),
        session_stands=hour is not None and hour.status in ("held", "booked"),
        now=now,
    )
    checkins.withdraw_checkin(tx, offer_id, reason, by=scope.actor, now=now)
    offers.change_offer(tx, offer)
    publish(tx, events.entry_withdrawn(offer, version=kept.version, reason=reason, now=now))
    _read_anew(tx, course, now=now)
    return Withdrawn(offer.id, kept.version, offer.state, undo_until(now))


def bring_back(tx: Tx, offer_id: UUID, *, expected_version: int, scope: Scope, now: datetime) -> tuple[Offer, int]:
    """
    Undo the withdrawal of an entry, within a day; returns the offer and the check-in's new version.

    A risk answer of it that was acknowledged in the meantime, as one of a mistake may be, is raised anew.

    Raises:
        OfferUnknown, NotYourImpression, AnswersNotShared, NothingToBringBack, CheckinChanged.
        AnsweredSince: another answer stands there, or the form is out to the client anew.
    """
    course, offer = lock_with_course(tx, offer_id, scope)
    if checkins.checkin_to_correct(tx, scope, offer_id) is not None:
        raise AnsweredSince("An entry stands here; withdraw it first if the earlier one is right.")
    entry = checkins.withdrawn_entry(tx, scope, offer_id)
    if entry is None:
        raise OfferUnknown("There is no such check-in.")
    refuse_colleagues_impression(offer, scope)
    _refuse_kept_back(scope, shown=entry.shown, entered_by=entry.entered_by)
    if entry.version != expected_version:
        raise CheckinChanged(f"Version {entry.version} was withdrawn last, not {expected_version}.")
    if now > undo_until(entry.withdrawn_at):
        raise NothingToBringBack("This was withdrawn more than a day ago; enter it again.")
    other = offers.offer_about(tx, THIS_SERVICE, offer.appointment_id, offer.side, offer.measure_id)
    if other is not None and other.id != offer.id:
        raise AnsweredSince("This form was offered anew about the session; what is to count is entered there.")
    audit.record(tx, scope, "checkin.brought_back", about=[offer.client_id], fields=["answers"], now=now)
    version = checkins.restore_checkin(tx, offer_id, entry.version, by=scope.actor, now=now)
    offer = with_entry(offer, now=now)
    offers.change_offer(tx, offer)
    links.clear_drafts(tx, offer.id)
    publish(tx, events.checkin_recorded(offer, channel=entry.channel, now=now, recorded_at=entry.recorded_at))
    if entry.answers and acknowledged_since(tx, THIS_SERVICE, offer_id, entry.withdrawn_at):
        raise_risk(tx, offer, entry.answers, score(measure_asked(offer), entry.answers), stood=None, now=now)
    _read_anew(tx, course, now=now)
    return offer, version


def _refuse_kept_back(scope: Scope, *, shown: bool, entered_by: UUID) -> None:
    """What the client keeps back from their therapist, that therapist cannot make disappear unless they typed it."""
    if not (shown or scope.actor == entered_by or scope.has("clinical_lead")):
        raise AnswersNotShared("These answers are kept back: whoever entered them, or a clinical lead, withdraws them.")


def _read_anew(tx: Tx, course: Course, *, now: datetime) -> None:
    review_wishes(tx, course.id, scope=THIS_SERVICE)
    reread(tx, course, now=now)
