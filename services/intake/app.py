"""How intake is put together."""

from services.intake.allocation import api as allocation
from services.intake.client_file import api as client_file
from services.intake.consents import api as consents
from services.intake.consumers import HANDLERS
from services.intake.people import api as people
from services.intake.referrals import api as referrals
from services.intake.routes import v1
from shared.service import Service

_APIS = (people, consents, referrals, allocation, client_file)
_PORTAL = frozenset({"front_desk", "therapist", "supervisor", "clinical_lead", "manager"})

SERVICE = Service(
    name="intake",
    title="Rapport intake",
    api=v1,
    errors={error: status for api in _APIS for error, status in api.ERRORS.items()},
    migrations="services.intake.migrations",
    handlers=HANDLERS,
    trusts={"portal": _PORTAL, "operator": frozenset({"operator", "integrator"})},
)
