"""The life of an appointment as a table: which status may follow which, what each means, and why one is called off."""

from datetime import datetime, timedelta
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

# A missed appointment was kept free for the client, so it blocks as if it had been held.
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
        late_start: The session was held, but the client was late for it.
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


LATE_WITHIN = timedelta(hours=24)  # elapsed hours, so a change of the clocks makes nobody late

# Codes of http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason (CC0), those a
# psychotherapy clinic meets. The channel (by phone, by reminder) is not a reason and not in here.
REASONS: dict[str, str] = {
    "pat": "client unwell or busy",
    "pat-fb": "client feels better",
    "pat-lt": "no transport",
    "pat-mv": "client moved away",
    "pat-mt": "cover ended",
    "pat-ucp": "client unhappy with, or changed, therapist",
    "pat-swl": "client took an earlier hour",
    "pat-dec": "client died",
    "prov": "clinic cannot keep the hour",
    "prov-pers": "therapist ill or private",
    "prov-hosp": "therapist in hospital",
    "prov-edu": "therapist in training",
    "prov-dch": "therapy ended",
    "oth-room": "no room",
    "oth-int": "no interpreter",
    "oth-fin": "money",
    "oth-weath": "weather",
    "oth-err": "our mistake",
    "other": "other",
}

UNSTATED = {"client": "pat", "clinic": "prov"}  # the plainest code of each side, where no reason was given


def is_late(starts_at: datetime, cancelled_at: datetime) -> bool:
    """Tell whether a client cancels less than 24 elapsed hours before the appointment, or after it began."""
    return starts_at - cancelled_at < LATE_WITHIN
