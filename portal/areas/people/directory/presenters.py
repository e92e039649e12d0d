"""A list of people in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.clients.intake import ClientRow, Name
from portal.clients.scheduling import Neighbours
from portal.clinic_time import local_day
from portal.kit.components.hour import when_line
from portal.kit.wording.states import Tag, client_tag
from portal.kit.wording.times import ago
from portal.names import Names, PersonLink

# The tabs, by the state they ask intake for; the empty one asks for everybody.
STATES = {
    "in_therapy": "In therapy",
    "allocated": "About to begin",
    "waiting": "Waiting",
    "waiting_for_decision": "To be decided",
    "ended": "Ended",
    "": "Everybody",
}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line; what is not known stays empty."""

    person: PersonLink
    tag: Tag | None
    since: str
    therapist: str
    next: str


def present_clients(
    rows: Sequence[ClientRow],
    names: Names,
    *,
    staff: Mapping[UUID, str],
    neighbours: Mapping[UUID, Neighbours],
    now: datetime,
    zone: ZoneInfo,
) -> list[PersonRow]:
    return [
        PersonRow(
            person=names.person(row.client_id, row.spoken_code),
            tag=client_tag(row.state),
            since=ago(row.since, now, zone) if row.since else "",
            therapist=staff.get(row.practitioner_id, "A colleague") if row.practitioner_id else "",
            next=_next(neighbours.get(row.client_id), local_day(now, zone)),
        )
        for row in rows
    ]


def present_found(found: Sequence[Name], neighbours: Mapping[UUID, Neighbours], today: date) -> list[PersonRow]:
    """What a search found; it says nothing of states."""
    return [
        PersonRow(
            person=PersonLink(name.client_id, name.display_name, name.spoken_code),
            tag=None,
            since="",
            therapist="",
            next=_next(neighbours.get(name.client_id), today),
        )
        for name in found
    ]


def _next(neighbours: Neighbours | None, today: date) -> str:
    return when_line(neighbours.next, today) if neighbours and neighbours.next else ""
