"""Who stands in for whom, as intake told of it."""

from datetime import datetime
from uuid import UUID

from shared.access import Rule
from shared.contracts import access
from shared.contracts.access import with_relations
from shared.database import Tx
from shared.scope import Scope


def keep_deputy(
    tx: Tx, *, deputising_id: UUID, practitioner_id: UUID, deputy_id: UUID, begins_at: datetime, ends_at: datetime
) -> None:
    """Keep that somebody stands in for a therapist; hearing it twice changes nothing."""
    tx.execute(
        "INSERT INTO deputy (deputising_id, practitioner_id, deputy_id, begins_at, ends_at)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (deputising_id, practitioner_id, deputy_id, begins_at, ends_at),
    )


def end_deputy(tx: Tx, *, deputising_id: UUID, ended_at: datetime) -> None:
    """Keep that it ended before its last day."""
    tx.execute(
        "UPDATE deputy SET ends_at = least(ends_at, %s) WHERE deputising_id = %s",
        (ended_at, deputising_id),
    )


# Whose rows a transaction sees, whatever its statements forget to ask; migrations/0017_row_policies.sql reads it.
# Only packs reach back to clients whose therapy has ended.
_CLIENTS = """
    WITH deputised AS (
      SELECT practitioner_id FROM deputy WHERE deputy_id = %(actor)s AND begins_at <= %(now)s AND ends_at > %(now)s),
    own AS (
      SELECT %(actor)s::uuid AS practitioner_id
      UNION SELECT practitioner_id FROM deputised
      UNION SELECT practitioner_id FROM supervision
             WHERE %(packs)s AND supervisor_id = %(actor)s AND until_at IS NULL)
    SELECT ARRAY(SELECT practitioner_id FROM deputised) AS stands_for,
           set_config('rapport.clients', (%(opened)s::uuid[] || ARRAY(
             SELECT a.client_id FROM allocation a JOIN own USING (practitioner_id)
              WHERE a.ended_at IS NULL OR %(packs)s AND a.end_reason = 'therapy_ended'))::text, true) AS clients"""
_PACKS = {access.PACKS, access.SUPERVISING}
_WHOLE_CLINIC = ("clinical_lead", "front_desk", "manager", "checkin")


def relations(tx: Tx, scope: Scope, rule: Rule, now: datetime) -> Scope:
    """
    The scope of a request, with those whom the asker stands in for now; its transaction is limited to their rows.

    Who works for the whole clinic, and the check-in app, which comes in by a handle, are limited by the
    conditions of the stores alone.
    """
    if scope.has(*_WHOLE_CLINIC):
        tx.see_everything()
    if scope.actor is None or not scope.has("therapist", "supervisor"):
        return with_relations(scope, rule, lambda _: ())
    opened = [scope.opened] if scope.opened and scope.purpose == access.EMERGENCY else []
    row = tx.row(_CLIENTS, {"actor": scope.actor, "now": now, "packs": rule in _PACKS, "opened": opened})
    assert row is not None
    return with_relations(scope, rule, lambda _: row["stands_for"])
