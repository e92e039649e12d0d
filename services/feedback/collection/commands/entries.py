"""Entering by staff: therapists their own impression, or what a client said in the session or on paper."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.feedback.alliance.domain.courses import Appointment, Course
from services.feedback.alliance.store import sessions
from services.feedback.care.domain.clients import ClientUnknown, Pair
from services.feedback.care.store import clients as people
from services.feedback.care.store.visibility import THIS_SERVICE
from services.feedback.collection.commands.checkins import Received, measure_asked, record
from services.feedback.collection.commands.offers import CONSENT, lock_with_course, offer_one
from services.feedback.collection.domain.entry import (
    ConsentMissing,
    Entry,
    SessionUnknown,
    VersionNotOffered,
    as_on_paper,
)
from services.feedback.collection.domain.offers import (
    BEFORE_AT_THE_EARLIEST,
    Channel,
    NotYourImpression,
    Offer,
    OfferState,
    OfferUnknown,
)
from services.feedback.collection.domain.plan import PlanEntry, Way
from services.feedback.collection.store import checkins, offers
from services.feedback.measures.domain import Construct, Moment, Side
from services.feedback.measures.domain.model import MeasureUnknown
from services.feedback.measures.store import definitions
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit


def enter_answers(
    tx: Tx,
    offer_id: UUID,
    entry: Entry,
    *,
    channel: Channel | None = None,
    measure_version: int | None = None,
    opened_client_answers: bool = False,
    scope: Scope,
    now: datetime,
) -> Received:
    """
    Staff fill in a form that was offered.

    The impression counts as blind only if its therapist has not looked at the course since
    the client's answers could be seen; the service knows, whatever the caller says.

    Raises:
        OfferUnknown, AlreadyReceived, NotYourImpression, AnswersRefused, TotalsRefused.
        VersionNotOffered: the paper is of another version than the offer.
        ConsentMissing: the client does not wish to fill in forms any more; that counts for forms of before, too.
    """
    course, offer = lock_with_course(tx, offer_id, scope)
    if not offers.opens_client(tx, scope, offer.client_id):
        raise OfferUnknown("There is no such offer.")
    if offer.state is not OfferState.RECEIVED:
        _refuse_without_consent(tx, offer.client_id)
    if measure_version not in (None, offer.measure_version):
        raise VersionNotOffered(f"Version {offer.measure_version} of this measure was offered.")
    audit.record(tx, scope, "checkin.entered", about=[offer.client_id], fields=["answers"], now=now)
    if offer.side is Side.THERAPIST:
        return _enter_impression(tx, course, offer, entry, opened=opened_client_answers, scope=scope, now=now)
    return _enter_for_client(tx, course, offer, entry, channel or Channel.PAPER, scope=scope, now=now)


def enter_for_session(
    tx: Tx,
    client_id: UUID,
    appointment_id: UUID,
    measure_id: str,
    measure_version: int,
    entry: Entry,
    *,
    channel: Channel,
    scope: Scope,
    now: datetime,
) -> Received:
    """
    Staff enter a client's form about a session for which it was not offered; an offer that is there is used.

    Raises:
        ClientUnknown, MeasureUnknown, VersionNotOffered, AlreadyReceived, AnswersRefused, TotalsRefused.
        SessionUnknown: no such hour of this client, or one that was missed, called off or is not near yet; the
            session form also about an hour with a stand-in.
        ConsentMissing: the client does not wish to fill in forms.
    """
    people.lock_client(tx, client_id)
    if not people.is_known(tx, scope, client_id):
        raise ClientUnknown("There is no such client.")
    measure = definitions.measure(measure_id, measure_version)
    if measure.side is not Side.CLIENT or not measure.is_usable:
        raise MeasureUnknown("This is no form of the client's, or too little is known of it to enter anything.")
    hour = sessions.appointment_of(tx, scope, appointment_id)
    if hour is None or hour.client_id != client_id or hour.status not in ("held", "booked"):
        raise SessionUnknown("There is no such session of this client, or it did not take place.")
    if measure.construct is Construct.ALLIANCE and _with_a_stand_in(tx, hour):
        raise SessionUnknown("This hour was with a stand-in; it is no part of the work with their therapist.")
    early = BEFORE_AT_THE_EARLIEST if measure.moment is Moment.BEFORE else timedelta(0)
    if hour.starts_at - early > now:
        raise SessionUnknown("This session is still too far away: answers would not be about it.")
    _refuse_without_consent(tx, client_id)
    audit.record(tx, scope, "checkin.entered", about=[client_id], fields=["answers"], now=now)
    made = offer_one(tx, hour, measure, PlanEntry(measure_id, way=Way.PAPER), now=now)
    found = made or offers.offer_about(tx, scope, appointment_id, Side.CLIENT, measure_id)
    assert found is not None  # made now, or in the way a moment ago, and the client is locked
    course, offer = lock_with_course(tx, found.id, scope)
    if offer.measure_version != measure_version:
        raise VersionNotOffered(f"Version {offer.measure_version} of this measure was offered.")
    return _enter_for_client(tx, course, offer, entry, channel, scope=scope, now=now)


def _refuse_without_consent(tx: Tx, client_id: UUID) -> None:
    if not people.consents(tx, THIS_SERVICE, client_id, CONSENT):
        raise ConsentMissing("This client does not wish to fill in forms.")


def _with_a_stand_in(tx: Tx, hour: Appointment) -> bool:
    pair = people.pair_at(tx, THIS_SERVICE, hour.client_id, hour.practitioner_id, hour.starts_at)
    return pair is Pair.STRANGERS


def _enter_impression(
    tx: Tx, course: Course, offer: Offer, entry: Entry, *, opened: bool, scope: Scope, now: datetime
) -> Received:
    if not scope.is_system and scope.actor != offer.practitioner_id:
        raise NotYourImpression("Only the therapist of the session can give their impression of it.")
    blind = not opened and not checkins.answers_were_opened(tx, scope, offer)
    return record(tx, course, offer, entry, channel=Channel.PORTAL, blind=blind, by=scope.actor, now=now)


def _enter_for_client(
    tx: Tx, course: Course, offer: Offer, entry: Entry, channel: Channel, *, scope: Scope, now: datetime
) -> Received:
    offer = replace(offer, wish_id=offers.bind_wish(tx, offer.id, course.id, offer.appointment_id))
    entry = as_on_paper(measure_asked(offer), entry)
    return record(tx, course, offer, entry, channel=channel, by=scope.actor, now=now)
