"""
Log start: whether a group has heard every story from its beginning.

On a log that a group has read from its first record on, the first event heard of an aggregate
has sequence 1, and anything else is a gap: the relay may send a batch whose later part
arrived before the earlier one, also about somebody new. That stays so when the log is
trimmed afterwards, for what went had been heard. A group that begins on a log whose oldest
events are gone meets stories in their middle, and takes them up there (docs/adr/0011).
"""

from collections.abc import Collection
from typing import Protocol

from shared.database import Tx
from shared.eventlog.interface import EventLog, Record, TopicPartition


class Beginnings(Protocol):
    """Knows where a group began to read; `LogStart` is it."""

    def begin(self, tx: Tx, partitions: Collection[TopicPartition]) -> None:
        """Note where the log begins for partitions that the group has never held."""

    def lost(self, tx: Tx, partition: TopicPartition, offset: int) -> None:
        """Note that the group reads on from `offset`, the oldest there is, and has not heard what lay before."""

    def may_be_in_the_middle(self, tx: Tx, record: Record) -> bool:
        """Tell whether events that lay before this record were gone before the group could hear them."""


class LogStart:
    """Keeps, in the consumer's database, where the log began when the group began to read it."""

    def __init__(self, group: str, log: EventLog) -> None:
        self._group = group
        self._log = log

    def begin(self, tx: Tx, partitions: Collection[TopicPartition]) -> None:
        """
        Note where the log begins for partitions that the group has never held.

        Raises:
            LogError: the log could not be asked.
        """
        rows = tx.rows("SELECT topic, partition FROM inbox_start WHERE consumer = %s", (self._group,))
        new = sorted(set(partitions) - {(row["topic"], row["partition"]) for row in rows})
        starts = {topic: self._log.start_offsets(topic) for topic in {topic for topic, _ in new}}
        for topic, partition in new:
            tx.execute(
                'INSERT INTO inbox_start (consumer, topic, partition, "offset") VALUES (%s, %s, %s, %s) '
                "ON CONFLICT DO NOTHING",
                (self._group, topic, partition, starts[topic].get(partition, 0)),
            )

    def lost(self, tx: Tx, partition: TopicPartition, offset: int) -> None:
        """Note that the group reads on from `offset`, the oldest there is, and has not heard what lay before."""
        tx.execute(
            'INSERT INTO inbox_start (consumer, topic, partition, "offset") VALUES (%s, %s, %s, %s) '
            'ON CONFLICT (consumer, topic, partition) DO UPDATE SET "offset" = excluded."offset"',
            (self._group, *partition, offset),
        )

    def may_be_in_the_middle(self, tx: Tx, record: Record) -> bool:
        """Tell whether events that lay before this record were gone before the group could hear them."""
        offset: int | None = tx.value(
            'SELECT "offset" FROM inbox_start WHERE consumer = %s AND topic = %s AND partition = %s',
            (self._group, record.topic, record.partition),
        )
        return bool(offset)
