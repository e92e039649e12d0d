"""An hour in the calendar as a line of words; used wherever hours are listed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal import clinic_time
from portal.clients.scheduling import Appointment
from portal.kit.wording.codes import MODALITIES, TYPES, word
from portal.kit.wording.states import Tag, status_tag
from portal.kit.wording.times import day_and_hour, hour, hours, relative_day
from portal.names import Names, PersonLink

# What the desk does next, as (status, button) with the usual one first.
NEXT_STEPS: dict[str, tuple[tuple[str, str], ...]] = {
    "booked": (("arrived", "Arrived"), ("completed", "Took place"), ("no_show", "Did not come")),
    "arrived": (("completed", "Took place"), ("no_show", "Left before it began")),
}
CANCELLABLE = frozenset({"booked"})
GONE = frozenset({"no_show", "client_cancelled", "late_cancelled", "clinic_cancelled"})


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour; `over` once its time has passed, `gone` when it does not take place."""

    id: UUID
    version: int
    when: str
    start: str
    person: PersonLink
    therapist: str
    kind: str
    where: str
    tag: Tag
    looks: str
    steps: tuple[tuple[str, str], ...]
    may_cancel: bool
    may_undo: bool
    offer_id: UUID | None

    @property
    def about(self) -> str:
        """Which hour a button means, for those who hear the page."""
        return f"for {self.start}, {self.person.code}"


def local(appointment: Appointment) -> tuple[datetime, datetime]:
    """Start and end on the wall of the appointment's own zone."""
    zone = ZoneInfo(appointment.zone)
    return clinic_time.local(appointment.starts_at, zone), clinic_time.local(appointment.ends_at, zone)


def present_hour(
    appointment: Appointment,
    names: Names,
    *,
    staff: Mapping[UUID, str],
    rooms: Mapping[UUID, str],
    offers: Mapping[UUID, UUID],
    now: datetime,
) -> Hour:
    """
    Put an appointment into words.

    Args:
        appointment: As scheduling tells it.
        names: The page's look-up.
        staff: Names of practitioners.
        rooms: Labels of rooms.
        offers: Appointment -> open check-in of the client's side.
        now: Aware, UTC.
    """
    start, end = local(appointment)
    status = appointment.status
    room = rooms.get(appointment.room_id) if appointment.room_id else None
    is_over = appointment.ends_at <= now and status not in {"booked", "arrived"}
    looks = " ".join(word for word, is_so in (("over", is_over), ("gone", status in GONE)) if is_so)
    return Hour(
        id=appointment.id,
        version=appointment.version,
        when=hours(start, end),
        start=hour(start),
        person=names.person(appointment.client_id, appointment.spoken_code),
        therapist=staff.get(appointment.practitioner_id, "A colleague"),
        kind=word(TYPES, appointment.type_code),
        where=room or word(MODALITIES, appointment.modality).lower(),
        tag=status_tag(status),
        looks=looks,
        steps=NEXT_STEPS.get(status, ()),
        may_cancel=status in CANCELLABLE,
        may_undo=appointment.undo_until is not None and appointment.undo_until > now,
        offer_id=offers.get(appointment.id),
    )


def day_of(appointment: Appointment) -> date:
    """Its day, in its own zone."""
    return clinic_time.local_day(appointment.starts_at, ZoneInfo(appointment.zone))


def when_line(appointment: Appointment, today: date) -> str:
    """
    When an hour is, relative and absolute.

    Returns:
        For example "tomorrow, Tue 24 Nov, 15:00", on the wall of the appointment's zone.
    """
    start, _ = local(appointment)
    return f"{relative_day(day_of(appointment), today)}, {day_and_hour(start)}"
