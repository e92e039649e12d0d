"""
What the other services tell of people and hours, in whatever order it arrives.

Whatever may offer or take back a client's forms locks the client first: consents and hours
are heard by different workers, and a yes must not be acted on while a no is being kept.
"""

from datetime import datetime
from uuid import UUID

from services.feedback.alliance.commands.readings import reread_courses
from services.feedback.alliance.domain.courses import Appointment
from services.feedback.alliance.store import courses, sessions
from services.feedback.care.store import clients as people
from services.feedback.collection.commands.offers import (
    CONSENT,
    offer_after,
    offer_before,
    offer_what_was_due,
)
from services.feedback.collection.commands.withdrawals import move_offers, withdraw_consent, withdraw_offers
from services.feedback.collection.store import checkins
from shared.database import Tx
from shared.scope import Scope

# What becomes of the unanswered forms about an hour that comes to stand like this.
_WITHDRAWN_FOR = {"missed": "client_absent", "cancelled": "session_not_held"}


def keep_client(tx: Tx, client_id: UUID, spoken_code: str, registered_at: datetime) -> None:
    people.keep_client(tx, client_id, spoken_code, registered_at)


def record_consent(
    tx: Tx,
    client_id: UUID,
    purpose: str,
    state: str,
    recorded_at: datetime,
    *,
    sequence: int,
    scope: Scope,
    now: datetime,
) -> None:
    """A client said yes or no to one purpose; to forms, it counts at once."""
    people.lock_client(tx, client_id)
    newest = people.keep_consent(tx, client_id, purpose, state, recorded_at, sequence=sequence)
    if not newest or purpose != CONSENT:
        return
    if state == "given":
        offer_what_was_due(tx, client_id, scope=scope, now=now)
    else:
        withdraw_consent(tx, client_id, scope=scope, now=now)


def record_allocation(
    tx: Tx,
    client_id: UUID,
    allocation_id: UUID,
    practitioner_id: UUID,
    allocated_at: datetime,
    *,
    sequence: int,
    scope: Scope,
    now: datetime,
) -> None:
    """Somebody is somebody's client from now on; the work with the therapist before, if any, is over."""
    people.lock_client(tx, client_id)
    former = people.keep_allocation(tx, client_id, allocation_id, practitioner_id, allocated_at, sequence=sequence)
    for practitioner in former:
        _reread_pair(tx, client_id, practitioner, scope, now)
    offer_what_was_due(tx, client_id, scope=scope, now=now)


def record_ending(
    tx: Tx,
    client_id: UUID,
    allocation_id: UUID,
    practitioner_id: UUID,
    ended_at: datetime,
    *,
    sequence: int,
    scope: Scope,
    now: datetime,
) -> None:
    """A therapy ended; an episode that is still open ends with it, unrepaired."""
    people.lock_client(tx, client_id)
    people.end_allocation(tx, client_id, allocation_id, practitioner_id, ended_at, sequence=sequence)
    _reread_pair(tx, client_id, practitioner_id, scope, now)


def record_hour(
    tx: Tx,
    hour: Appointment,
    *,
    modality: str,
    status: str,
    late: bool = False,
    sequence: int,
    scope: Scope,
    now: datetime,
) -> None:
    """
    What became of an hour: booked, moved, missed or cancelled; held ones come by `record_session`.

    An hour that counted as held and no longer does (the tick was undone) leaves the
    course, and forms that nobody has answered are taken back.
    """
    people.lock_client(tx, hour.client_id)
    before = sessions.keep_appointment(tx, hour, modality=modality, status=status, late=late, sequence=sequence)
    if before is None:
        return
    if before.status == "held" or status in _WITHDRAWN_FOR:
        reason = _WITHDRAWN_FOR.get(status, "session_not_held")
        withdraw_offers(tx, hour.appointment_id, reason, scope=scope, now=now)
    if before.status == "held":
        _reread_pair(tx, hour.client_id, hour.practitioner_id, scope, now)
    if status == "booked":
        checkins.keep_back_until(tx, hour.appointment_id, hour.ends_at)
        move_offers(tx, hour, scope=scope, now=now)
        offer_before(tx, hour, scope=scope, now=now)


def record_session(tx: Tx, hour: Appointment, *, modality: str, sequence: int, scope: Scope, now: datetime) -> None:
    """A session took place: both sides are asked how it was."""
    people.lock_client(tx, hour.client_id)
    if sessions.keep_appointment(tx, hour, modality=modality, status="held", sequence=sequence) is not None:
        offer_after(tx, hour, scope=scope, now=now)


def _reread_pair(tx: Tx, client_id: UUID, practitioner_id: UUID, scope: Scope, now: datetime) -> None:
    found = courses.read_courses_of(tx, scope, client_id, practitioner_id)
    reread_courses(tx, found, scope=scope, now=now)
