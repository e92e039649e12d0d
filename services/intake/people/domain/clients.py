"""
A client's way through the clinic, from the referral to the end of therapy.

Waiting is a state of the relationship like any other: it begins with our yes and ends
with an allocation, or with the person going elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


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
    # Allocated again: a change of therapist, after which the new relationship begins with its own first session.
    ClientState.ALLOCATED: frozenset({ClientState.ALLOCATED, ClientState.IN_THERAPY, ClientState.ENDED}),
    ClientState.IN_THERAPY: frozenset({ClientState.ALLOCATED, ClientState.ENDED}),
    ClientState.ENDED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Client:
    """
    A person in therapy, or on the way there, without their name.

    `version` counts the events published of them; `since` is when they entered their state.
    """

    client_id: UUID
    version: int
    spoken_code: str
    state: ClientState
    since: datetime
    registered_at: datetime
    practitioner_id: UUID | None


class ClientUnknown(Exception):
    """There is no such client, or not for the one who asks."""


class ChangedMeanwhile(Exception):
    """Somebody changed it since it was read; read it again and decide anew."""


class StepNotAllowed(Exception):
    """The client does not stand where this step begins."""


def step(was: ClientState, to: ClientState) -> ClientState:
    """The state after a step; raises StepNotAllowed."""
    if to not in ALLOWED[was]:
        raise StepNotAllowed(f"a client who is {say_state(was)} cannot become {say_state(to)}")
    return to


def say_state(state: ClientState) -> str:
    return state.replace("_", " ")


def check_version(was: int, expected: int | None) -> None:
    """Compare with the version that was read before; None asks for no check. Raises ChangedMeanwhile."""
    if expected is not None and was != expected:
        raise ChangedMeanwhile(f"this is version {was} by now, not {expected}")
