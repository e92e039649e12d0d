"""
A client's way through the clinic, from the referral to the end of therapy.

Waiting is a state of the relationship like any other: it begins with our yes and ends
with an allocation, or with the person going elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.intake.people.domain.codes import ENDING_REASONS, NOT_ASSESSED, NOT_TAKEN_ON
from services.intake.people.domain.refusals import refuse


class ClientState(StrEnum):
    """Where a client stands."""

    WAITING_FOR_DECISION = "waiting_for_decision"
    DECLINED = "declined"
    WAITING = "waiting"
    ALLOCATED = "allocated"
    IN_THERAPY = "in_therapy"
    ENDED = "ended"


ALLOWED: dict[ClientState, frozenset[ClientState]] = {
    ClientState.WAITING_FOR_DECISION: frozenset({ClientState.WAITING, ClientState.DECLINED}),
    ClientState.DECLINED: frozenset(),
    ClientState.WAITING: frozenset({ClientState.ALLOCATED, ClientState.ENDED}),
    # Allocated again: a change of therapist, after which the new relationship begins with its own first hour.
    ClientState.ALLOCATED: frozenset({ClientState.ALLOCATED, ClientState.IN_THERAPY, ClientState.ENDED}),
    ClientState.IN_THERAPY: frozenset({ClientState.ALLOCATED, ClientState.ENDED}),
    ClientState.ENDED: frozenset(),
}

# An hour that was held rules out "not assessed"; on the waiting list nobody has been taken on yet.
ENDING_REASONS_FROM: dict[ClientState, frozenset[str]] = {
    ClientState.WAITING: NOT_TAKEN_ON,
    ClientState.ALLOCATED: frozenset(ENDING_REASONS),
    ClientState.IN_THERAPY: frozenset(ENDING_REASONS) - {NOT_ASSESSED},
}


@dataclass(frozen=True, slots=True)
class Client:
    """
    A person in therapy, or on the way there, without their name.

    `version` counts the events told of them; `since` is when they entered their state.
    """

    client_id: UUID
    version: int
    spoken_code: str
    state: ClientState
    since: datetime
    registered_at: datetime
    practitioner_id: UUID | None


@dataclass(frozen=True, slots=True)
class Ending:
    """When and why care ended."""

    reason_code: str
    ended_at: datetime


class StepNotAllowed(Exception):
    """The client does not stand where this step begins."""


class AlreadyAllocated(Exception):
    """The client is allocated to this very practitioner."""


def step(was: ClientState, to: ClientState) -> ClientState:
    """The state after a step; raises StepNotAllowed."""
    if to not in ALLOWED[was]:
        raise StepNotAllowed(f"a client who is {_said(was)} cannot become {_said(to)}")
    return to


def check_ending_reason(state: ClientState, code: str) -> str:
    """A known reason that fits where the client stands; raises StepNotAllowed, FieldsRefused."""
    step(state, ClientState.ENDED)
    if code not in ENDING_REASONS:
        raise refuse("reason_code", "is not a known reason for ending")
    if code not in ENDING_REASONS_FROM[state]:
        raise refuse("reason_code", f"does not fit a client who is {_said(state)}")
    return code


def _said(state: ClientState) -> str:
    return state.replace("_", " ")
