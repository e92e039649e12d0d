"""Plans: every version is kept, the newest counts."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.feedback.care.store.clients import is_known
from services.feedback.collection.domain.plan import ClientPlan, Plan, PlanEntry, Way
from services.feedback.measures.domain import Rhythm
from services.feedback.measures.store.definitions import CLIENT_FORM, THERAPIST_FORM
from shared.database import Tx
from shared.scope import Scope

# What a clinic begins with: both sides are asked about every session, and nothing else is collected.
FIRST_PLAN = Plan(entries=(PlanEntry(CLIENT_FORM), PlanEntry(THERAPIST_FORM)))


def current_plan(tx: Tx, scope: Scope) -> Plan:
    """The clinic's plan; open to everybody who has any role."""
    row = tx.row(
        "SELECT version, entries, reminders, risk_due_hours FROM plan WHERE %s ORDER BY version DESC LIMIT 1",
        (bool(scope.roles),),
    )
    return FIRST_PLAN if row is None else Plan(**row | {"entries": _entries(row["entries"])})


def add_plan(tx: Tx, plan: Plan, *, entered_by: UUID | None, now: datetime) -> bool:
    """Keep a new version of the clinic's plan; False when somebody else has just made that version."""
    return (
        tx.execute(
            "INSERT INTO plan (version, entries, reminders, risk_due_hours, entered_at, entered_by) "
            "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (version) DO NOTHING",
            (
                plan.version,
                Jsonb([asdict(entry) for entry in plan.entries]),
                plan.reminders,
                plan.risk_due_hours,
                now,
                entered_by,
            ),
        )
        > 0
    )


def client_plan(tx: Tx, scope: Scope, client_id: UUID) -> ClientPlan | None:
    """What this client's plan does differently; None when the scope does not open this client."""
    if not scope.is_system and not is_known(tx, scope, client_id):
        return None
    row = tx.row(
        "SELECT version, added, left_out, last_session_on FROM client_plan WHERE client_id = %s "
        "ORDER BY version DESC LIMIT 1",
        (client_id,),
    )
    if row is None:
        return ClientPlan()
    return ClientPlan(**row | {"added": _entries(row["added"]), "left_out": frozenset(row["left_out"])})


def add_client_plan(tx: Tx, client_id: UUID, mine: ClientPlan, *, entered_by: UUID | None, now: datetime) -> bool:
    """Keep a new version of a client's plan; False when somebody else has just made that version."""
    return (
        tx.execute(
            "INSERT INTO client_plan (client_id, version, added, left_out, last_session_on, entered_at, entered_by) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (client_id, version) DO NOTHING",
            (
                client_id,
                mine.version,
                Jsonb([asdict(entry) for entry in mine.added]),
                sorted(mine.left_out),
                mine.last_session_on,
                now,
                entered_by,
            ),
        )
        > 0
    )


def _entries(kept: list[dict[str, Any]]) -> tuple[PlanEntry, ...]:
    return tuple(PlanEntry(**entry | {"rhythm": Rhythm(entry["rhythm"]), "way": Way(entry["way"])}) for entry in kept)
