"""A database in memory: transactions at READ COMMITTED with row locks, as far as the backbone needs them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, cast

import psycopg

from shared.database import Tx
from shared.envelope import Message
from shared.eventlog.interface import Record, TopicPartition
from shared.inbox import EventId, Story, Subject, event_id, subject_of
from shared.parking.schedule import LONGEST_RETRY
from shared.parking.store import GAP, Fault, Key, Parked, State, digest_of, key_of
from shared.trace import Trace
from tests.simulation.world import World

OPEN = ("queued", "retrying", "waiting")
PATIENCE = 25  # steps a lock is waited for


class Store:
    """The tables of one service. A crash keeps what was committed, and nothing else."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rows: dict[str, dict[Any, Any]] = {}
        self.locks: dict[tuple[str, Any], MemoryTx] = {}
        self.flaky = 0.0  # chance that the connection is lost at a commit, with or without it
        self._numbers: dict[str, int] = {}

    def next_number(self, sequence: str) -> int:
        """As of a sequence: never given twice, also not after a rollback."""
        self._numbers[sequence] = self._numbers.get(sequence, 0) + 1
        return self._numbers[sequence]

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """One transaction; for the product it is a `Tx`."""
        tx = MemoryTx(self)
        self.world.pause("begins a transaction")
        try:
            yield cast(Tx, tx)
            self.world.pause("is about to commit")
            lost = self.world.chance.random() < self.flaky
            if not lost or self.world.chance.random() < 0.5:
                tx.commit()
        finally:
            tx.release()
        self.world.pause("has committed" if not lost else "lost the connection at COMMIT")
        if lost:
            self.world.sometimes("a connection was lost at COMMIT")
            raise psycopg.OperationalError("server closed the connection unexpectedly")


class MemoryTx:
    """What one transaction has written and holds."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ended = False  # by the server, while its client may not know
        self._written: dict[tuple[str, Any], Any] = {}

    def get(self, table: str, key: Any) -> Any:
        """A row as this transaction sees it, or None."""
        if (table, key) in self._written:
            return self._written[table, key]
        return self.store.rows.get(table, {}).get(key)

    def all(self, table: str) -> dict[Any, Any]:
        """All rows as this transaction sees them."""
        seen = dict(self.store.rows.get(table, {}))
        seen.update({key: row for (t, key), row in self._written.items() if t == table})
        return {key: row for key, row in seen.items() if row is not None}

    def lock(self, table: str, key: Any) -> None:
        """Wait for a row; raises as PostgreSQL does after `lock_timeout`."""
        for _ in range(PATIENCE):
            self.check()
            holder = self.store.locks.get((table, key))
            if holder in (None, self):
                self.store.locks[table, key] = self
                return
            self.store.world.pause(f"waits for a row of {table}")
        self.store.world.sometimes("a lock was given up")
        raise psycopg.errors.LockNotAvailable

    def is_locked(self, table: str, key: Any) -> bool:
        """Whether another transaction holds a row."""
        return self.store.locks.get((table, key)) not in (None, self)

    def put(self, table: str, key: Any, row: Any) -> None:
        """Write a row; None deletes it."""
        self.lock(table, key)
        self._written[table, key] = row

    def commit(self) -> None:
        self.check()
        for (table, key), row in self._written.items():
            rows = self.store.rows.setdefault(table, {})
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row

    def release(self) -> None:
        for place in [place for place, holder in self.store.locks.items() if holder is self]:
            del self.store.locks[place]

    def check(self) -> None:
        if self.ended:
            raise psycopg.OperationalError("terminating connection due to administrator command")

    # What the product asks of a Tx outside of the stores.

    def following(self, _trace: Trace) -> "MemoryTx":
        return self

    def flush(self) -> None:
        """Nothing is deferred here."""

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        written = dict(self._written)
        try:
            yield
        except BaseException:
            self._written = written
            raise


def _of(tx: Tx) -> MemoryTx:
    return cast(MemoryTx, tx)


class MemoryInbox:
    """The twin of `shared.inbox`."""

    def keep_ids(self, tx: Tx, consumer: str, messages: Iterable[Message], *, now: datetime) -> set[EventId]:
        fresh = set()
        for identity in sorted({event_id(message) for message in messages}):
            _of(tx).lock("inbox", identity)
            if _of(tx).get("inbox", identity) is None:
                _of(tx).put("inbox", identity, now)
                fresh.add(identity)
        return fresh

    def stories(self, tx: Tx, consumer: str, messages: Iterable[Message]) -> dict[Subject, Story]:
        found = {subject: _of(tx).get("stories", subject) for subject in {subject_of(m) for m in messages}}
        return {subject: story for subject, story in found.items() if story is not None}

    def keep_stories(self, tx: Tx, consumer: str, heard: Mapping[Subject, Story]) -> None:
        for subject in sorted(heard):
            _of(tx).lock("stories", subject)
            before = _of(tx).get("stories", subject)
            if before is None or before.heard < heard[subject].heard:
                _of(tx).put("stories", subject, Story(heard[subject].heard, (before or heard[subject]).begun))


class MemoryBeginnings:
    """The twin of `shared.log_start.LogStart`."""

    def __init__(self, starts: dict[int, int]) -> None:
        self._starts = starts

    def begin(self, tx: Tx, partitions: Collection[TopicPartition]) -> None:
        for partition in sorted(partitions):
            if _of(tx).get("starts", partition) is None:
                _of(tx).put("starts", partition, self._starts[partition[1]])

    def lost(self, tx: Tx, partition: TopicPartition, offset: int) -> None:
        _of(tx).put("starts", partition, offset)

    def may_be_in_the_middle(self, tx: Tx, record: Record) -> bool:
        return bool(_of(tx).get("starts", (record.topic, record.partition)))


class MemoryParking:
    """The twin of `shared.parking.store`."""

    def lock_keys(self, tx: Tx, consumer: str, keys: Collection[Key]) -> set[Key]:
        found = set()
        for key in sorted(keys):
            if _of(tx).get("keys", key) is not None:
                _of(tx).lock("keys", key)
                if _of(tx).get("keys", key) is not None:
                    found.add(key)
        return found

    def lock_if_free(self, tx: Tx, consumer: str, key: Key) -> bool:
        if _of(tx).get("keys", key) is None or _of(tx).is_locked("keys", key):
            return False
        _of(tx).lock("keys", key)
        return True

    def append_behind(self, tx: Tx, consumer: str, records: Sequence[Record], *, now: datetime) -> None:
        for record in records:
            self._insert(tx, record, "queued", None, 0, None)
        for key in {key_of(record) for record in records}:
            for event in self.open_events(tx, consumer, key):
                if event.state == "waiting" and event.error_class == GAP:
                    _of(tx).put("parked", event.id, replace(event, next_attempt_at=now))

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
        state: State = "retrying" if next_attempt_at else "waiting"
        added = self._insert(tx, record, state, fault.error_class, attempts, next_attempt_at)
        if added and record.key:
            _of(tx).put("keys", key_of(record), now)
        return added

    def failing_keys(self, tx: Tx, consumer: str) -> int:
        return len({key_of(event.record) for event in self._failing(tx)})

    def failing_events(self, tx: Tx, consumer: str) -> int:
        return len(self._failing(tx))

    def due_keys(self, tx: Tx, consumer: str, *, now: datetime, limit: int = 50) -> list[Key]:
        due = []
        for key in sorted(_of(tx).all("keys")):
            events = self.open_events(tx, consumer, key)
            times = [event.next_attempt_at for event in events if event.next_attempt_at]
            if (
                not events
                or events[0].state == "queued"
                or (times and (min(times) <= now or max(times) > now + LONGEST_RETRY))
            ):
                due.append(key)
        return due

    def next_due(self, tx: Tx, consumer: str) -> datetime | None:
        return min((e.next_attempt_at for e in _of(tx).all("parked").values() if e.next_attempt_at), default=None)

    def due_without_key(self, tx: Tx, consumer: str, *, now: datetime) -> list[int]:
        return []

    def open_events(self, tx: Tx, consumer: str, key: Key, *, limit: int = 500) -> list[Parked]:
        events = sorted(_of(tx).all("parked").items())
        return [event for _, event in events if key_of(event.record) == key and event.state in OPEN]

    def by_id(self, tx: Tx, event_id: int) -> Parked | None:
        _of(tx).lock("parked", event_id)
        found: Parked | None = _of(tx).get("parked", event_id)
        return found

    def failed_again(
        self, tx: Tx, event: Parked, fault: Fault, *, attempts: int, next_attempt_at: datetime | None
    ) -> None:
        state: State = "retrying" if next_attempt_at else "waiting"
        changed = replace(
            event, state=state, error_class=fault.error_class, attempts=attempts, next_attempt_at=next_attempt_at
        )
        _of(tx).put("parked", event.id, changed)

    def resolve(
        self, tx: Tx, event: Parked, state: Literal["done", "skipped"], *, by: str, reason: str | None, now: datetime
    ) -> None:
        _of(tx).store.world.sometimes("a parked event took effect")
        _of(tx).put("parked", event.id, replace(event, state=state, next_attempt_at=None))

    def unpark_if_empty(self, tx: Tx, consumer: str, key: Key) -> None:
        if not self.open_events(tx, consumer, key):
            _of(tx).put("keys", key, None)

    def _failing(self, tx: Tx) -> list[Parked]:
        events = _of(tx).all("parked").values()
        return [event for event in events if event.state in ("retrying", "waiting") and event.error_class != GAP]

    def _insert(
        self, tx: Tx, record: Record, state: State, error: str | None, attempts: int, due: datetime | None
    ) -> bool:
        memory, place = _of(tx), (record.topic, record.partition, record.offset, digest_of(record))
        memory.lock("places", place)
        if memory.get("places", place) is not None:
            return False
        memory.put("places", place, True)
        number = memory.store.next_number("parked")
        memory.put("parked", number, Parked(number, record, state, error, attempts, due, place[3]))
        world = memory.store.world
        world.sometimes({"queued": "an event queued behind its key"}.get(state, f"an event was parked: {error}"))
        return True
