"""Asks one service for its trail: who looked at a client, what a colleague looked at, what stood out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.clients.responses import read_all
from portal.clients.service_client import ServiceClient


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """Who, in which role, what for, and what: names of fields, never values. `actor` is a staff id."""

    at: datetime
    actor: str
    roles: tuple[str, ...]
    purpose: str
    action: str
    about_count: int
    fields: tuple[str, ...] = ()
    trace_id: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What stood out, in the hour that begins at `hour`."""

    actor: str
    kind: str
    hour: datetime
    number: int


class TrailClient:
    """The trail of one service, asked for on one person's behalf."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    def about(self, client_id: UUID, *, before: datetime | None, most: int) -> tuple[TrailEntry, ...]:
        """Who looked at a client, the newest first."""
        return read_all(TrailEntry, self._service.get(f"/v1/trail/about/{client_id}", _part(before, most)))

    def by(self, staff_id: UUID, *, before: datetime | None, most: int) -> tuple[TrailEntry, ...]:
        """What a colleague looked at, the newest first."""
        return read_all(TrailEntry, self._service.get(f"/v1/trail/by/{staff_id}", _part(before, most)))

    def unusual(self) -> tuple[Finding, ...]:
        """What stood out in the last 90 days."""
        return read_all(Finding, self._service.get("/v1/trail/unusual"))


def _part(before: datetime | None, most: int) -> dict[str, str | int | None]:
    return {"before": before.isoformat() if before else None, "most": most}
