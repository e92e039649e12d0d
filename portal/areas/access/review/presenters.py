"""What stood out, and emergencies, as the clinical lead and the manager read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.clients.trail import Finding
from portal.kit.wording.times import count, day_and_hour
from portal.kit.wording.trail import KINDS
from portal.security.emergency import CATEGORIES, OUTCOMES, EmergencyAccess


@dataclass(frozen=True, slots=True)
class FindingLine:
    """Something stood out, in one hour."""

    staff_id: UUID
    who: str
    what: str
    number: str
    when: str


@dataclass(frozen=True, slots=True)
class EmergencyLine:
    """One client that was opened, and what came of looking at it again; `reason` for the clinical lead alone."""

    id: UUID
    who: str
    code: str
    when: str
    what: str
    reason: str
    outcome: str
    is_own: bool


def present_findings(found: Iterable[Finding], names: Mapping[UUID, str], zone: ZoneInfo) -> list[FindingLine]:
    """The newest first; one line where several services noticed the same, with the greatest number."""
    most: dict[tuple[str, str, str], Finding] = {}
    for one in found:
        key = (one.hour.isoformat(), one.actor, one.kind)
        if key not in most or one.number > most[key].number:
            most[key] = one
    ids = {str(staff_id): staff_id for staff_id in names}
    return [
        FindingLine(
            staff_id=ids[one.actor],
            who=names[ids[one.actor]],
            what=KINDS.get(one.kind, one.kind),
            number=_number(one),
            when=day_and_hour(one.hour.astimezone(zone)),
        )
        for _, one in sorted(most.items(), reverse=True)
        if one.actor in ids
    ]


def _number(one: Finding) -> str:
    if one.kind == "many_people":
        return count(one.number, "person", "people")
    return count(one.number, "file" if one.kind == "export" else "page part")


def present_emergencies(
    found: Iterable[EmergencyAccess], names: Mapping[UUID, str], zone: ZoneInfo, *, viewer: UUID, sees_reason: bool
) -> list[EmergencyLine]:
    """In the order given."""
    return [
        EmergencyLine(
            id=one.id,
            who=names.get(one.staff_id, "A colleague"),
            code=one.spoken_code,
            when=f"{day_and_hour(one.opened_at.astimezone(zone))} to {one.ends_at.astimezone(zone):%H:%M}",
            what=CATEGORIES.get(one.category, one.category),
            reason=(one.reason or "") if sees_reason else "",
            outcome=OUTCOMES.get(one.outcome, one.outcome) if one.outcome else "",
            is_own=one.staff_id == viewer,
        )
        for one in found
    ]
