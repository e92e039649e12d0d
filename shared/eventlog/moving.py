"""
From one log to another, and from the archives back to a log that was lost.

Both keep the events' own ids. Groups begin at the start of what is new to them: their inbox
knows what took effect, and drops it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import psycopg

from shared.eventlog.interface import EventLog, NewRecord, Record, Subscription

_BATCH = 500
_QUIET_SECONDS = 5.0
_ARCHIVE = "SELECT id::text, topic, key, headers, payload FROM outbox_archive ORDER BY no"
_ID = "ce_id"


class LogNotEmpty(Exception):
    """The log to be filled holds events already; the message says in which topic."""


def copy_log(source: EventLog, target: EventLog, *, prefix: str = "rapport.") -> dict[str, int]:
    """
    Copy all topics of a log at rest to another log, and compare both sides.

    Records keep key, value and headers, and in each partition their order; not their
    offsets, nor the time at which they were appended.

    Returns:
        Topic -> number of records.

    Raises:
        LogNotEmpty: a topic is on the target and not empty; nothing was copied.
        LogError: a log is away; a copy that was begun is incomplete. Empty the topics and begin anew.
    """
    topics = {name: parts for name, parts in source.topics().items() if name.startswith(prefix)}
    refuse_events(target, topics)
    for name, parts in topics.items():
        target.create_topic(name, partitions=parts)
    return {name: _copy_topic(source, target, name) for name in topics}


def refuse_events(log: EventLog, topics: Iterable[str]) -> None:
    """Raises LogNotEmpty when one of these topics is on the log and has ever held an event."""
    there = log.topics()
    for name in topics:
        if name in there and any(log.end_offsets(name).values()):
            raise LogNotEmpty(f"{name} is not empty: nothing was copied")


def _copy_topic(source: EventLog, target: EventLog, topic: str) -> int:
    count = 0
    for batch in _batches(records(source, topic)):
        target.append(topic, [NewRecord(record.key, record.value, record.headers) for record in batch])
        count += len(batch)
    if digests(source, topic) != digests(target, topic):
        raise LogNotEmpty(f"{topic}: what lies there now is not what was copied; did somebody write meanwhile?")
    return count


def digests(log: EventLog, topic: str) -> dict[int, str]:
    """SHA-256 over all records of each partition, in order: the same where both hold the same events."""
    found = {partition: hashlib.sha256() for partition in range(log.topics()[topic])}
    for record in records(log, topic):
        told = [record.key.hex() if record.key is not None else None, record.headers]
        found[record.partition].update(json.dumps(told, ensure_ascii=True).encode() + b"\n")
        found[record.partition].update(b"-" if record.value is None else record.value)
    return {partition: digest.hexdigest() for partition, digest in found.items()}


def records(log: EventLog, topic: str) -> Iterator[Record]:
    """Everything that lies on a topic now, in order within each partition."""
    ends = log.end_offsets(topic)
    left = {partition: end for partition, end in ends.items() if end > log.start_offsets(topic)[partition]}
    reader: Subscription = log.reader([topic])
    try:
        while left:
            for record in reader.poll(_QUIET_SECONDS, _BATCH):
                if record.offset < ends[record.partition]:
                    yield record
            left = {part: end for part, end in left.items() if reader.position((topic, part)) < end}
    finally:
        reader.close()


def refill(databases: Mapping[str, str], log: EventLog) -> dict[str, int]:
    """
    Put on the log again what the services' archives hold and the log does not, with the same ids.

    Safe to repeat, and beside running workers: what is on the log already is left out. The
    archives reach back 30 days.

    Args:
        databases: Service -> its database, as a role that may read the archive.
        log: Where to; topics that are missing are made.

    Returns:
        Topic -> number of events put on it.
    """
    put: dict[str, int] = {}
    for url in databases.values():
        with psycopg.connect(url) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            if connection.execute("SELECT to_regclass('public.outbox_archive')").fetchone() == (None,):
                continue
            # This snapshot first, the log afterwards: what the relay archives has been on the log before.
            topics = [str(row[0]) for row in connection.execute("SELECT DISTINCT topic FROM outbox_archive").fetchall()]
            for topic in topics:
                log.create_topic(topic)
            known = {topic: {id_of(record.headers) for record in records(log, topic)} for topic in topics}
            with connection.cursor("archive") as archived:
                archived.execute(_ARCHIVE)
                for batch in _batches(archived):
                    for topic in topics:
                        lost = [_record(row) for row in batch if row[1] == topic and row[0] not in known[topic]]
                        if lost:
                            log.append(topic, lost)
                            put[topic] = put.get(topic, 0) + len(lost)
    return put


def id_of(headers: Iterable[tuple[str, str]]) -> str | None:
    """The id of an event, by its headers."""
    return next((value for name, value in headers if name == _ID), None)


def _record(row: Any) -> NewRecord:
    _, _, key, headers, payload = row
    return NewRecord(key, payload, tuple((name, value) for name, value in json.loads(headers)))


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
