"""Whether client and practitioner may have an hour together."""

from dataclasses import dataclass
from uuid import UUID

from services.scheduling.resources.domain.refusals import ClientNotAllocated, ClientUnknown, PractitionerUnknown


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody who keeps a diary here; the id is a staff id, `zone` where their hours are promised."""

    id: UUID
    zone: str


@dataclass(frozen=True, slots=True)
class Pair:
    """
    What is known of the two who are to meet.

    `client_known` is false also for a client with whom the asker has nothing to do:
    that somebody is in therapy here is itself private.
    """

    client_known: bool
    practitioner: Practitioner | None
    allocated: bool


def check_pair(pair: Pair) -> Practitioner:
    """The practitioner of a pair that works together; raises ClientUnknown, PractitionerUnknown, ClientNotAllocated."""
    if not pair.client_known:
        raise ClientUnknown("client_id", "No such client is known here. Register them first; that takes a few seconds.")
    if pair.practitioner is None:
        raise PractitionerUnknown("practitioner_id", "This person keeps no diary here. Let a manager add them first.")
    if not pair.allocated:
        raise ClientNotAllocated(
            "This client is not allocated to this practitioner. Allocate them first, then book.",
            [("practitioner_id", "The client is not allocated to this practitioner.")],
        )
    return pair.practitioner
