"""Who stands in for whom."""

from dataclasses import asdict
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from services.intake.deputies.domain import Deputising
from shared.access import Rule
from shared.contracts.access import with_relations
from shared.database import Tx
from shared.scope import Scope

_DEPUTY: LiteralString = (
    "SELECT deputising_id, version, practitioner_id, deputy_id, begins_at, ends_at, named_at FROM deputy"
    " WHERE (%(sees_all)s OR practitioner_id = %(actor)s OR deputy_id = %(actor)s)"
)


def add_deputising(tx: Tx, deputising: Deputising, *, by: UUID | None) -> None:
    """Keep who stands in for whom."""
    tx.execute(
        "INSERT INTO deputy (deputising_id, version, practitioner_id, deputy_id, begins_at, ends_at, named_at,"
        " named_by) VALUES (%(deputising_id)s, %(version)s, %(practitioner_id)s, %(deputy_id)s, %(begins_at)s,"
        " %(ends_at)s, %(named_at)s, %(by)s)",
        asdict(deputising) | {"by": by},
    )


def lock_deputising(tx: Tx, scope: Scope, deputising_id: UUID) -> Deputising | None:
    """One arrangement that the asker is part of (a clinical lead: any), held for this transaction."""
    return tx.row_as(
        Deputising,
        _DEPUTY + " AND deputising_id = %(id)s FOR UPDATE",
        {"id": deputising_id, **_asker(scope)},
    )


def end_deputising(tx: Tx, deputising: Deputising) -> None:
    """Keep that it ends at another moment than was agreed."""
    tx.execute(
        "UPDATE deputy SET version = %(version)s, ends_at = %(ends_at)s WHERE deputising_id = %(deputising_id)s",
        asdict(deputising),
    )


def deputisings(tx: Tx, scope: Scope, *, not_over_at: datetime) -> list[Deputising]:
    """What is going on or agreed for later, the next first."""
    return tx.rows_as(
        Deputising,
        _DEPUTY + " AND ends_at > %(moment)s ORDER BY begins_at, deputising_id",
        {"moment": not_over_at, **_asker(scope)},
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


def _asker(scope: Scope) -> dict[str, bool | UUID | None]:
    return {"sees_all": scope.is_system or scope.has("clinical_lead", "manager"), "actor": scope.actor}
