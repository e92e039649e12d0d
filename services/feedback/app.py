"""How feedback is put together."""

from services.feedback.api import STATUS, v1
from services.feedback.consumers import HEARS
from services.feedback.jobs import JOBS
from shared.service import Service

_PORTAL = frozenset({"front_desk", "therapist", "supervisor", "clinical_lead", "manager"})

SERVICE = Service(
    name="feedback",
    title="Rapport feedback",
    api=v1,
    errors=STATUS,
    migrations="services.feedback.migrations",
    hears=HEARS,
    jobs=JOBS,
    # The check-in app faces the internet: its tokens open forms and nothing else.
    trusts={
        "portal": _PORTAL,
        "checkin": frozenset({"checkin"}),
        "operator": frozenset({"operator", "integrator"}),
    },
)
