"""How intake is put together."""

from datetime import timedelta

from services.intake.allocation import api as allocation
from services.intake.client_file import api as client_file
from services.intake.consents import api as consents
from services.intake.consumers import HANDLERS
from services.intake.deputies import api as deputies
from services.intake.deputies.store import relations
from services.intake.people import api as people
from services.intake.referrals import api as referrals
from services.intake.routes import v1
from shared.security.audit.unusual import note_unusual
from shared.service import Job, Service

_APIS = (people, consents, referrals, allocation, deputies, client_file)
_PORTAL = frozenset({"front_desk", "therapist", "supervisor", "clinical_lead", "manager"})

SERVICE = Service(
    name="intake",
    title="Rapport intake",
    api=v1,
    errors={error: status for api in _APIS for error, status in api.ERRORS.items()},
    migrations="services.intake.migrations",
    handlers=HANDLERS,
    jobs=(Job("intake.note_unusual_access", timedelta(seconds=30), note_unusual),),
    relations=relations,
    trusts={"portal": _PORTAL, "operator": frozenset({"operator", "integrator"})},
)
