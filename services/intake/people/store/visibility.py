"""Whose clients a scope opens: the condition that every read of client data carries."""

from typing import LiteralString
from uuid import UUID

from shared.scope import Scope

SEES_ALL_CLIENTS = ("front_desk", "manager", "clinical_lead")

# To be read with `client c` in the FROM clause. A therapist's right ends with the allocation.
OPEN_TO: LiteralString = """
    (%(sees_all)s OR EXISTS (
        SELECT 1 FROM allocation mine
         WHERE mine.client_id = c.client_id AND mine.practitioner_id = %(staff)s AND mine.ended_at IS NULL))
"""


def access(scope: Scope) -> dict[str, bool | UUID | None]:
    """The parameters of OPEN_TO."""
    return {
        "sees_all": scope.is_system or scope.has(*SEES_ALL_CLIENTS),
        "staff": scope.actor if scope.has("therapist") else None,
    }
