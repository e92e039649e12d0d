"""What is heard of people and hours, in whatever order it arrives."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.commands.offering import (
    CONSENT,
    HeldHour,
    offer_forms,
    offer_recent_forms,
    withdraw_consent,
    withdraw_offers,
)
from services.feedback.commands.rereading import reread
from services.feedback.domain.measures import Side
from services.feedback.store import courses, definitions, hours, people
from shared.database import Tx
from shared.scope import Scope


def keep_client(tx: Tx, client_id: UUID, spoken_code: str, registered_at: datetime) -> None:
    """A client was registered."""
    people.keep_client(tx, client_id, spoken_code, registered_at)


def hear_consent(
    tx: Tx, client_id: UUID, purpose: str, state: str, recorded_at: datetime, *, scope: Scope, now: datetime
) -> None:
    """A client said yes or no to one purpose; to forms, it counts at once."""
    newest = people.keep_consent(tx, client_id, purpose, state, recorded_at)
    if not newest or purpose != CONSENT:
        return
    if state == "given":
        offer_recent_forms(tx, client_id, scope=scope, now=now)
    else:
        withdraw_consent(tx, client_id, scope=scope, now=now)


def hear_allocation(
    tx: Tx,
    client_id: UUID,
    allocation_id: UUID,
    practitioner_id: UUID,
    allocated_at: datetime,
    *,
    scope: Scope,
    now: datetime,
) -> None:
    """Somebody is somebody's client from now on; the work with the therapist before, if any, is over."""
    for former in people.keep_allocation(tx, client_id, allocation_id, practitioner_id, allocated_at):
        _reread_pair(tx, client_id, former, scope, now)
    offer_recent_forms(tx, client_id, scope=scope, now=now)


def hear_ending(
    tx: Tx,
    client_id: UUID,
    allocation_id: UUID,
    practitioner_id: UUID,
    ended_at: datetime,
    *,
    scope: Scope,
    now: datetime,
) -> None:
    """A therapy ended; an episode that is still open ends with it, unrepaired."""
    people.end_allocation(tx, client_id, allocation_id, practitioner_id, ended_at)
    _reread_pair(tx, client_id, practitioner_id, scope, now)


def hear_hour(tx: Tx, hour: dict[str, Any], *, status: str, sequence: int, scope: Scope, now: datetime) -> None:
    """
    What became of an hour: booked, missed or cancelled; held ones come by `hear_held`.

    An hour that counted as held and no longer does (the tick was undone) leaves the
    course, and forms that nobody has answered are taken back.
    """
    kept = hours.keep_hour(tx, hour, status=status, sequence=sequence)
    if kept is None or kept["was"] != "held":
        return
    course = _lock_pair(tx, hour["client_id"], hour["practitioner_id"], scope)
    withdraw_offers(tx, hour["appointment_id"], scope=scope, now=now)
    if course is not None:
        reread(tx, course, now=now)


def hear_held(tx: Tx, hour: HeldHour, *, modality: str | None, sequence: int, scope: Scope, now: datetime) -> None:
    """A session took place: both sides are asked how it was."""
    if hours.keep_hour(tx, {**asdict(hour), "modality": modality}, status="held", sequence=sequence) is not None:
        offer_forms(tx, hour, scope=scope, now=now)


def _reread_pair(tx: Tx, client_id: UUID, practitioner_id: UUID, scope: Scope, now: datetime) -> None:
    course = _lock_pair(tx, client_id, practitioner_id, scope)
    if course is not None:
        reread(tx, course, now=now)


def _lock_pair(tx: Tx, client_id: UUID, practitioner_id: UUID, scope: Scope) -> Any:
    measure_id = definitions.form_for(Side.CLIENT).id
    return courses.lock_course_of(tx, scope, client_id, practitioner_id, measure_id)
