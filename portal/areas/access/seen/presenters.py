"""Lines of the trail as people read them: one for each time somebody looked, newest first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.clients.trail import TrailEntry
from portal.kit.wording.times import day_and_hour
from portal.kit.wording.trail import action, purpose
from shared.contracts.access import EMERGENCY, ROLES


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at something, or changed it: everything that one page asked for."""

    when: str
    who: str
    role: str
    what: tuple[str, ...]
    why: str
    is_emergency: bool
    people: int


@dataclass(frozen=True, slots=True)
class Looks:
    """A part of the trail, and where the next one begins."""

    lines: list[Look]
    before: datetime | None


def actors(entries: Iterable[TrailEntry]) -> set[UUID]:
    """Whose names are needed."""
    found = set()
    for entry in entries:
        try:
            found.add(UUID(entry.actor))
        except ValueError:
            continue
    return found


def present_looks(
    entries: Sequence[TrailEntry], names: Mapping[UUID, str], zone: ZoneInfo, *, most: int, more: bool
) -> Looks:
    """
    The newest first, one line for each request of a person.

    Args:
        entries: Of all services, in any order.
        names: Of the staff.
        zone: The clinic's.
        most: Entries that are shown.
        more: There may be older ones in one of the services.
    """
    newest = sorted(entries, key=lambda entry: entry.at, reverse=True)[:most]
    requests: dict[tuple[str, str], list[TrailEntry]] = {}  # in the order of the newest entry of each
    for entry in newest:
        requests.setdefault((entry.trace_id, entry.actor), []).append(entry)
    lines = [_look(group, names, zone) for group in requests.values()]
    return Looks(lines, newest[-1].at if newest and (more or len(entries) > most) else None)


def _look(group: Sequence[TrailEntry], names: Mapping[UUID, str], zone: ZoneInfo) -> Look:
    first = group[0]
    who = next((name for staff_id, name in names.items() if str(staff_id) == first.actor), "The program")
    return Look(
        when=day_and_hour(first.at.astimezone(zone)),
        who=who,
        role=", ".join(ROLES.get(role, role) for role in first.roles),
        what=tuple(dict.fromkeys(action(entry.action, entry.fields) for entry in group)),
        why=purpose(first.purpose),
        is_emergency=first.purpose == EMERGENCY,
        people=max(entry.about_count for entry in group),
    )
