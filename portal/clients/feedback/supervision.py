"""Asks the feedback service for supervision: who supervises whom, weekly packs, points agreed on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.clients.feedback.course import Episode, Sentence
from portal.clients.responses import read, read_all
from portal.clients.service_client import ServiceClient


@dataclass(frozen=True, slots=True)
class Supervision:
    """A supervisor and a therapist, at present."""

    supervisor_id: UUID
    practitioner_id: UUID


@dataclass(frozen=True, slots=True)
class SupervisionPoint:
    """Something that was agreed on."""

    code: str
    week: str
    noted_at: datetime
    text: str | None = None


@dataclass(frozen=True, slots=True)
class PackItem:
    """One client's place in a pack, by their spoken code."""

    section: str
    client_id: UUID
    spoken_code: str
    since: datetime
    sentences: tuple[Sentence, ...] = ()
    prompts: tuple[str, ...] = ()
    episode: Episode | None = None
    talked_about: bool | None = None
    wish: str | None = None
    points: tuple[SupervisionPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """One week of one therapist's work; `next_week` is missing while it has not begun."""

    practitioner_id: UUID
    week: str
    starts_on: date
    previous_week: str
    next_week: str | None = None
    items: tuple[PackItem, ...] = ()


class SupervisionClient:
    """The feedback service, asked for the purpose of supervision."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    def supervisions(self, practitioner_id: UUID | None = None) -> tuple[Supervision, ...]:
        """The present pairs, as far as they are the asker's to know."""
        return read_all(Supervision, self._service.get("/v1/supervisions", {"practitioner_id": practitioner_id}))

    def set_supervisors(self, practitioner_id: UUID, supervisor_ids: Iterable[UUID]) -> None:
        """These and no others from now on."""
        body = {"practitioner_id": practitioner_id, "supervisor_ids": supervisor_ids}
        self._service.put("/v1/supervisions", body)

    def pack(self, practitioner_id: UUID, week: str | None) -> Pack:
        """One week's pack, the present one where none is named."""
        wanted = {"practitioner_id": practitioner_id, "week": week}
        return read(Pack, self._service.get("/v1/supervision/packs", wanted))

    def note_point(self, practitioner_id: UUID, client_id: UUID, week: str, code: str, text: str, *, key: str) -> None:
        about = {"practitioner_id": practitioner_id, "client_id": client_id, "week": week}
        self._service.post("/v1/supervision/points", about | {"code": code, "text": text or None}, key=key)
