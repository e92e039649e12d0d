"""Whether client and practitioner may have an appointment together."""

from dataclasses import dataclass

from services.scheduling.resources.domain.refusals import FieldRefused, Refusal
from services.scheduling.resources.domain.resources import Practitioner, PractitionerUnknown


@dataclass(frozen=True, slots=True)
class Pair:
    """
    What is known of the two who are to meet.

    `client_known` is false also for a client with whom the asker has nothing to do:
    that somebody is in therapy here is itself private. `spoken_code` is None until
    intake has told it.
    """

    client_known: bool
    spoken_code: str | None
    practitioner: Practitioner | None
    allocated: bool


class ClientUnknown(FieldRefused):
    """Intake has not told of this client, or the asker has nothing to do with them."""


class ClientNotAllocated(Refusal):
    """Client and practitioner do not work together (any more, or yet)."""


class NotYourDiary(Refusal):
    """A therapist changes their own diary only."""


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
