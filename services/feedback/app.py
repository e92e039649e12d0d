"""How feedback is put together."""

from services.feedback.alliance.api import courses, episodes, rules
from services.feedback.care import api as care
from services.feedback.care.store.deputies import relations
from services.feedback.collection.api import checkins, forms, kiosks, offers, plan
from services.feedback.consumers import HANDLERS
from services.feedback.exports import api as exports
from services.feedback.jobs import JOBS
from services.feedback.measures import api as measures
from services.feedback.outcome import api as outcome
from services.feedback.reporting import api as reporting
from services.feedback.risk import api as risk
from services.feedback.routes import v1
from services.feedback.supervision import api as supervision
from services.feedback.worklists import api as worklists
from shared.service import Service

_APIS = (
    care,
    checkins,
    courses,
    episodes,
    exports,
    forms,
    kiosks,
    measures,
    offers,
    outcome,
    plan,
    reporting,
    risk,
    rules,
    supervision,
    worklists,
)
_PORTAL = frozenset({"front_desk", "therapist", "supervisor", "clinical_lead", "manager"})

SERVICE = Service(
    name="feedback",
    title="Rapport feedback",
    api=v1,
    errors={error: status for api in _APIS for error, status in api.ERRORS.items()},
    migrations="services.feedback.migrations",
    handlers=HANDLERS,
    jobs=JOBS,
    relations=relations,
    # The check-in app faces the internet: its tokens open forms and nothing else.
    trusts={
        "portal": _PORTAL,
        "checkin": frozenset({"checkin"}),
        "operator": frozenset({"operator", "integrator"}),
    },
)
