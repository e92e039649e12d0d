"""An independent check that nobody and nothing is in two places at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Taken:
    """A resource is kept busy by an appointment; seconds since 1970, half-open: the end is free again."""

    resource_no: int
    appointment_id: UUID
    start: float
    end: float


def find_overlaps(taken: Iterable[Taken]) -> list[tuple[Taken, Taken]]:
    """
    All pairs that overlap on one resource; a sweep over the starts in time order.

    It knows nothing of the database's constraint and shares no code with the booking,
    so that a flaw in either shows. Hours that merely touch do not overlap.
    """
    found = []
    running: list[Taken] = []
    for item in sorted(taken, key=lambda t: (t.resource_no, t.start, t.end)):
        running = [r for r in running if r.resource_no == item.resource_no and r.end > item.start]
        found += [(earlier, item) for earlier in running if item.end > item.start]
        if item.end > item.start:
            running.append(item)
    return found
