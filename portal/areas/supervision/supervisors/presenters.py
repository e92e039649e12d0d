"""Therapists with their supervisors, by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from portal.clients.feedback.supervision import Supervision
from portal.security.accounts import Staff


@dataclass(frozen=True, slots=True)
class TherapistLine:
    """One therapist and who supervises them."""

    id: UUID
    name: str
    supervisors: str
    has_any: bool


def present_pairs(staff: Sequence[Staff], pairs: Iterable[Supervision]) -> list[TherapistLine]:
    """Every therapist with an open account, in the order given."""
    names = {one.id: one.display_name for one in staff}
    found: dict[UUID, list[str]] = {}
    for pair in pairs:
        found.setdefault(pair.practitioner_id, []).append(names.get(pair.supervisor_id, "A colleague"))
    return [
        TherapistLine(one.id, one.display_name, ", ".join(sorted(found.get(one.id, ["Nobody yet"]))), one.id in found)
        for one in staff
        if one.has("therapist") and one.is_active
    ]


def supervisor_boxes(staff: Sequence[Staff], therapist: UUID) -> list[tuple[str, str, str]]:
    """Whom to choose from: everybody in the role but the therapist, as triples for check boxes."""
    return [
        (f"supervisor_{one.id}", one.display_name, "")
        for one in staff
        if one.has("supervisor") and one.is_active and one.id != therapist
    ]
