"""A log in memory: partitions, offsets, groups with leases and fences, batches of which only a part arrives."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.eventlog.interface import (
    CommitRefused,
    LogError,
    LogUnavailable,
    NewRecord,
    OffsetOutOfRange,
    Record,
    RecordMeta,
    TopicPartition,
)
from shared.eventlog.partitioner import partition_of
from shared.eventlog.postgres.shares import shares
from tests.simulation.world import World

TOPIC = "rapport.counting"
PARTITIONS = 2
LEASE = timedelta(seconds=10)
AT_MOST = 4  # records a poll


class MemoryLog:
    """One topic and one group; what of `EventLog` the backbone uses."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.failing = 0.0  # chance that an append says it failed, whatever arrived
        self.repeating = 0.0  # chance that a poll brings again what it brought
        self.records: dict[int, list[Record]] = {}
        self.starts: dict[int, int] = {}
        self.members: dict[UUID, datetime] = {}
        self.owners: dict[int, UUID | None] = {}
        self.fences = dict.fromkeys(range(PARTITIONS), 0)
        self.committed: dict[int, int] = {}
        self.make_anew()

    def make_anew(self) -> None:
        """Lose everything; offsets begin again."""
        self.records.update({part: [] for part in range(PARTITIONS)})
        self.starts.update(dict.fromkeys(range(PARTITIONS), 0))
        self.owners.update(dict.fromkeys(range(PARTITIONS), None))
        self.members.clear()
        self.committed.clear()

    def trim(self) -> None:
        """Forget what the group has handled."""
        for part, at in self.committed.items():
            if at > self.starts[part]:
                self.starts[part] = at
                self.world.sometimes("the log was trimmed")

    def take(self, record: NewRecord) -> None:
        """Put one record on the log."""
        part = partition_of(record.key or b"", PARTITIONS)
        offset = len(self.records[part])
        made = Record(
            TOPIC, part, offset, int(self.world.now.timestamp() * 1000), record.key, record.value, record.headers
        )
        self.records[part].append(made)

    def lag(self) -> int:
        """Records that the group has not handled yet."""
        return sum(len(records) - self.committed.get(part, 0) for part, records in self.records.items())

    def append(self, topic: str, records: Sequence[NewRecord]) -> list[RecordMeta]:
        self.world.pause(f"appends {len(records)}")
        fails = self.world.chance.random() < self.failing
        for record in records:
            if not fails or self.world.chance.random() < 0.5:
                self.take(record)
        self.world.pause("waits for the log's answer")
        if fails:
            self.world.sometimes("an append failed after a part of it had arrived")
            raise LogUnavailable("no answer")
        return []

    def start_offsets(self, topic: str) -> dict[int, int]:
        return dict(self.starts)

    def end_offsets(self, topic: str) -> dict[int, int]:
        return {part: len(records) for part, records in self.records.items()}

    def subscribe(self, group: str, topics: Sequence[str]) -> "MemorySubscription":
        return MemorySubscription(self, UUID(int=self.world.chance.getrandbits(128)))

    def beat(self, me: UUID) -> dict[int, int]:
        """Renew a lease and deal the partitions anew; gives the fences of what `me` holds."""
        now = self.world.now
        dead = [m for m, until in self.members.items() if not now < until <= now + 2 * LEASE]
        for member in dead:
            del self.members[member]
            self.world.sometimes("the lease of a silent member ended")
        if me not in self.members:
            self.world.sometimes("the partitions were dealt anew")
        self.members[me] = now + LEASE
        for part, owner in self.owners.items():
            if owner not in self.members:
                self.owners[part] = None
        dealt = shares([(member, frozenset({0})) for member in self.members], {0: PARTITIONS})
        for (_, part), member in dealt.items():
            if self.owners[part] == me != member:
                self.owners[part] = None
            if member == me and self.owners[part] is None:
                self.owners[part] = me
                self.fences[part] += 1
        return {part: self.fences[part] for part, owner in self.owners.items() if owner == me}

    def close(self) -> None:
        """Nothing is held."""

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)


class MemorySubscription:
    """One member of the group."""

    def __init__(self, log: MemoryLog, me: UUID) -> None:
        self.log = log
        self.me = me
        self.places: dict[int, int] = {}
        self._fences: dict[int, int] = {}

    def poll(self, timeout: float, max_records: int = 500) -> list[Record]:
        self.log.world.pause("polls")
        fences = self.log.beat(self.me)
        for part, fence in fences.items():
            if self._fences.get(part) != fence:
                self.places[part] = self.log.committed.get(part, self.log.starts[part])
        self.places = {part: at for part, at in self.places.items() if part in fences}
        self._fences = fences
        for part, at in self.places.items():
            if not self.log.starts[part] <= at <= len(self.log.records[part]):
                raise OffsetOutOfRange(str(part))
        found: list[Record] = []
        for part in sorted(self.places):
            at = self.places[part]
            if at and self.log.world.chance.random() < self.log.repeating:
                at = max(self.log.starts[part], at - 2)
                self.log.world.sometimes("records were delivered twice")
            records = self.log.records[part][at : at + AT_MOST]
            self.places[part] = at + len(records)
            found += records
        return found

    def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        self.log.world.pause("commits its places")
        for _, part in positions:
            if self.log.owners[part] != self.me or self.log.fences[part] != self._fences.get(part):
                self.places, self._fences = {}, {}
                self.log.world.sometimes("a stale member's commit was refused")
                raise CommitRefused(str(part))
        self.log.committed.update({part: at for (_, part), at in positions.items()})
        self.log.world.pause("has committed its places")

    def seek(self, partition: TopicPartition, offset: int) -> None:
        if partition[1] not in self.places:
            raise LogError("not held")
        self.places[partition[1]] = offset

    def position(self, partition: TopicPartition) -> int:
        return self.places[partition[1]]

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset((TOPIC, part) for part in self.places)

    def close(self) -> None:
        self.log.world.pause("leaves the group")
        self.log.members.pop(self.me, None)
        self.places, self._fences = {}, {}

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)
