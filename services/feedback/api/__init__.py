"""How others ask about check-ins and courses: feedback's API under /v1. Who may is the table of roles at each route."""

from services.feedback.api import (
    checkins,
    clinic,
    courses,
    crisis,
    episodes,
    exports,
    forms,
    kiosks,
    measures,
    offers,
    outcome,
    plan,
    preparing,
    reaching,
    risk,
    rules,
    supervision,
)
from services.feedback.api.door import v1

_ROOMS = (
    courses,
    outcome,
    episodes,
    exports,
    offers,
    checkins,
    risk,
    measures,
    plan,
    kiosks,
    crisis,
    forms,
    preparing,
    reaching,
    rules,
    supervision,
    clinic,
)
STATUS: dict[type[Exception], int] = {error: status for room in _ROOMS for error, status in room.ERRORS.items()}

__all__ = ["STATUS", "v1"]
