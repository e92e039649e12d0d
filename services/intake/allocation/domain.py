"""Who is with whom."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Allocation:
    """A client placed with a practitioner, from a moment on."""

    allocation_id: UUID
    client_id: UUID
    practitioner_id: UUID
    allocated_at: datetime


def begins_therapy(allocation: Allocation | None, *, practitioner_id: UUID, held_at: datetime) -> bool:
    """
    Tell whether an hour that was held is the beginning of this relationship.

    An hour with somebody else (an assessment, a stand-in) is not, nor is one that was
    recorded before the two were placed together and is heard of late.
    """
    return (
        allocation is not None and allocation.practitioner_id == practitioner_id and held_at >= allocation.allocated_at
    )
