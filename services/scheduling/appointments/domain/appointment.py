"""One appointment and what can become of it: marked, taken back, moved. Each change is a new version."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.scheduling.appointments.domain.booking import Modality, MoveRequest, check_reach
from services.scheduling.appointments.domain.status import (
    ALLOWED,
    BLOCKING,
    CANCELLED,
    REASONS,
    UNSTATED,
    Attendance,
    Status,
    attendance_of,
    is_late,
)
from services.scheduling.resources.domain.refusals import FieldRefused, Refusal
from services.scheduling.resources.domain.resources import Resource
from services.scheduling.resources.domain.zones import end_of, to_instant, to_local

UNDO_WITHIN = timedelta(minutes=3)


class AppointmentUnknown(Refusal):
    """There is no such appointment, or it is not the asker's to see."""


class ChangedMeanwhile(Refusal):
    """Somebody else changed the appointment since it was read."""


class ChangeNotAllowed(Refusal):
    """The appointment's status does not lead there."""


class TooEarly(Refusal):
    """What is to be recorded cannot have happened yet."""


class NothingToUndo(Refusal):
    """The last change was made too long ago, or there was none."""


class MoveChangesNothing(FieldRefused):
    """The appointment is already then and there."""


class WaiverNeedsReason(FieldRefused):
    """A late cancellation can be waived, but not without saying why."""


class DetailDoesNotFit(FieldRefused):
    """A detail was given that belongs to another change of status."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """
    A time that client and practitioner agreed on for a session.

    `local_start` and `zone` are what was agreed; `starts_at` and `ends_at` (UTC, half-open)
    follow from them. `version` counts the changes, each of which is one event. `recurrence_id`
    is the local start that the series gave it; it stays when the date is moved (`detached`).
    `previous_status` is what `undo` leads back to, None when there is nothing to undo.
    """

    id: UUID
    version: int
    status: Status
    client_id: UUID
    practitioner_id: UUID
    room_id: UUID | None
    type_code: str
    modality: Modality
    starts_at: datetime
    ends_at: datetime
    local_start: datetime
    zone: str
    booked_at: datetime
    status_changed_at: datetime
    series_id: UUID | None = None
    recurrence_id: datetime | None = None
    detached: bool = False
    previous_status: Status | None = None
    reason_code: str | None = None
    late: bool = False
    late_waived: bool = False
    attendance_code: Attendance | None = None
    spoken_code: str | None = None

    @property
    def minutes(self) -> int:
        """Its length in real minutes."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def undo_until(self) -> datetime | None:
        """Until when the last change of status can be taken back, None when there is none."""
        return None if self.previous_status is None else self.status_changed_at + UNDO_WITHIN

    @property
    def blocks(self) -> bool:
        """Tell whether it keeps practitioner, client and room busy."""
        return self.status in BLOCKING

    @property
    def needs(self) -> list[Resource]:
        """Whom and what it keeps busy."""
        needed = [Resource("client", self.client_id), Resource("practitioner", self.practitioner_id)]
        return needed if self.room_id is None else [*needed, Resource("room", self.room_id)]


@dataclass(frozen=True, slots=True)
class Marking:
    """
    What somebody says became of an appointment.

    `to` is never LATE_CANCELLED: whether a client cancelled late is reckoned, not said;
    `waive_late` overrules it and needs a reason. `late_start` says the client came late
    but was seen.
    """

    to: Status
    reason_code: str | None = None
    waive_late: bool = False
    late_start: bool = False


def mark(appointment: Appointment, marking: Marking, *, now: datetime) -> Appointment:
    """
    Record what became of an appointment.

    Raises:
        ChangeNotAllowed: the table `ALLOWED` has no such step.
        TooEarly: held or missed before its start, or arrived before its day.
        WaiverNeedsReason, DetailDoesNotFit.
    """
    if marking.to not in ALLOWED[appointment.status] or marking.to is Status.LATE_CANCELLED:
        raise ChangeNotAllowed(f"An appointment that is {_said(appointment.status)} cannot become {_said(marking.to)}.")
    _check_details(marking)
    _check_time(appointment, marking.to, now)
    late = marking.to is Status.CLIENT_CANCELLED and is_late(appointment.starts_at, now)
    counts_as_late = late and not marking.waive_late
    status = Status.LATE_CANCELLED if counts_as_late else marking.to
    return replace(
        appointment,
        status=status,
        version=appointment.version + 1,
        previous_status=appointment.status,
        status_changed_at=now,
        reason_code=_reason(marking),
        late=counts_as_late,
        late_waived=late and marking.waive_late,
        attendance_code=attendance_of(status, came=appointment.status is Status.ARRIVED, late_start=marking.late_start),
    )


def undo(appointment: Appointment, *, now: datetime) -> Appointment:
    """Take the last change of status back; raises NothingToUndo later than three minutes after it."""
    if appointment.previous_status is None:
        raise NothingToUndo("There is no change of status to take back.")
    if now - appointment.status_changed_at > UNDO_WITHIN:
        raise NothingToUndo("The last change was made more than 3 minutes ago and cannot be taken back.")
    return replace(
        appointment,
        status=appointment.previous_status,
        version=appointment.version + 1,
        previous_status=None,
        status_changed_at=now,
        reason_code=None,
        late=False,
        late_waived=False,
        attendance_code=None,
    )


def move(appointment: Appointment, to: MoveRequest, *, now: datetime) -> Appointment:
    """
    Put an appointment somewhere else; it stays in the zone in which it was agreed.

    A date of a series is thereby detached: it keeps its place in the series by its
    `recurrence_id`, but no change to the whole touches it.

    Raises:
        ChangeNotAllowed: the client has come already, or the appointment is over or cancelled.
        MoveChangesNothing, TimeOutOfReach.
    """
    if appointment.status is not Status.BOOKED:
        raise ChangeNotAllowed(f"An appointment that is {_said(appointment.status)} cannot be moved; book a new one.")
    starts_at = to_instant(to.local_start, appointment.zone)
    moved = replace(
        appointment,
        local_start=to.local_start,
        starts_at=starts_at,
        ends_at=end_of(starts_at, to.minutes or appointment.minutes),
        room_id=appointment.room_id if to.keep_room else to.room_id,
    )
    if moved == appointment:
        raise MoveChangesNothing("local_start", "The appointment is already at this time and in this room.")
    check_reach(starts_at, now)
    return replace(
        moved, version=appointment.version + 1, detached=appointment.series_id is not None, previous_status=None
    )


def _check_details(marking: Marking) -> None:
    if marking.waive_late and marking.to is not Status.CLIENT_CANCELLED:
        raise DetailDoesNotFit("waive_late", "Only a client's cancellation can be late.")
    if marking.waive_late and not marking.reason_code:
        raise WaiverNeedsReason("reason_code", "Say why this late cancellation is waived.")
    if marking.late_start and marking.to is not Status.COMPLETED:
        raise DetailDoesNotFit("late_start", "Only an hour that was held can have begun late.")
    if marking.reason_code is not None and marking.to not in CANCELLED:
        raise DetailDoesNotFit("reason_code", "Only a cancellation has a reason.")
    if marking.reason_code is not None and marking.reason_code not in REASONS:
        raise DetailDoesNotFit("reason_code", f"Not a reason; the reasons are {', '.join(REASONS)}.")


def _check_time(appointment: Appointment, to: Status, now: datetime) -> None:
    if to in {Status.COMPLETED, Status.NO_SHOW} and now < appointment.starts_at:
        raise TooEarly("This hour has not begun yet; it can be marked from its start on.")
    if to is Status.ARRIVED and to_local(now, appointment.zone).date() < appointment.local_start.date():
        raise TooEarly("This appointment is not today; an arrival can be marked on its day.")


def _reason(marking: Marking) -> str | None:
    if marking.to not in CANCELLED:
        return None
    return marking.reason_code or UNSTATED["clinic" if marking.to is Status.CLINIC_CANCELLED else "client"]


def _said(status: Status) -> str:
    return status.value.replace("_", " ")
