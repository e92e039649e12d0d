"""Entries that staff made by mistake: withdrawn with a reason, readable as a version, brought back within a day."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.feedback.alliance.domain.series import Missing
from services.feedback.collection.domain.offers import Offer, OfferState

REASONS = frozenset({"wrong_client", "wrong_session", "wrong_form", "entered_twice", "other_mistake"})
WITHIN = timedelta(days=1)  # a withdrawal can be undone; ours


class NotEnteredByStaff(Exception):
    """The client sent it: that may be put right with a reason, and is never taken away."""


class EntryWithdrawn(Exception):
    """The entry was withdrawn, and no other stands in its place."""


class NothingToBringBack(Exception):
    """No entry was withdrawn here, or not within the last day."""


class AnsweredSince(Exception):
    """Other answers came, or are asked for, in the place of the entry that was withdrawn."""


def undo_until(withdrawn_at: datetime) -> datetime:
    """Until when a withdrawal can be undone."""
    return withdrawn_at + WITHIN


def without_entry(offer: Offer, *, was_asked: bool, consents: bool, session_stands: bool, now: datetime) -> Offer:
    """
    A received offer whose entry is withdrawn: as it would be had nobody entered anything.

    It waits again while its time lasts, and is not returned once it is over. What nobody was
    asked (the offer was made for the entry), or would be asked now, waits for nothing.

    `was_asked`: it was out before the entry. `consents`: the client wishes to fill in forms.
    `session_stands`: the session is booked or took place.
    """
    state, missing = OfferState.OPEN, None
    if not consents:
        state, missing = OfferState.WITHDRAWN, Missing.CONSENT_WITHDRAWN
    elif not was_asked or not session_stands:
        state = OfferState.WITHDRAWN
    elif offer.expires_at <= now:
        state, missing = OfferState.UNANSWERED, Missing.NO_ANSWER
    closed_at = None if state is OfferState.OPEN else now
    return replace(offer, version=offer.version + 1, state=state, missing_reason=missing, closed_at=closed_at)


def with_entry(offer: Offer, *, now: datetime) -> Offer:
    """The offer once its entry is brought back."""
    return replace(offer, version=offer.version + 1, state=OfferState.RECEIVED, missing_reason=None, closed_at=now)
