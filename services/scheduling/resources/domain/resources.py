"""Whom and what an appointment needs: practitioners, rooms, clients. Each is in one place at a time."""

from dataclasses import dataclass
from typing import Literal, NamedTuple
from uuid import UUID

from services.scheduling.resources.domain.refusals import FieldRefused

Kind = Literal["practitioner", "room", "client"]


class Resource(NamedTuple):
    """Somebody or something that can be busy."""

    kind: Kind
    id: UUID


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody who keeps a diary here; the id is a staff id, `zone` where their appointments are promised."""

    id: UUID
    zone: str


@dataclass(frozen=True, slots=True)
class Room:
    """A therapy room; the label is what stands on its door."""

    id: UUID
    label: str


class PractitionerUnknown(FieldRefused):
    """No practitioner with this id keeps a diary here."""


class RoomUnknown(FieldRefused):
    """There is no such room."""


class LabelTaken(FieldRefused):
    """Another room has this label."""
