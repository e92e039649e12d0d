"""
What a scope opens here.

Clinical rows (totals, answers, readings, episodes, wishes): the client's present
therapist, and clinical leads. Desk rows (that a form is offered, and its state): these
and the front desk. The check-in app comes in by a handle alone, never by these.
"""

from typing import Any

from shared.scope import Scope

# Put after WHERE or AND; the row's table must be called t and have a client_id.
VISIBLE = """(%(sees_all)s OR EXISTS (
    SELECT 1 FROM allocation a
     WHERE a.client_id = t.client_id AND a.practitioner_id = %(sees_own)s::uuid AND a.ended_at IS NULL))"""


def clinical(scope: Scope) -> dict[str, Any]:
    """Parameters of VISIBLE for clinical rows."""
    return _params(scope, sees_all=scope.is_system or scope.has("clinical_lead"))


def desk(scope: Scope) -> dict[str, Any]:
    """Parameters of VISIBLE for rows that say only that a form is out."""
    return _params(scope, sees_all=scope.is_system or scope.has("clinical_lead", "front_desk"))


def may_open_forms(scope: Scope) -> bool:
    """True for the check-in app, and for this service's own work."""
    return scope.is_system or scope.has("checkin")


def _params(scope: Scope, *, sees_all: bool) -> dict[str, Any]:
    return {"sees_all": sees_all, "sees_own": scope.actor if scope.has("therapist") else None}
