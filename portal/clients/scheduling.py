"""Asks the scheduling service about hours, rooms and practitioners."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from portal.clients.responses import read, read_all
from portal.clients.service_client import ServiceClient


@dataclass(frozen=True, slots=True)
class Appointment:
    """An hour in the calendar. `local_start` is wall time in `zone`; `starts_at` and `ends_at` are UTC."""

    id: UUID
    version: int
    status: str
    client_id: UUID
    practitioner_id: UUID
    type_code: str
    modality: str
    starts_at: datetime
    ends_at: datetime
    local_start: str
    zone: str
    spoken_code: str | None = None
    room_id: UUID | None = None
    series_id: UUID | None = None
    undo_until: datetime | None = None

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The next and the last hour of one client."""

    client_id: UUID
    next: Appointment | None = None
    last: Appointment | None = None


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody whose hours can be booked; their name is the portal's to know."""

    id: UUID
    zone: str


@dataclass(frozen=True, slots=True)
class Room:
    """A therapy room."""

    id: UUID
    label: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A free start, in the practitioner's wall time."""

    local_start: str


@dataclass(frozen=True, slots=True)
class NewAppointment:
    """What the desk fills in to book an hour; `weeks` above 1 asks for a weekly series."""

    client_id: UUID
    practitioner_id: UUID
    type_code: str
    modality: str
    local_start: str
    minutes: int
    room_id: UUID | None = None
    weeks: int = 1


class SchedulingClient:
    """The scheduling service, asked on one person's behalf."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    def appointments(
        self, start: datetime, end: datetime, *, practitioner_id: UUID | None = None, client_id: UUID | None = None
    ) -> tuple[Appointment, ...]:
        """All hours that begin in [start, end), in order of time; follows the pages."""
        asked = {
            "from": start.isoformat().replace("+00:00", "Z"),
            "to": end.isoformat().replace("+00:00", "Z"),
            "practitioner_id": practitioner_id,
            "client_id": client_id,
        }
        return self._service.get_all(Appointment, "/v1/appointments", asked)

    def appointment(self, appointment_id: UUID) -> Appointment:
        return read(Appointment, self._service.get(f"/v1/appointments/{appointment_id}"))

    def neighbours(self, client_ids: list[UUID]) -> dict[UUID, Neighbours]:
        """Next and last hours of up to 200 clients, in one request."""
        if not client_ids:
            return {}
        answer = self._service.look_up("/v1/appointments/next", {"client_ids": client_ids})
        return {n.client_id: n for n in read_all(Neighbours, answer)}

    def practitioners(self) -> tuple[Practitioner, ...]:
        """Everybody whose hours can be booked."""
        return read_all(Practitioner, self._service.get("/v1/practitioners"))

    def rooms(self) -> tuple[Room, ...]:
        return read_all(Room, self._service.get("/v1/rooms"))

    def suggestions(self, client_id: UUID, practitioner_id: UUID) -> tuple[str, ...]:
        """Up to five free starts, the usual hour first, as wall time."""
        asked = {"client_id": client_id, "practitioner_id": practitioner_id}
        return tuple(s.local_start for s in read_all(Suggestion, self._service.get("/v1/suggestions", asked)))

    def book(self, new: NewAppointment, *, key: str) -> None:
        """Book one hour, or a weekly series as a whole."""
        body = asdict(new)
        weeks = body.pop("weeks")
        if weeks > 1:
            self._service.post("/v1/series", body | {"weeks": weeks}, key=key)
        else:
            self._service.post("/v1/appointments", body, key=key)

    def change_status(self, appointment_id: UUID, to: str, *, version: int, reason_code: str | None = None) -> None:
        """Mark an hour: arrived, completed, no_show, client_cancelled or clinic_cancelled."""
        body = {"to": to} | ({"reason_code": reason_code} if reason_code else {})
        self._service.post(f"/v1/appointments/{appointment_id}/status", body, version=version)

    def move(self, appointment_id: UUID, local_start: str, *, version: int) -> None:
        """Move an hour to another start, as wall time of its own zone; length and room stay."""
        self._service.post(f"/v1/appointments/{appointment_id}/move", {"local_start": local_start}, version=version)

    def add_room(self, label: str, *, key: str) -> None:
        """A therapy room, by what stands on its door."""
        self._service.post("/v1/rooms", {"label": label}, key=key)

    def undo(self, appointment_id: UUID, *, version: int) -> None:
        self._service.post(f"/v1/appointments/{appointment_id}/undo", {}, version=version)

    def put_practitioner(self, practitioner_id: UUID, zone: str) -> None:
        self._service.put(f"/v1/practitioners/{practitioner_id}", {"zone": zone})
