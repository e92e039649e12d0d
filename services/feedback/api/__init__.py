"""How others ask about check-ins and courses: feedback's API under /v1. Who may is the table of roles at each route."""

from services.feedback.alliance.api import courses, episodes, rules
from services.feedback.collection.api import checkins, forms, kiosks, offers, plan
from services.feedback.exports import api as exports
from services.feedback.measures import api as measures
from services.feedback.outcome import api as outcome
from services.feedback.reporting import api as clinic
from services.feedback.risk import api as risk
from services.feedback.risk import api_crisis as crisis
from services.feedback.routes import v1
from services.feedback.supervision import api as supervision
from services.feedback.worklists import api as reaching
from services.feedback.worklists import api_preparation as preparing

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
