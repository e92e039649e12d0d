"""Reading in tests: until something is there, with a deadline instead of a sleep."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from uuid import uuid4

from shared.eventlog.interface import EventLog, NewRecord, Record, Subscription, TopicPartition

DEADLINE = 40.0


def read(subscription: Subscription, count: int, *, seconds: float = DEADLINE) -> list[Record]:
    """At least `count` records; fails when they do not come."""
    records: list[Record] = []
    until = time.monotonic() + seconds
    while len(records) < count:
        assert time.monotonic() < until, f"{len(records)} of {count} records after {seconds} s"
        records += subscription.poll(0.5)
    return records


def read_all(log: EventLog, topic: str) -> list[Record]:
    """Everything in a topic, by a private reader."""
    reader = log.reader([topic])
    try:
        count = sum(log.end_offsets(topic).values()) - sum(log.start_offsets(topic).values())
        return read(reader, count)
    finally:
        reader.close()


def poll_until(
    subscriptions: Sequence[Subscription], reached: Callable[[], bool], *, seconds: float = DEADLINE
) -> list[Record]:
    """Poll all members in turn until something is so; returns what they read."""
    records: list[Record] = []
    until = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < until, f"not reached within {seconds} s"
        for subscription in subscriptions:
            records += subscription.poll(0.1)
    return records


def following(records: Sequence[Record]) -> dict[TopicPartition, int]:
    """The next offset to read per partition, as a consumer commits it."""
    return {(r.topic, r.partition): r.offset + 1 for r in sorted(records, key=lambda r: r.offset)}


def values(records: Sequence[Record]) -> list[bytes | None]:
    """Only the values, in the order of reading."""
    return [record.value for record in records]


def by_key(records: Sequence[Record]) -> dict[bytes | None, list[bytes | None]]:
    """Values per key, in the order of reading."""
    found: defaultdict[bytes | None, list[bytes | None]] = defaultdict(list)
    for record in records:
        found[record.key].append(record.value)
    return dict(found)


def first_sights(records: Sequence[Record]) -> dict[bytes | None, list[bytes | None]]:
    """Values per key in the order in which each was seen first; a redelivery is no news."""
    return {key: list(dict.fromkeys(seen)) for key, seen in by_key(records).items()}


def new_name(what: str) -> str:
    """A topic or group that no other test uses."""
    return f"{what}.{uuid4().hex[:12]}"


def numbered(key: str, numbers: range) -> list[NewRecord]:
    """Records of one key whose values count up."""
    return [NewRecord(key.encode(), str(number).encode()) for number in numbers]
