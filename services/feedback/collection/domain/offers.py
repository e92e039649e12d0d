"""Offers: one form, for one side, about one session; open until it is answered, runs out or is withdrawn."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.feedback.alliance.domain.series import Missing
from services.feedback.care.domain.clients import Pair
from services.feedback.collection.domain.plan import Way
from services.feedback.measures.domain import Moment, Side

OFFER_LIFE = timedelta(hours=72)
RECENT = timedelta(hours=72)  # a session longer ago is no longer asked about
# Ours, and validated by nobody: early enough to be filled in on the way, late enough to be about now.
BEFORE_AT_THE_EARLIEST = timedelta(hours=24)


class Channel(StrEnum):
    """How answers came in."""

    LINK = "link"
    KIOSK = "kiosk"
    PORTAL = "portal"
    IN_SESSION = "in_session"
    PAPER = "paper"


class OfferState(StrEnum):
    """What became of an offer."""

    OPEN = "open"
    RECEIVED = "received"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"


# An answer on paper may turn up after the time was over; what was received stays.
ALLOWED: dict[OfferState, frozenset[OfferState]] = {
    OfferState.OPEN: frozenset({OfferState.RECEIVED, OfferState.UNANSWERED, OfferState.WITHDRAWN}),
    OfferState.UNANSWERED: frozenset({OfferState.RECEIVED, OfferState.WITHDRAWN}),
    OfferState.RECEIVED: frozenset(),
    OfferState.WITHDRAWN: frozenset(),
}

# What staff may say about a form that did not come back; "no answer" is what time says.
STAFF_REASONS = frozenset({Missing.DECLINED, Missing.TECHNICAL, Missing.UNABLE})


class OfferMoveNotAllowed(Exception):
    """The offer is not in a state in which this can be done."""


def move(state: OfferState, to: OfferState) -> OfferState:
    """The new state; raises OfferMoveNotAllowed."""
    if to not in ALLOWED[state]:
        raise OfferMoveNotAllowed(f"An offer that is {state} cannot become {to}.")
    return to


def sides_to_ask(*, consents_to_forms: bool, pair: Pair, ended_at: datetime, now: datetime) -> tuple[Side, ...]:
    """
    Whom to ask about a session.

    Only with consent, only about the work with the person's own therapist (an hour with a
    stand-in is no part of that course), and only while the session is recent. When the
    work has ended since, the client alone is asked: the file is closed to the therapist.
    """
    if not consents_to_forms or pair is Pair.STRANGERS or now - ended_at > RECENT:
        return ()
    return (Side.CLIENT, Side.THERAPIST) if pair is Pair.WORKING else (Side.CLIENT,)


def may_ask_before(
    *, consents_to_forms: bool, pair: Pair, starts_at: datetime, ends_at: datetime, now: datetime
) -> bool:
    """
    Tell whether a client may be asked something before a session that is booked.

    From 24 hours before it begins until it ends, with consent, and for an hour with the
    client's own therapist alone.
    """
    in_time = starts_at - BEFORE_AT_THE_EARLIEST <= now < ends_at
    return consents_to_forms and pair is Pair.WORKING and in_time


def expires_at(moment: Moment, *, offered_at: datetime, session_ends_at: datetime) -> datetime:
    """When an unanswered offer runs out: three days after it was made, or with the session it was to be read in."""
    return session_ends_at if moment is Moment.BEFORE else offered_at + OFFER_LIFE


@dataclass(frozen=True, slots=True)
class Offer:
    """A form offered to one side about one session. `version` counts its events; `place` is its place in the packet."""

    id: UUID
    version: int
    course_id: UUID
    client_id: UUID
    practitioner_id: UUID
    appointment_id: UUID
    side: Side
    measure_id: str
    measure_version: int
    state: OfferState
    offered_at: datetime
    expires_at: datetime
    missing_reason: str | None = None
    wish_id: UUID | None = None
    closed_at: datetime | None = None
    moment: Moment = Moment.AFTER
    way: Way = Way.FORM
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedOffer(Offer):
    """
    An offer as the desk sees it: for whom, about which session, and whether a reminder is due or done.

    `entry_withdrawn`: staff entered something by mistake and took it away.
    """

    spoken_code: str
    session_starts_at: datetime
    reminder: str | None
    entry_withdrawn: bool


@dataclass(frozen=True, slots=True)
class OfferFilter:
    """Which offers are listed; None: whatever it is. With `reminder` only those that are open."""

    side: str | None = None
    state: str | None = None
    practitioner_id: UUID | None = None
    client_id: UUID | None = None
    reminder: str | None = None


class OfferUnknown(Exception):
    """There is no such offer, or not for the one who asks."""


class AlreadyReceived(Exception):
    """The form was sent before; what was sent stays as it is."""


class NotYourImpression(Exception):
    """The therapist's own form can be filled in by that therapist alone."""
