"""Why a wish about an hour is refused; every message is a sentence that says what to do, and names nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """The hour that is in the way, where the asker may see it: UTC, and the wall time that was agreed in `zone`."""

    starts_at: datetime
    ends_at: datetime
    local_start: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Something the wished hour needs is taken: `kind` is "practitioner", "client" or "room"."""

    kind: str
    by: Seen | None = None

    def sentence(self) -> str:
        """Say what is taken and, if that may be seen, since when and for how long."""
        if self.by is None:
            return f"The {self.kind} is not free then."
        minutes = int((self.by.ends_at - self.by.starts_at).total_seconds() // 60)
        when = f"{self.by.local_start:%Y-%m-%d from %H:%M}"
        return f"The {self.kind} is taken on {when} for {minutes} minutes ({self.by.zone})."


@dataclass(frozen=True, slots=True)
class BlockedDate:
    """A date of a series that cannot be had, in local time, and why."""

    local_start: datetime
    clashes: tuple[Clash, ...]


class Refusal(Exception):
    """A rule of the clinic speaks against it; `errors` are the fields concerned, if any, each with a sentence."""

    def __init__(self, message: str, errors: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)


class FieldRefused(Refusal):
    """One field of what was asked cannot be used."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, [(field, message)])


class AppointmentUnknown(Refusal):
    """There is no such appointment, or it is not the asker's to see."""


class SeriesUnknown(Refusal):
    """There is no such series, or it is not the asker's to see."""


class ClientUnknown(FieldRefused):
    """Intake has not told of this client, or the asker has nothing to do with them."""


class PractitionerUnknown(FieldRefused):
    """No practitioner with this id keeps a diary here."""


class RoomUnknown(FieldRefused):
    """There is no such room."""


class ZoneUnknown(FieldRefused):
    """Not the name of a time zone in the IANA database."""


class TimeOutOfReach(FieldRefused):
    """The hour lies too far in the past or in the future."""


class MoveChangesNothing(FieldRefused):
    """The appointment is already then and there."""


class WaiverNeedsReason(FieldRefused):
    """A late cancellation can be waived, but not without saying why."""


class DetailDoesNotFit(FieldRefused):
    """A detail was given that belongs to another change of status."""


class LabelTaken(FieldRefused):
    """Another room has this label."""


class NotYourDiary(Refusal):
    """A therapist changes their own diary only."""


class ClientNotAllocated(Refusal):
    """Client and practitioner do not work together (any more, or yet)."""


class ChangeNotAllowed(Refusal):
    """The appointment's status does not lead there."""


class TooEarly(Refusal):
    """What is to be recorded cannot have happened yet."""


class NothingToUndo(Refusal):
    """The last change was made too long ago, or there was none."""


class ChangedMeanwhile(Refusal):
    """Somebody else changed the appointment since it was read."""


class SlotTaken(Refusal):
    """The hour overlaps another one of the same practitioner, client or room."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        self.clashes = tuple(clashes)
        kinds = " and ".join(sorted({clash.kind for clash in clashes})) or "practitioner, client or room"
        super().__init__(
            f"This hour is taken: {kinds}. Choose another time.",
            [(f"{clash.kind}_id", clash.sentence()) for clash in clashes],
        )


class SeriesBlocked(Refusal):
    """Some dates of a series cannot be had, so none was booked."""

    def __init__(self, blocked: Sequence[BlockedDate], *, weeks: int) -> None:
        self.blocked = tuple(blocked)
        skip = "" if len(blocked) >= weeks else ", or book the others with skip_conflicts"
        super().__init__(
            f"{len(blocked)} of {weeks} dates are taken, nothing was booked. Choose another time{skip}.",
            [
                (f"dates.{date.local_start:%Y-%m-%dT%H:%M}", clash.sentence())
                for date in blocked
                for clash in date.clashes
            ],
        )
