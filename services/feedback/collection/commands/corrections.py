"""Correcting a check-in: a new version with its reason; the old one and every reading made from it stay readable."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.feedback.alliance.commands.readings import reread
from services.feedback.alliance.domain.courses import Course
from services.feedback.collection import events
from services.feedback.collection.commands.checkins import measure_asked, raise_risk, what_was_said, without_words
from services.feedback.collection.commands.offers import lock_with_course
from services.feedback.collection.domain.corrections import (
    CLIENTS_OWN,
    AnswersNotShared,
    CheckinChanged,
    NothingCorrected,
    refuse_clients_own,
)
from services.feedback.collection.domain.entry import Entry, take
from services.feedback.collection.domain.offers import NotYourImpression, Offer, OfferUnknown
from services.feedback.collection.domain.withdrawn_entries import EntryWithdrawn
from services.feedback.collection.store import checkins, offers
from services.feedback.collection.store.checkins import CorrectableCheckin, Corrected
from services.feedback.measures.domain import Side
from shared.database import Tx
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


def correct(
    tx: Tx, offer_id: UUID, entry: Entry, reason: str, *, expected_version: int, scope: Scope, now: datetime
) -> tuple[Offer, int]:
    """
    Put right what was entered; returns the offer and the check-in's new version.

    All marks and codes are given anew. Readings made from the old version are superseded
    and episodes follow; a risk answer that was raised stays raised.

    Raises:
        OfferUnknown, EntryWithdrawn, NotYourImpression, AnswersNotShared, CheckinChanged,
        AnswersRefused, TotalsRefused, NothingCorrected.
    """
    course, offer, kept = lock_kept(tx, offer_id, scope)
    if not kept.shown:
        raise AnswersNotShared("These answers are not shown to staff.")
    if kept.version != expected_version:
        raise CheckinChanged(f"This is version {kept.version} by now, not {expected_version}.")
    refuse_clients_own(entry.answers or {})
    measure = measure_asked(offer)
    answers, score = take(measure, entry)
    stays = {item: answer for item, answer in kept.answers.items() if item in CLIENTS_OWN}
    new = stays | without_words(measure, answers)
    if (new, score.total, dict(score.subscales)) == (kept.answers, kept.total, kept.subscales or {}):
        raise NothingCorrected("This says the same as what is kept.")
    audit.record(tx, scope, "checkin.corrected", about=[offer.client_id], fields=["answers"], now=now)
    said, talked = what_was_said(offer.side, new)
    # An impression that is put right by who knows the other side's answers is no longer one given before them.
    blind = offer.side is Side.CLIENT or not checkins.answers_were_opened(tx, scope, offer)
    corrected = Corrected(new, score, said, talked, reason, blind)
    version = checkins.correct_checkin(tx, offer_id, corrected, by=scope.actor, now=now)
    offer = replace(offer, version=offer.version + 1)
    offers.change_offer(tx, offer)
    publish(tx, events.checkin_corrected(offer, version=version, reason=reason, now=now))
    raise_risk(tx, offer, answers, score, stood=kept.answers, now=now)
    reread(tx, course, now=now)
    return offer, version


def lock_kept(tx: Tx, offer_id: UUID, scope: Scope) -> tuple[Course, Offer, CorrectableCheckin]:
    """
    A check-in that the asker may change, its course and its offer, all locked.

    Raises:
        OfferUnknown, NotYourImpression. EntryWithdrawn: it was taken away in the meantime.
    """
    course, offer = lock_with_course(tx, offer_id, scope)
    kept = checkins.checkin_to_correct(tx, scope, offer_id)
    if kept is None and checkins.withdrawn_entry(tx, scope, offer_id) is not None:
        raise EntryWithdrawn("This entry was withdrawn; bring it back within a day of that, or enter the form again.")
    if kept is None:
        raise OfferUnknown("There is no such check-in.")
    refuse_colleagues_impression(offer, scope)
    return course, offer, kept


def refuse_colleagues_impression(offer: Offer, scope: Scope) -> None:
    """Raises NotYourImpression for a therapist's form that is not the asker's own."""
    if offer.side is Side.THERAPIST and scope.actor != offer.practitioner_id:
        raise NotYourImpression("Only the therapist of the session can change their impression of it.")
