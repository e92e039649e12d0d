"""The life of an appointment as a table: which status may follow which, and what each means to others."""

from enum import StrEnum


class Status(StrEnum):
    """Where an appointment stands. The words are those of the desk; FHIR and the NHS have their own (below)."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CLIENT_CANCELLED = "client_cancelled"
    LATE_CANCELLED = "late_cancelled"
    CLINIC_CANCELLED = "clinic_cancelled"


CANCELLED = frozenset({Status.CLIENT_CANCELLED, Status.LATE_CANCELLED, Status.CLINIC_CANCELLED})

ALLOWED: dict[Status, frozenset[Status]] = {
    Status.BOOKED: frozenset({Status.ARRIVED, Status.COMPLETED, Status.NO_SHOW, *CANCELLED}),
    Status.ARRIVED: frozenset({Status.COMPLETED, Status.NO_SHOW, Status.CLINIC_CANCELLED}),
    # The end states lead nowhere: what was ticked by mistake is undone, for a short while, in the open.
    Status.COMPLETED: frozenset(),
    Status.NO_SHOW: frozenset(),
    Status.CLIENT_CANCELLED: frozenset(),
    Status.LATE_CANCELLED: frozenset(),
    Status.CLINIC_CANCELLED: frozenset(),
}

# A change never lowers the rank; going back is `undo`, which others hear about.
RANK: dict[Status, int] = {
    Status.BOOKED: 1,
    Status.ARRIVED: 2,
    Status.COMPLETED: 4,
    Status.NO_SHOW: 4,
    Status.CLIENT_CANCELLED: 4,
    Status.LATE_CANCELLED: 4,
    Status.CLINIC_CANCELLED: 4,
}

# A missed hour was kept free for the client, so it blocks as if it had been held.
BLOCKING = frozenset(Status) - CANCELLED


class Attendance(StrEnum):
    """Attendance codes of the NHS Data Model and Dictionary (ATTENDED OR DID NOT ATTEND CODE)."""

    CLIENT_CANCELLED = "2"
    DID_NOT_ATTEND = "3"
    CLINIC_CANCELLED = "4"
    SEEN = "5"
    LATE_BUT_SEEN = "6"
    TOO_LATE_TO_BE_SEEN = "7"


def attendance_of(status: Status, *, came: bool, late_start: bool) -> Attendance | None:
    """
    The attendance code that a status amounts to, None while nothing is decided.

    Args:
        status: The status now.
        came: The client had arrived before; a no-show who came was too late to be seen.
        late_start: The hour was held, but the client was late for it.
    """
    match status:
        case Status.COMPLETED:
            return Attendance.LATE_BUT_SEEN if late_start else Attendance.SEEN
        case Status.NO_SHOW:
            return Attendance.TOO_LATE_TO_BE_SEEN if came else Attendance.DID_NOT_ATTEND
        case Status.CLIENT_CANCELLED | Status.LATE_CANCELLED:
            return Attendance.CLIENT_CANCELLED
        case Status.CLINIC_CANCELLED:
            return Attendance.CLINIC_CANCELLED
        case Status.BOOKED | Status.ARRIVED:
            return None
