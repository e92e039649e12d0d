"""Append: one statement a batch, one round trip; all of the batch or nothing."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shared.eventlog.interface import LogUnavailable, NewRecord, RecordMeta
from shared.eventlog.partitioner import partition_of
from shared.eventlog.postgres.connections import Connection
from shared.eventlog.postgres.listening import CHANNEL

# ORDER BY part FOR UPDATE: appenders lock the heads in one order, so they never deadlock, and hold them
# to the commit, so offsets become visible in order. greatest(): timestamps stay monotonic when the
# server's clock steps back.
_APPEND = """
WITH r AS (
  SELECT * FROM unnest(%(parts)s::smallint[], %(keys)s::bytea[], %(headers)s::text[], %(values)s::bytea[])
    WITH ORDINALITY AS t(part, key, headers, value, n)
), h AS (
  SELECT part, next_off, greatest(clock_timestamp(), last_ts) AS ts FROM heads
  WHERE topic_id = %(topic_id)s AND part IN (SELECT part FROM r) ORDER BY part FOR UPDATE
), u AS (
  UPDATE heads d SET next_off = d.next_off + c.k, last_ts = h.ts
  FROM h JOIN (SELECT part, count(*) AS k FROM r GROUP BY part) c USING (part)
  WHERE d.topic_id = %(topic_id)s AND d.part = h.part
), gone_in AS (
  INSERT INTO log (topic_id, part, off, ts, key, headers, value)
  SELECT %(topic_id)s, part, h.next_off + row_number() OVER (PARTITION BY part ORDER BY n) - 1,
         h.ts, r.key, r.headers, r.value
  FROM r JOIN h USING (part) RETURNING part, off
)
SELECT part, min(off), count(*) FROM gone_in CROSS JOIN pg_notify(%(channel)s, %(topic)s) GROUP BY part
"""


@dataclass(frozen=True, slots=True)
class Topic:
    """What the adapter keeps in mind of a topic; none of it ever changes."""

    topic_id: int
    name: str
    parts: int
    max_bytes: int


def append(
    connection: Connection, topic: Topic, records: Sequence[NewRecord], *, part_without_key: int
) -> list[RecordMeta]:
    """
    Append records; when this returns they are durable, or else nothing of them is there.

    Args:
        connection: In autocommit mode: the statement is the transaction.
        topic: Where to.
        records: In order; the order of equal keys is kept.
        part_without_key: The partition for records that have no key.
    """
    parts = [part_without_key if r.key is None else partition_of(r.key, topic.parts) for r in records]
    values = {
        "parts": parts,
        "keys": [r.key for r in records],
        "headers": [json.dumps(r.headers, ensure_ascii=False, separators=(",", ":")) for r in records],
        "values": [r.value for r in records],
        "topic_id": topic.topic_id,
        "topic": topic.name,
        "channel": CHANNEL,
    }
    rows = connection.execute(_APPEND, values).fetchall()
    next_place = {part: first for part, first, _ in rows}
    if {part: count for part, _, count in rows} != Counter(parts):
        raise LogUnavailable(f"{topic.name}: not a topic of this role, or the log was made anew under this process")
    metas = []
    for part in parts:
        metas.append(RecordMeta(topic.name, part, next_place[part]))
        next_place[part] += 1
    return metas
