"""Who is with whom, from when on, and why it came to an end."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.people.domain.clients import ClientState, say_state, step
from services.intake.people.domain.refusals import refuse
from services.intake.referrals.domain.codes import ENDING_REASONS, NOT_ASSESSED, NOT_TAKEN_ON

# A session that was held rules out "not assessed"; on the waiting list nobody has been taken on yet.
ENDING_REASONS_FROM: dict[ClientState, frozenset[str]] = {
    ClientState.WAITING: NOT_TAKEN_ON,
    ClientState.ALLOCATED: frozenset(ENDING_REASONS),
    ClientState.IN_THERAPY: frozenset(ENDING_REASONS) - {NOT_ASSESSED},
}


@dataclass(frozen=True, slots=True)
class Allocation:
    """A client placed with a practitioner, from a moment on."""

    allocation_id: UUID
    client_id: UUID
    practitioner_id: UUID
    allocated_at: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """When and why care ended."""

    reason_code: str
    ended_at: datetime


class AlreadyAllocated(Exception):
    """The client is allocated to this very practitioner."""


def begins_therapy(allocation: Allocation | None, *, practitioner_id: UUID, held_at: datetime) -> bool:
    """
    Tell whether a session that was held is the beginning of this relationship.

    A session with somebody else (an assessment, a stand-in) is not, nor is one that was
    recorded before the two were placed together and is heard of late.
    """
    return (
        allocation is not None and allocation.practitioner_id == practitioner_id and held_at >= allocation.allocated_at
    )


def check_ending_reason(state: ClientState, code: str) -> str:
    """A known reason that fits where the client stands; raises StepNotAllowed, FieldsRefused."""
    step(state, ClientState.ENDED)
    if code not in ENDING_REASONS:
        raise refuse("reason_code", "is not a known reason for ending")
    if code not in ENDING_REASONS_FROM[state]:
        raise refuse("reason_code", f"does not fit a client who is {say_state(state)}")
    return code
