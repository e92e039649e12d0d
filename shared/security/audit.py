"""
Audit: who read or changed what about whom, when, and what for; chained by hash.

Entries are written at the very end of the transaction that serves the read, so that
the chain's head is locked for no longer than the commit. If they cannot be written,
the transaction fails and the read is refused.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.scope import Scope

if TYPE_CHECKING:
    from shared.database.tx import Row, Tx


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


class ChainBroken(Exception):
    """The trail was altered or cut; the message names the first number that does not fit."""


def record(
    tx: "Tx", scope: Scope, action: str, *, about: Iterable[UUID], fields: Sequence[str] = (), now: datetime
) -> None:
    """Note what is being read or changed, in this transaction. `action` is like "client.read"."""
    entry = Entry(
        at=now.astimezone(UTC),
        actor=str(scope.actor) if scope.actor else "system",
        roles=tuple(sorted(scope.roles)),
        purpose=scope.purpose,
        source=scope.source,
        action=action,
        about=tuple(about),
        fields=tuple(fields),
        trace_id=tx.trace.trace_id,
    )
    if not tx.audit_entries:
        tx.before_commit.append(_write)
    tx.audit_entries.append(entry)


def chain_hash(previous: bytes, no: int, entry: Entry) -> bytes:
    """SHA-256 over the hash before it and the canonical record; `no` makes a cut in the middle visible."""
    canonical = json.dumps(
        [
            no,
            entry.at.isoformat(),
            entry.actor,
            list(entry.roles),
            entry.purpose,
            entry.source,
            entry.action,
            [str(a) for a in entry.about],
            list(entry.fields),
            entry.trace_id,
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(previous + canonical.encode()).digest()


def verify(tx: "Tx") -> int:
    """
    Check the whole chain; returns its length.

    Raises:
        ChainBroken: an entry was changed, removed or moved, or the head does not match.
    """
    previous, no = b"\x00", 0
    head: Row | None = None
    for row in _all_rows(tx):
        no += 1
        head = {"no": row["head_no"], "hash": row["head_hash"]}
        if row["no"] != no or row["previous"] != previous or chain_hash(previous, no, _entry(row)) != row["hash"]:
            raise ChainBroken(f"audit entry {no} does not fit")
        previous = row["hash"]
    if head is None:
        head = tx.row("SELECT no, hash FROM audit_head")
    if head is None or head["no"] != no or head["hash"] != previous:
        raise ChainBroken(f"the trail ends at {no}, its head says otherwise")
    return no


def _write(tx: "Tx") -> None:
    head = tx.row("SELECT no, hash FROM audit_head FOR UPDATE")
    if head is None:
        raise ChainBroken("the trail has no head")
    no, previous = head["no"], head["hash"]
    rows: list[tuple[Any, ...]] = []
    for entry in tx.audit_entries:
        no += 1
        linked = chain_hash(previous, no, entry)
        rows.append(
            (
                no,
                entry.at,
                entry.actor,
                list(entry.roles),
                entry.purpose,
                entry.source,
                entry.action,
                list(entry.about),
                list(entry.fields),
                entry.trace_id,
                previous,
                linked,
            )
        )
        previous = linked
    tx.many(
        "INSERT INTO audit (no, at, actor, roles, purpose, source, action, about, fields, trace_id, previous, hash) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s::uuid[], %s, %s, %s, %s)",
        rows,
    )
    tx.execute("UPDATE audit_head SET no = %s, hash = %s", (no, previous))
    tx.audit_entries.clear()


def _entry(row: "Row") -> Entry:
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


def _all_rows(tx: "Tx") -> Iterator["Row"]:
    with tx.connection.cursor(name="audit_walk") as cursor:
        # The head comes from the same snapshot: entries written meanwhile must not look like a break.
        yield from cursor.execute(
            "SELECT *, (SELECT no FROM audit_head) AS head_no, (SELECT hash FROM audit_head) AS head_hash "
            "FROM audit ORDER BY no"
        )
