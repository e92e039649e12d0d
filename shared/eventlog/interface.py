"""
What the code above may know of an event log; both adapters keep the same contract.

Order is promised per key within one topic, delivery at least once. An offset
names the place of a record in its partition; offsets rise strictly but may have gaps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

Headers = tuple[tuple[str, str], ...]
TopicPartition = tuple[str, int]
Start = Literal["earliest", "latest"]

PARTITIONS = 6  # divisible by 1, 2, 3 and 6 consumers; never changed on a live topic
RETENTION = timedelta(days=400)
MAX_RECORD_BYTES = 1_048_576


class LogError(Exception):
    """Something about the log, as told by either adapter."""


class LogUnavailable(LogError):
    """The log did not answer in time; nothing may be assumed about what was being sent."""


class RecordTooLarge(LogError):
    """A record is larger than the topic takes (1 MiB)."""


class OffsetOutOfRange(LogError):
    """The place asked for was trimmed away or does not exist yet."""


class CommitRefused(LogError):
    """The member no longer holds the partition it tried to commit."""


class UnknownTopic(LogError):
    """There is no such topic; topics are created by `migrate`, never by use."""


class Closed(LogError):
    """The log or the subscription was closed before."""


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to append. `value` None is a tombstone, which differs from an empty value."""

    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class RecordMeta:
    """Where an appended record came to lie."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read; `timestamp_ms` is the log's own time of append, in ms since 1970, UTC."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = field(default=())


class Subscription(Protocol):
    """One member of a consumer group. Used by one thread from its making to `close`."""

    def poll(self, timeout: float, max_records: int = 500) -> list[Record]:
        """
        Records in order per partition; waits at most `timeout` seconds, returns early on data.

        Joins the group at the first call. A log that is away gives nothing and is tried again
        by itself; only a server that froze can hold a call up to two seconds longer.

        Raises:
            OffsetOutOfRange: a place was trimmed away; told at each poll until `seek` moves it.
            UnknownTopic, Closed.
        """

    def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        """
        Keep the next offset to read per partition; may go backwards.

        Raises:
            CommitRefused: a partition is another member's by now. The next poll begins at the
                committed places again, so what was read since may come once more.
            LogUnavailable, Closed.
        """

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        """Poll goes on without these partitions; their position stays."""

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        """Undo `pause`."""

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from `offset`. Raises OffsetOutOfRange, at the next poll if the offset does not exist."""

    def seek_to_time(self, moment: datetime) -> None:
        """Read on, in every assigned partition, from the first record not older than `moment`."""

    def position(self, partition: TopicPartition) -> int:
        """The next offset that poll will read."""

    def assignment(self) -> frozenset[TopicPartition]:
        """The partitions this member holds now; `poll` is what keeps it up to date."""

    def close(self) -> None:
        """Leave the group at once; safe to call twice. Everything afterwards raises Closed."""


class EventLog(Protocol):
    """A set of topics of numbered partitions."""

    def append(self, topic: str, records: Sequence[NewRecord]) -> list[RecordMeta]:
        """
        Append records in order; durable on return, order kept per key.

        Raises:
            LogUnavailable: within the adapter's deadline (30 s at most). Nothing may be
                assumed then: the caller sends the whole batch again.
            RecordTooLarge, UnknownTopic: nothing was sent.
            ValueError: a record has neither key nor value, or a header that is no text.
            Closed.
        """

    def subscribe(self, group: str, topics: Sequence[str], *, start: Start = "earliest") -> Subscription:
        """
        Join a consumer group at the first poll; `start` says where a group without a committed place begins.

        Raises:
            ValueError: the group's name is not one that Kafka could carry.
            Closed.
        """

    def reader(self, topics: Sequence[str]) -> Subscription:
        """
        A private reader of all partitions from the start; joins no group, its `commit` raises CommitRefused.

        Raises:
            UnknownTopic, LogUnavailable, Closed.
        """

    def create_topic(self, name: str, *, partitions: int = PARTITIONS, retention: timedelta = RETENTION) -> None:
        """Create a topic; does nothing if it is there. Raises ValueError for a name that Kafka could not carry."""

    def topics(self) -> dict[str, int]:
        """All topics with their number of partitions."""

    def start_offsets(self, topic: str) -> dict[int, int]:
        """The oldest offset still there, per partition."""

    def end_offsets(self, topic: str) -> dict[int, int]:
        """One past the newest offset, per partition."""

    def groups(self) -> list[str]:
        """All consumer groups known to the log."""

    def offsets(self, group: str, topic: str) -> dict[int, int]:
        """Committed places of a group, only of partitions that have one."""

    def reset(self, group: str, topic: str, to: Mapping[int, int]) -> None:
        """Set a stopped group's places. Raises CommitRefused while it has live members."""

    def trim(self, topic: str, before: Mapping[int, int]) -> None:
        """Delete records with an offset below the given one, per partition. Raises OffsetOutOfRange past the end."""

    def close(self) -> None:
        """Give everything back; safe to call twice."""
