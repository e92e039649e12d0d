"""
Entries of the trail, and how a request leaves one.

They are written at the end of the transaction that serves the read, together with its
COMMIT. If they cannot be written, the transaction fails and the read is refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from shared.database.tx import Row, Tx
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail; `fields` are names of fields, never values."""

    at: datetime
    actor: str
    roles: tuple[str, ...]
    purpose: str
    source: str
    action: str
    about: tuple[UUID, ...]
    fields: tuple[str, ...]
    trace_id: str


def record(
    tx: Tx, scope: Scope, action: str, *, about: Iterable[UUID], fields: Sequence[str] = (), now: datetime
) -> None:
    """Note what is being read or changed, in this transaction. `action` is like "client.read"."""
    tx.defer(
        "INSERT INTO audit_waiting (at, actor, roles, purpose, source, action, about, fields, trace_id) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s::uuid[], %s, %s)",
        (
            now.astimezone(UTC),
            str(scope.actor) if scope.actor else "system",
            sorted(scope.roles),
            scope.purpose,
            scope.source,
            action,
            list(about),
            list(fields),
            tx.trace.trace_id,
        ),
    )


def entry_of(row: Row) -> Entry:
    """An entry as its row holds it, waiting or chained."""
    return Entry(
        at=row["at"].astimezone(UTC),
        actor=row["actor"],
        roles=tuple(row["roles"]),
        purpose=row["purpose"],
        source=row["source"],
        action=row["action"],
        about=tuple(row["about"]),
        fields=tuple(row["fields"]),
        trace_id=row["trace_id"],
    )
