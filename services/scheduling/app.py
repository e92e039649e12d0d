"""How scheduling is put together."""

from services.scheduling.appointments import api as appointments
from services.scheduling.availability import api as availability
from services.scheduling.care import api as care
from services.scheduling.care.store.deputies import relations
from services.scheduling.consumers import HANDLERS
from services.scheduling.jobs import JOBS
from services.scheduling.resources import api as resources
from services.scheduling.routes import v1
from services.scheduling.series import api as series
from shared.service import Service

_APIS = (resources, care, appointments, availability, series)
_STAFF = frozenset({"front_desk", "therapist", "supervisor", "clinical_lead", "manager"})

SERVICE = Service(
    name="scheduling",
    title="Rapport scheduling",
    api=v1,
    errors={error: status for api in _APIS for error, status in api.ERRORS.items()},
    migrations="services.scheduling.migrations",
    handlers=HANDLERS,
    jobs=JOBS,
    relations=relations,
    trusts={"portal": _STAFF, "operator": frozenset({"operator", "integrator"})},
)
