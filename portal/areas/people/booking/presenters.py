"""The booking form in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.clients.scheduling import Appointment, Practitioner, Room
from portal.clinic_time import wall, wall_day
from portal.kit.wording.times import day_and_hour, relative_day

USUAL_MINUTES = 50


@dataclass(frozen=True, slots=True)
class Slot:
    """A free start: what is sent and what is read."""

    local_start: str
    words: str
    relative: str


@dataclass(frozen=True, slots=True)
class AsLastTime:
    """What the form begins with: as last time, else a usual session in the room."""

    type_code: str = "individual"
    modality: str = "in_person"
    minutes: int = USUAL_MINUTES
    room_id: str = ""


def present_slots(starts: Sequence[str], today: date) -> list[Slot]:
    """Suggested starts, in the order in which scheduling prefers them."""
    return [Slot(s[:16], day_and_hour(wall(s)), relative_day(wall_day(s), today)) for s in starts]


def as_last_time(last: Appointment | None) -> AsLastTime:
    """Defaults from the client's last or next hour."""
    if last is None:
        return AsLastTime()
    return AsLastTime(last.type_code, last.modality, last.minutes, str(last.room_id) if last.room_id else "")


def practitioner_options(practitioners: Sequence[Practitioner], staff: Mapping[UUID, str]) -> list[tuple[str, str]]:
    """Whom one can book with, by name."""
    named = [(str(p.id), staff[p.id]) for p in practitioners if p.id in staff]
    return sorted(named, key=lambda option: option[1].casefold())


def room_options(rooms: Sequence[Room]) -> list[tuple[str, str]]:
    """All rooms, by label."""
    return sorted(((str(room.id), room.label) for room in rooms), key=lambda option: option[1].casefold())
