"""Asks the feedback service for figures as files, for a reason."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.clients.responses import read
from portal.clients.service_client import ServiceClient


@dataclass(frozen=True, slots=True)
class ExportWanted:
    """What is asked for; the days are of sessions, both included."""

    reason: str
    first: date | None = None
    last: date | None = None
    client_id: UUID | None = None

    @property
    def query(self) -> dict[str, object]:
        return {
            "reason": self.reason,
            "from": self.first,
            "to": self.last,
            "client_id": self.client_id,
        }


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file and how many lines it would have."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class ExportAbout:
    """What an export holds, before it is fetched."""

    clients: int
    files: tuple[ExportFile, ...] = ()


class ExportsClient:
    """Exports, asked for on one person's behalf."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    def about(self, wanted: ExportWanted) -> ExportAbout:
        return read(ExportAbout, self._service.get("/v1/exports/about", wanted.query))

    def archive(self, wanted: ExportWanted) -> bytes:
        """All files in one ZIP archive."""
        return self._service.fetch("/v1/exports/export.zip", wanted.query)

    def fhir(self, client_id: UUID, reason: str) -> bytes:
        """One course as a FHIR bundle."""
        return self._service.fetch(f"/v1/clients/{client_id}/fhir", {"reason": reason})

    def copy(self, client_id: UUID, reason: str) -> bytes:
        """What the client wrote and shares, for the client."""
        return self._service.fetch(f"/v1/clients/{client_id}/copy", {"reason": reason})
