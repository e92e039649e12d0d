"""A referral: somebody asks for help, for themselves or another, and the clinic decides."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.intake.people.domain.person import Person, person_as_kept
from services.intake.people.domain.refusals import FieldError, FieldsRefused, refuse
from services.intake.people.domain.writing import NotWritable, note_as_kept
from services.intake.referrals.domain.codes import NOT_TAKEN_ON, REFERRAL_SOURCES


class ReferralState(StrEnum):
    """Where a referral stands."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"


ALLOWED: dict[ReferralState, frozenset[ReferralState]] = {
    ReferralState.RECEIVED: frozenset({ReferralState.ACCEPTED, ReferralState.DECLINED}),
    ReferralState.ACCEPTED: frozenset(),  # who changes their mind ends the client's waiting, with its own reason
    ReferralState.DECLINED: frozenset(),  # asking again is a new referral
}


@dataclass(frozen=True, slots=True)
class NewReferral:
    """A referral as it comes in, with the person it is about."""

    client: Person
    source: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral on file; `note` is only there where it was asked for, and open to the one who asked."""

    referral_id: UUID
    version: int
    state: ReferralState
    client_id: UUID
    spoken_code: str
    source: str
    received_at: datetime
    decided_at: datetime | None = None
    reason_code: str | None = None
    note: str | None = None
    has_note: bool = False


class ReferralUnknown(Exception):
    """There is no such referral, or not for the one who asks."""


class ReferralDecided(Exception):
    """The referral was accepted or declined before."""


def decide(was: ReferralState, to: ReferralState) -> ReferralState:
    """The state after a decision; raises ReferralDecided."""
    if to not in ALLOWED[was]:
        raise ReferralDecided(f"this referral is {was} and cannot become {to}")
    return to


def referral_as_kept(new: NewReferral, *, today: date) -> NewReferral:
    """
    Check a whole referral, and give it back as it is to be stored.

    Raises:
        FieldsRefused: naming every field at fault, those of the person among them.
    """
    errors: list[FieldError] = []
    person, note = new.client, new.note
    try:
        person = person_as_kept(new.client, today=today)
    except FieldsRefused as refused:
        errors += refused.errors
    if new.source not in REFERRAL_SOURCES:
        errors.append(FieldError("source", "is not a known source of referral"))
    try:
        note = (note_as_kept(note) or None) if note else None
    except NotWritable as error:
        errors.append(FieldError("note", str(error)))
    if errors:
        raise FieldsRefused(errors)
    return NewReferral(person, new.source, note)


def check_decline_reason(code: str) -> str:
    """A reason fit for declining, which is one of those for people never taken on; raises FieldsRefused."""
    if code not in NOT_TAKEN_ON:
        raise refuse("reason_code", "is not a reason for declining a referral")
    return code
