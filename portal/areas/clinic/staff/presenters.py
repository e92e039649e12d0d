"""Accounts in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from portal.kit.wording.codes import word
from portal.kit.wording.states import Tag
from portal.security.accounts import Staff
from shared.contracts.access import ROLES

ROLE_NOTES = {
    "front_desk": "Calendar, referrals and contact. No answers, no readings.",
    "therapist": "Their own clients, with course and readings. Gets a diary.",
    "supervisor": "The weekly packs of those they supervise, by codes. No names, no caseloads.",
    "clinical_lead": "All clients with course and readings; brings clients and therapists together.",
    "manager": "As the front desk, and accounts. No readings.",
    "operator": "Keeps the machines running. Sees nobody.",
    "integrator": "Builds on events. Sees nobody.",
}
_OPEN, _CLOSED = Tag("Open", "ok", "ok"), Tag("Closed", "cancelled", "quiet")


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One account."""

    id: UUID
    name: str
    username: str
    roles: str
    tag: Tag
    is_active: bool
    is_self: bool


def present_staff(staff: Sequence[Staff], viewer: UUID) -> list[StaffLine]:
    return [
        StaffLine(
            id=one.id,
            name=one.display_name,
            username=one.username,
            roles=", ".join(word(ROLES, role) for role in one.roles),
            tag=_OPEN if one.is_active else _CLOSED,
            is_active=one.is_active,
            is_self=one.id == viewer,
        )
        for one in staff
    ]
