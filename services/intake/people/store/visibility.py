"""Whose clients a scope opens: the condition that every read of client data carries."""

from typing import Any, LiteralString

from shared.scope import Scope

SEES_ALL_CLIENTS = ("front_desk", "manager", "clinical_lead")

# To be read with `client c` in the FROM clause. A therapist's right ends with the allocation.
OPEN_TO: LiteralString = """
    (%(sees_all)s OR c.client_id = %(opened)s::uuid OR EXISTS (
        SELECT 1 FROM allocation mine
         WHERE mine.client_id = c.client_id AND mine.practitioner_id = ANY(%(staff)s::uuid[])
           AND mine.ended_at IS NULL))
"""


def clinical(scope: Scope) -> dict[str, Any]:
    """The parameters of OPEN_TO for what is said of somebody's trouble: the desk and the manager are not among them."""
    return access(scope) | {"sees_all": scope.is_system or scope.has("clinical_lead")}


def access(scope: Scope) -> dict[str, Any]:
    """The parameters of OPEN_TO."""
    return {
        "sees_all": scope.is_system or scope.has(*SEES_ALL_CLIENTS),
        "staff": scope.acts_for if scope.has("therapist") else [],
        "opened": scope.opened,
    }
