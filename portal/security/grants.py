"""
Rights that take two people.

A manager makes accounts and so could make one for themselves that reads what clients said, or
become a colleague by resetting her password and her second step. So such a right waits for a
second person: another manager, or a clinical lead. Where there is none, it counts at once,
and everybody who sees clients is told; that notice nobody can take back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from portal.security.second_step import remove_all
from shared.contracts import access
from shared.database import Row, Tx
from shared.ids import uuid7

# What opens clients' records, and what gives such rights to others.
TAKES_TWO = access.RIGHTS_NOTICES.roles
MAY_CONFIRM = access.CONFIRMING_RIGHTS.roles
Kind = Literal["roles", "second_step_reset"]


class GrantUnknown(Exception):
    """No such request waits for this person: it does not exist, was decided, or is their own or about them."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One request: who asked what for whom, and what became of it."""

    id: UUID
    kind: Kind
    staff_id: UUID
    roles: tuple[str, ...]
    asked_by: UUID
    asked_at: datetime
    state: str
    decided_by: UUID | None
    decided_at: datetime | None


def ask(tx: Tx, kind: Kind, staff_id: UUID, roles: Iterable[str], *, asked_by: UUID, now: datetime) -> Grant:
    """
    Ask for roles, or for a reset; an earlier request of the kind for the same account is replaced.

    Returns:
        The request: "pending", or "alone" where nobody else could confirm it; then it has taken effect.
    """
    tx.execute(
        "UPDATE role_grant SET state = 'replaced', decided_by = %s, decided_at = %s "
        "WHERE staff_id = %s AND kind = %s AND state = 'pending'",
        (asked_by, now, staff_id, kind),
    )
    state = "pending" if _somebody_else_may_confirm(tx, asked_by, staff_id) else "alone"
    decided_at = now if state == "alone" else None
    grant = Grant(uuid7(), kind, staff_id, tuple(sorted(set(roles))), asked_by, now, state, None, decided_at)
    tx.execute(
        "INSERT INTO role_grant (id, kind, staff_id, roles, asked_by, asked_at, state, decided_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (grant.id, kind, staff_id, list(grant.roles), asked_by, now, state, decided_at),
    )
    if state == "alone":
        _take_effect(tx, grant, now)
    return grant


def withdraw(tx: Tx, staff_id: UUID, *, by: UUID, now: datetime) -> None:
    """What was asked for an account waits no more: it was given other roles since, or closed."""
    tx.execute(
        "UPDATE role_grant SET state = 'replaced', decided_by = %s, decided_at = %s "
        "WHERE staff_id = %s AND state = 'pending'",
        (by, now, staff_id),
    )


def decide(tx: Tx, grant_id: UUID, *, by: UUID, confirms: bool, now: datetime) -> Grant:
    """Confirm or refuse a request of somebody else about somebody else; raises GrantUnknown."""
    grant = waiting_for(tx, by, grant_id)
    tx.execute(
        "UPDATE role_grant SET state = %s, decided_by = %s, decided_at = %s WHERE id = %s",
        ("confirmed" if confirms else "refused", by, now, grant_id),
    )
    if confirms:
        _take_effect(tx, grant, now)
    return grant


def waiting_for(tx: Tx, by: UUID, grant_id: UUID) -> Grant:
    """A request that this person may decide, locked until the transaction ends; raises GrantUnknown."""
    row = tx.row(
        "SELECT g.* FROM role_grant g "
        "JOIN staff asker ON asker.id = g.asked_by JOIN staff whom ON whom.id = g.staff_id "
        "WHERE g.id = %s AND g.state = 'pending' AND g.asked_by <> %s AND g.staff_id <> %s "
        "AND asker.is_active AND 'manager' = ANY(asker.roles) AND whom.is_active FOR UPDATE OF g",
        (grant_id, by, by),
    )
    if row is None:
        raise GrantUnknown(f"no request {grant_id} waits for {by}")
    return _grant(row)


def pending(tx: Tx) -> list[Grant]:
    """All that wait, the oldest first."""
    return [_grant(row) for row in tx.rows("SELECT * FROM role_grant WHERE state = 'pending' ORDER BY id")]


def granted_alone(tx: Tx, since: datetime) -> list[Grant]:
    """What one person decided alone since then, the latest first."""
    rows = tx.rows("SELECT * FROM role_grant WHERE state = 'alone' AND decided_at >= %s ORDER BY id DESC", (since,))
    return [_grant(row) for row in rows]


def _somebody_else_may_confirm(tx: Tx, asker: UUID, about: UUID) -> bool:
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM staff WHERE is_active AND roles && %s AND id <> %s AND id <> %s)",
            (sorted(MAY_CONFIRM), asker, about),
        )
    )


def _take_effect(tx: Tx, grant: Grant, now: datetime) -> None:
    if grant.kind == "second_step_reset":
        remove_all(tx, grant.staff_id)
        return
    tx.execute(
        "UPDATE staff SET roles = ARRAY(SELECT DISTINCT role FROM unnest(roles || %s) AS role ORDER BY role), "
        "version = version + 1, updated_at = %s WHERE id = %s",
        (list(grant.roles), now, grant.staff_id),
    )


def _grant(row: Row) -> Grant:
    return Grant(
        row["id"],
        row["kind"],
        row["staff_id"],
        tuple(row["roles"]),
        row["asked_by"],
        row["asked_at"],
        row["state"],
        row["decided_by"],
        row["decided_at"],
    )
