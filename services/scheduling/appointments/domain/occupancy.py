"""What stands in the way of an appointment; and an independent check that nobody is in two places at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.scheduling.resources.domain.refusals import Refusal
from services.scheduling.resources.domain.resources import Kind

Interval = tuple[datetime, datetime]  # half-open, UTC


@dataclass(frozen=True, slots=True)
class Seen:
    """The appointment in the way, where the asker may see it: UTC, and the wall time that was agreed in `zone`."""

    starts_at: datetime
    ends_at: datetime
    local_start: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Somebody or something that an appointment needs is taken."""

    kind: Kind
    by: Seen | None = None

    def sentence(self) -> str:
        """Say what is taken and, if that may be seen, since when and for how long."""
        if self.by is None:
            return f"The {self.kind} is not free then."
        minutes = int((self.by.ends_at - self.by.starts_at).total_seconds() // 60)
        when = f"{self.by.local_start:%Y-%m-%d from %H:%M}"
        return f"The {self.kind} is taken on {when} for {minutes} minutes ({self.by.zone})."


class SlotTaken(Refusal):
    """The appointment overlaps another one of the same practitioner, client or room."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        self.clashes = tuple(clashes)
        kinds = " and ".join(sorted({clash.kind for clash in clashes})) or "practitioner, client or room"
        super().__init__(
            f"This hour is taken: {kinds}. Choose another time.",
            [(f"{clash.kind}_id", clash.sentence()) for clash in clashes],
        )


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
    so that a flaw in either shows. Appointments that merely touch do not overlap.
    """
    found = []
    running: list[Taken] = []
    for item in sorted(taken, key=lambda t: (t.resource_no, t.start, t.end)):
        running = [r for r in running if r.resource_no == item.resource_no and r.end > item.start]
        found += [(earlier, item) for earlier in running if item.end > item.start]
        if item.end > item.start:
            running.append(item)
    return found
