"""
The rows of the parking place. Whoever appends to a key or drains it holds the key's row FOR UPDATE.

Any record can be parked, whatever its key, headers and size: a long key is known by its
digest, and of a record that is too large its place and digest are kept alone.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from shared.database.tx import Row, Tx
from shared.eventlog.interface import Record
from shared.parking.schedule import LONGEST_RETRY, is_due

State = Literal["queued", "retrying", "waiting", "done", "skipped"]
Key = tuple[str, bytes]  # topic, key
GAP = "SequenceGap"
LONGEST_KEY = 1024  # bytes; an index takes 2704 (PostgreSQL: a third of a page), ours are 36
LARGEST = 128 * 1024  # bytes of key, headers and value kept; twice what an event of ours may have


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an event is parked: the class of the error and its place, never a value of the event."""

    error_class: str
    error: str


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked event. Where it is not `whole`, its record has neither value nor headers: those lie on the log."""

    id: int
    record: Record
    state: State
    error_class: str | None
    attempts: int
    next_attempt_at: datetime | None
    digest: bytes = b""
    whole: bool = True

    def is_due(self, now: datetime) -> bool:
        """Tell whether it may be tried now, as far as the event itself is concerned."""
        return self.state == "queued" or is_due(self.next_attempt_at, now)


class Parking(Protocol):
    """What consumer and retries need of the parking place: this module is it, the simulation has another."""

    def lock_keys(self, tx: Tx, consumer: str, keys: Collection[Key]) -> set[Key]:
        """As below."""

    def lock_if_free(self, tx: Tx, consumer: str, key: Key) -> bool:
        """As below."""

    def append_behind(self, tx: Tx, consumer: str, records: Sequence[Record], *, now: datetime) -> None:
        """As below."""

    def park(
        self,
        tx: Tx,
        consumer: str,
        record: Record,
        fault: Fault,
        *,
        attempts: int,
        next_attempt_at: datetime | None,
        now: datetime,
    ) -> bool:
        """As below."""

    def failing_keys(self, tx: Tx, consumer: str) -> int:
        """As below."""

    def failing_events(self, tx: Tx, consumer: str) -> int:
        """As below."""

    def due_keys(self, tx: Tx, consumer: str, *, now: datetime, limit: int = 50) -> list[Key]:
        """As below."""

    def next_due(self, tx: Tx, consumer: str) -> datetime | None:
        """As below."""

    def due_without_key(self, tx: Tx, consumer: str, *, now: datetime) -> list[int]:
        """As below."""

    def open_events(self, tx: Tx, consumer: str, key: Key, *, limit: int = 500) -> list[Parked]:
        """As below."""

    def by_id(self, tx: Tx, event_id: int) -> Parked | None:
        """As below."""

    def failed_again(
        self, tx: Tx, event: Parked, fault: Fault, *, attempts: int, next_attempt_at: datetime | None
    ) -> None:
        """As below."""

    def resolve(
        self, tx: Tx, event: Parked, state: Literal["done", "skipped"], *, by: str, reason: str | None, now: datetime
    ) -> None:
        """As below."""

    def unpark_if_empty(self, tx: Tx, consumer: str, key: Key) -> None:
        """As below."""


def key_of(record: Record) -> Key:
    """What stands still when this record fails; an empty key stands for none."""
    key = record.key or b""
    return record.topic, key if len(key) <= LONGEST_KEY else b"sha256:" + hashlib.sha256(key).digest()


def digest_of(record: Record) -> bytes:
    """What tells a record from any other that may come to lie at the same place."""
    key, headers = record.key or b"", _headers(record).encode()
    lengths = f"{len(key)}|{len(headers)}|{'-' if record.value is None else len(record.value)}|"
    return hashlib.sha256(lengths.encode() + key + headers + (record.value or b"")).digest()


def lock_keys(tx: Tx, consumer: str, keys: Collection[Key]) -> set[Key]:
    """Those of the keys that are parked, locked until the transaction ends."""
    if not keys:
        return set()
    rows = tx.rows(
        "SELECT topic, key FROM parked_keys "
        "WHERE consumer = %s AND (topic, key) IN (SELECT * FROM unnest(%s::text[], %s::bytea[])) "
        "ORDER BY topic, key FOR UPDATE",
        (consumer, [topic for topic, _ in keys], [key for _, key in keys]),
    )
    return {(row["topic"], bytes(row["key"])) for row in rows}


def lock_if_free(tx: Tx, consumer: str, key: Key) -> bool:
    """Lock one parked key unless someone else is at it; tells whether it worked."""
    return (
        tx.row(
            "SELECT 1 AS one FROM parked_keys WHERE consumer = %s AND topic = %s AND key = %s FOR UPDATE SKIP LOCKED",
            (consumer, *key),
        )
        is not None
    )


def append_behind(tx: Tx, consumer: str, records: Sequence[Record], *, now: datetime) -> None:
    """Queue events behind a parked key; the caller holds the key's row."""
    tx.many(
        "INSERT INTO parked_events "
        '(consumer, topic, key, partition, "offset", event_id, type, headers, value, digest, whole, state, parked_at) '
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'queued', %s) ON CONFLICT DO NOTHING",
        [(consumer, *_columns(record), now) for record in records],
    )
    # Perhaps one of them is what a waiting key has been waiting for.
    wake_gaps(tx, consumer, {key_of(record) for record in records}, now=now)


def wake_gaps(tx: Tx, consumer: str, keys: Collection[Key], *, now: datetime) -> None:
    """Have what waits for earlier events of these keys tried again; the caller holds the keys' rows."""
    tx.many(
        "UPDATE parked_events SET next_attempt_at = %s WHERE consumer = %s AND topic = %s AND key = %s "
        "AND state = 'waiting' AND error_class = 'SequenceGap'",
        [(now, consumer, *key) for key in sorted(keys)],
    )


def park(
    tx: Tx,
    consumer: str,
    record: Record,
    fault: Fault,
    *,
    attempts: int,
    next_attempt_at: datetime | None,
    now: datetime,
) -> bool:
    """
    Park one event and, where it has one, its key; False if this very record was parked before.

    The same place is not enough to be the same: a log that was made anew gives its offsets a second time.
    """
    state: State = "retrying" if next_attempt_at else "waiting"
    added = tx.execute(
        "INSERT INTO parked_events "
        '(consumer, topic, key, partition, "offset", event_id, type, headers, value, digest, whole, '
        "error_class, error, attempts, next_attempt_at, state, parked_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (consumer, *_columns(record), fault.error_class, fault.error, attempts, next_attempt_at, state, now),
    )
    if added and record.key:
        tx.execute(
            "INSERT INTO parked_keys (consumer, topic, key, parked_at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (consumer, *key_of(record), now),
        )
    return added > 0


def failing_keys(tx: Tx, consumer: str) -> int:
    """How many keys stand still because of an error; keys that wait for a gap to close are not counted."""
    count: int = tx.value(
        "SELECT count(DISTINCT (topic, key)) AS n FROM parked_events "
        "WHERE consumer = %s AND state IN ('retrying', 'waiting') AND error_class <> 'SequenceGap' AND key <> ''",
        (consumer,),
    )
    return count


def failing_events(tx: Tx, consumer: str) -> int:
    """How many events failed and are not resolved yet, those without a key too; gaps are not counted."""
    count: int = tx.value(
        "SELECT count(*) AS n FROM parked_events "
        "WHERE consumer = %s AND state IN ('retrying', 'waiting') AND error_class <> 'SequenceGap'",
        (consumer,),
    )
    return count


def due_keys(tx: Tx, consumer: str, *, now: datetime, limit: int = 50) -> list[Key]:
    """Keys with something to try now: an event whose time has come, or a head nobody has tried."""
    rows = tx.rows(
        "SELECT k.topic, k.key FROM parked_keys k CROSS JOIN LATERAL ("
        "  SELECT (array_agg(e.state ORDER BY e.id))[1] AS head, min(e.next_attempt_at) AS next,"
        "  max(e.next_attempt_at) AS last"
        "  FROM parked_events e WHERE e.consumer = k.consumer AND e.topic = k.topic AND e.key = k.key"
        "  AND e.state IN ('queued', 'retrying', 'waiting')) AS open "
        "WHERE k.consumer = %s AND (open.head = 'queued' OR open.head IS NULL OR open.next <= %s OR open.last > %s) "
        "ORDER BY open.next NULLS FIRST LIMIT %s",
        (consumer, now, now + LONGEST_RETRY, limit),
    )
    return [(row["topic"], bytes(row["key"])) for row in rows]


def next_due(tx: Tx, consumer: str) -> datetime | None:
    """The earliest time at which something of this consumer may be tried again."""
    moment: datetime | None = tx.value(
        "SELECT min(next_attempt_at) AS next FROM parked_events "
        "WHERE consumer = %s AND state IN ('queued', 'retrying', 'waiting')",
        (consumer,),
    )
    return moment


def due_without_key(tx: Tx, consumer: str, *, now: datetime) -> list[int]:
    """Ids of keyless events that an operator has asked to be tried again."""
    rows = tx.rows(
        "SELECT id FROM parked_events WHERE consumer = %s AND key = '' AND state = 'retrying' "
        "AND (next_attempt_at <= %s OR next_attempt_at > %s) ORDER BY id LIMIT 50",
        (consumer, now, now + LONGEST_RETRY),
    )
    return [row["id"] for row in rows]


def open_events(tx: Tx, consumer: str, key: Key, *, limit: int = 500) -> list[Parked]:
    """The unresolved events of a key, in order; the caller holds the key's row."""
    rows = tx.rows(
        "SELECT * FROM parked_events WHERE consumer = %s AND topic = %s AND key = %s "
        "AND state IN ('queued', 'retrying', 'waiting') ORDER BY id LIMIT %s",
        (consumer, *key, limit),
    )
    return [parked_from(row) for row in rows]


def by_id(tx: Tx, event_id: int) -> Parked | None:
    """One parked event, locked."""
    row = tx.row("SELECT * FROM parked_events WHERE id = %s FOR UPDATE", (event_id,))
    return None if row is None else parked_from(row)


def failed_again(tx: Tx, event: Parked, fault: Fault, *, attempts: int, next_attempt_at: datetime | None) -> None:
    """Keep the outcome of one more failed attempt."""
    tx.execute(
        "UPDATE parked_events SET state = %s, attempts = %s, next_attempt_at = %s, error_class = %s, error = %s "
        "WHERE id = %s",
        (
            "retrying" if next_attempt_at else "waiting",
            attempts,
            next_attempt_at,
            fault.error_class,
            fault.error,
            event.id,
        ),
    )


def resolve(
    tx: Tx, event: Parked, state: Literal["done", "skipped"], *, by: str, reason: str | None, now: datetime
) -> None:
    """Close one parked event for good."""
    tx.execute(
        "UPDATE parked_events SET state = %s, next_attempt_at = NULL, resolved_at = %s, "
        "resolved_by = %s, reason = coalesce(%s, reason) WHERE id = %s",
        (state, now, by, reason, event.id),
    )


def unpark_if_empty(tx: Tx, consumer: str, key: Key) -> None:
    """Let a key go on once nothing of it is open; the caller holds its row."""
    tx.execute(
        "DELETE FROM parked_keys k WHERE k.consumer = %s AND k.topic = %s AND k.key = %s AND NOT EXISTS ("
        "SELECT 1 FROM parked_events e WHERE e.consumer = k.consumer AND e.topic = k.topic AND e.key = k.key "
        "AND e.state IN ('queued', 'retrying', 'waiting'))",
        (consumer, *key),
    )


def parked_from(row: Row) -> Parked:
    """A row as a parked event, with its record as it lay on the log."""
    record = Record(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["offset"],
        timestamp_ms=int(row["parked_at"].timestamp() * 1000),
        key=bytes(row["key"]) or None,
        value=None if row["value"] is None else bytes(row["value"]),
        headers=tuple((name, value) for name, value in json.loads(row["headers"])),
    )
    return Parked(
        row["id"],
        record,
        row["state"],
        row["error_class"],
        row["attempts"],
        row["next_attempt_at"],
        bytes(row["digest"]),
        row["whole"],
    )


def _columns(record: Record) -> tuple[object, ...]:
    headers, text = dict(record.headers), _headers(record)
    size = len(record.key or b"") + len(text) + len(record.value or b"")
    whole = size <= LARGEST and len(record.key or b"") <= LONGEST_KEY
    return (
        *key_of(record),
        record.partition,
        record.offset,
        _shown(headers.get("ce_id")),
        _shown(headers.get("ce_type")),
        text if whole else "[]",
        record.value if whole else None,
        digest_of(record),
        whole,
    )


def _headers(record: Record) -> str:
    return json.dumps(record.headers)  # ASCII, so that U+0000, which PostgreSQL's text refuses, survives


def _shown(value: str | None) -> str | None:
    """A header's value for people: as PostgreSQL's text takes it, at most 256 characters."""
    return None if value is None else value.replace("\x00", "").encode("utf-8", "replace").decode()[:256]
