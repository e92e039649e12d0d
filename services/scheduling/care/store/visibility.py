"""From a Scope to the condition of a query: whose diaries the asker sees."""

from typing import Any
from uuid import UUID

from shared.scope import Scope

SEES_ALL = ("front_desk", "manager", "clinical_lead", "system")


def sees_all(scope: Scope) -> bool:
    """Tell whether all diaries are open to the asker."""
    return scope.has(*SEES_ALL)


def keeps_diary(scope: Scope, practitioner_id: UUID) -> bool:
    """Tell whether the asker books and moves in this diary: the desk in all, therapists in theirs, also as deputies."""
    return sees_all(scope) or (scope.has("therapist") and practitioner_id in scope.acts_for)


def seen_by(scope: Scope) -> dict[str, Any]:
    """
    Parameters of every query on appointments.

    They belong to the condition `(%(sees_all)s OR practitioner_id = ANY(%(diaries_of)s))`;
    for somebody who is neither, it is never true.
    """
    return {"sees_all": sees_all(scope), "diaries_of": scope.acts_for if scope.has("therapist") else []}
