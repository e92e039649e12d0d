"""From a Scope to the condition of a query: whose diaries the asker sees."""

from typing import Any
from uuid import UUID

from shared.scope import Scope

SEES_ALL = ("front_desk", "manager", "clinical_lead", "system")


def sees_all(scope: Scope) -> bool:
    """Tell whether all diaries are open to the asker."""
    return scope.has(*SEES_ALL)


def keeps_diary(scope: Scope, practitioner_id: UUID) -> bool:
    """Tell whether the asker may book and move in this diary: the desk in all, therapists in their own."""
    return sees_all(scope) or (scope.has("therapist") and scope.actor == practitioner_id)


def seen_by(scope: Scope) -> dict[str, Any]:
    """
    Parameters of every query on appointments.

    They belong to the condition `(%(sees_all)s OR practitioner_id = %(diary_of)s)`;
    for somebody who is neither, it is never true.
    """
    return {"sees_all": sees_all(scope), "diary_of": scope.actor if scope.has("therapist") else None}
