"""How scheduling is put together."""

from services.scheduling.appointments.api import STATUS, v1
from services.scheduling.consumers import HEARS
from services.scheduling.jobs import JOBS
from shared.service import Service

_STAFF = frozenset({"front_desk", "therapist", "supervisor", "clinical_lead", "manager"})

SERVICE = Service(
    name="scheduling",
    title="Rapport scheduling",
    api=v1,
    errors=STATUS,
    migrations="services.scheduling.migrations",
    hears=HEARS,
    jobs=JOBS,
    trusts={"portal": _STAFF, "operator": frozenset({"operator", "integrator"})},
)
