"""Who stands in for whom, as intake told of it."""

from datetime import datetime
from uuid import UUID

from shared.access import Rule
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


def relations(tx: Tx, scope: Scope, rule: Rule, now: datetime) -> Scope:
    """The scope of a request, with those whom the asker stands in for now."""

    def stands_for(actor: UUID) -> list[UUID]:
        found = tx.rows(
            "SELECT practitioner_id FROM deputy WHERE deputy_id = %s AND begins_at <= %s AND ends_at > %s",
            (actor, now, now),
        )
        return [row["practitioner_id"] for row in found]

    return with_relations(scope, rule, stands_for)
