"""Planning what is collected: for the clinic, and for one client."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.feedback.care.domain.clients import ClientUnknown
from services.feedback.care.store import clients as people
from services.feedback.care.store.visibility import THIS_SERVICE
from services.feedback.collection.commands.offers import offer_what_was_due
from services.feedback.collection.domain.plan import ClientPlan, Plan, PlanChanged, PlanEntry, PlanRefused, entry_faults
from services.feedback.collection.store import plans
from services.feedback.measures.store import definitions, wordings
from services.feedback.risk.domain.risk_answers import asks_about_hurting_oneself
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit


def set_plan(tx: Tx, plan: Plan, *, expected_version: int, scope: Scope, now: datetime) -> Plan:
    """
    Keep a new plan of the clinic; it counts for every session that forms are offered about from now on.

    Raises:
        PlanChanged, PlanRefused: a measure is not known here, stands twice, or has no
            wording that may be shown to a client.
    """
    known = plans.current_plan(tx, scope)
    if known.version != expected_version:
        raise PlanChanged(f"This is version {known.version} by now, not {expected_version}.")
    _refuse_faults(tx, plan.entries, "entries")
    plan = replace(plan, version=known.version + 1)
    audit.record(tx, scope, "plan.changed", about=[], fields=["entries"], now=now)
    if not plans.add_plan(tx, plan, entered_by=scope.actor, now=now):
        raise PlanChanged("Somebody changed the plan at the same moment.")
    return plan


def set_client_plan(
    tx: Tx, client_id: UUID, mine: ClientPlan, *, expected_version: int, scope: Scope, now: datetime
) -> ClientPlan:
    """
    Keep what one client's plan does differently; what it adds to a session that is near is offered at once.

    Raises:
        ClientUnknown, PlanChanged, PlanRefused.
    """
    people.lock_client(tx, client_id)
    known = plans.client_plan(tx, scope, client_id)
    if known is None:
        raise ClientUnknown("There is no such client.")
    if known.version != expected_version:
        raise PlanChanged(f"This is version {known.version} by now, not {expected_version}.")
    _refuse_faults(tx, mine.added, "added")
    mine = replace(mine, version=known.version + 1)
    audit.record(tx, scope, "client_plan.changed", about=[client_id], fields=["added", "left_out"], now=now)
    if not plans.add_client_plan(tx, client_id, mine, entered_by=scope.actor, now=now):
        raise PlanChanged("Somebody changed the plan at the same moment.")
    offer_what_was_due(tx, client_id, scope=THIS_SERVICE, now=now)
    return mine


def _refuse_faults(tx: Tx, entries: Sequence[PlanEntry], field: str) -> None:
    brought = wordings.worded_measures(tx, THIS_SERVICE)
    wording = {
        measure.id: measure.has_wording or (measure.id, measure.version) in brought
        for measure in definitions.measures().values()
        if measure.is_usable
    }
    known = definitions.measures().values()
    paper_only = {one.id for one in known if not asks_about_hurting_oneself(one.id, one.risk_items)}
    faults = entry_faults(entries, wording=wording, paper_only=paper_only)
    if faults:
        raise PlanRefused((name.replace("entries", field, 1), sentence) for name, sentence in faults)
