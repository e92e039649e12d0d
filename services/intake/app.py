"""How intake is put together."""

from services.intake.client_file.api import STATUS, v1
from services.intake.consumers import HEARS
from shared.service import Service

_PORTAL = frozenset({"front_desk", "therapist", "supervisor", "clinical_lead", "manager"})

SERVICE = Service(
    name="intake",
    title="Rapport intake",
    api=v1,
    errors=STATUS,
    migrations="services.intake.migrations",
    hears=HEARS,
    trusts={"portal": _PORTAL, "operator": frozenset({"operator", "integrator"})},
)
