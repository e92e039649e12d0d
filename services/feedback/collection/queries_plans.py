"""Plans as they stand."""

from datetime import datetime
from uuid import UUID

from services.feedback.collection.domain.plan import ClientPlan, Plan
from services.feedback.collection.store import plans
from services.feedback.domain.refusals import ClientUnknown
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit


def plan(tx: Tx, *, scope: Scope) -> Plan:
    """The clinic's plan."""
    return plans.current_plan(tx, scope)


def client_plan(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> ClientPlan:
    """What one client's plan does differently; raises ClientUnknown."""
    found = plans.client_plan(tx, scope, client_id)
    if found is None:
        raise ClientUnknown("There is no such client.")
    audit.record(tx, scope, "client_plan.read", about=[client_id], fields=["added", "left_out"], now=now)
    return found
