"""Practitioners as scheduling announced them, who is with whom, and why care ended."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from services.intake.allocation.domain import Allocation, Ending
from services.intake.people.store.visibility import OPEN_TO, access
from shared.database import Tx
from shared.scope import Scope

_RUNNING: LiteralString = """
    SELECT a.allocation_id, a.client_id, a.practitioner_id, a.allocated_at
      FROM allocation a JOIN client c USING (client_id)
     WHERE a.client_id = %(client)s AND a.ended_at IS NULL AND """
_ENDING: LiteralString = """
    SELECT e.reason_code, e.ended_at FROM ending e JOIN client c USING (client_id)
     WHERE c.client_id = %(client)s AND """


def add_practitioner(tx: Tx, practitioner_id: UUID, *, added_at: datetime) -> None:
    """Keep a practitioner that scheduling told of; hearing of them again changes nothing."""
    tx.execute(
        "INSERT INTO practitioner (practitioner_id, added_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (practitioner_id, added_at),
    )


def practitioner_is_known(tx: Tx, scope: Scope, practitioner_id: UUID) -> bool:
    """Tell whether clients can be allocated to this practitioner; no scope hides a practitioner."""
    del scope
    return tx.row("SELECT 1 FROM practitioner WHERE practitioner_id = %s", (practitioner_id,)) is not None


def add_allocation(tx: Tx, allocation: Allocation) -> None:
    """Place a client with a practitioner; the earlier allocation must have been ended before."""
    tx.execute(
        "INSERT INTO allocation (allocation_id, client_id, practitioner_id, allocated_at) VALUES (%s, %s, %s, %s)",
        (allocation.allocation_id, allocation.client_id, allocation.practitioner_id, allocation.allocated_at),
    )


def end_allocation(tx: Tx, client_id: UUID, *, ended_at: datetime) -> None:
    """End a client's running allocation, if there is one."""
    tx.execute("UPDATE allocation SET ended_at = %s WHERE client_id = %s AND ended_at IS NULL", (ended_at, client_id))


def find_allocation(tx: Tx, scope: Scope, client_id: UUID) -> Allocation | None:
    return tx.row_as(Allocation, _RUNNING + OPEN_TO, {"client": client_id, **access(scope)})


def add_ending(tx: Tx, client_id: UUID, ending: Ending) -> None:
    tx.execute(
        "INSERT INTO ending (client_id, reason_code, ended_at) VALUES (%s, %s, %s)",
        (client_id, ending.reason_code, ending.ended_at),
    )


def find_ending(tx: Tx, scope: Scope, client_id: UUID) -> Ending | None:
    return tx.row_as(Ending, _ENDING + OPEN_TO, {"client": client_id, **access(scope)})
