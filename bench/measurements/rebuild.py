"""
A read model is built anew from the log in PostgreSQL: a new group reads 50,000 events from the beginning.

The peer is the least that could be done: the same handler on the same events from memory, 100 to a
transaction, without log, inbox, sequence check or offsets. The ratio is the share of the time that is
the read model itself.
"""

import json
import time
from collections.abc import Sequence

from bench.consuming import consume
from bench.figures import Figure, Side
from bench.ground import Ground
from bench.hours import KEEP, keep_values, prove, records
from shared.consumer import BATCH
from shared.database import Database
from shared.eventlog.interface import NewRecord


def measure(ground: Ground) -> list[Figure]:
    count, rounds = (3_000, 1) if ground.quick else (50_000, 1)
    log, topic = ground.postgres_log, ground.new_name("history")
    log.create_topic(topic)
    prepared = records(count, topic)
    for start in range(0, count, 1_000):
        log.append(topic, prepared[start : start + 1_000])
    ours, bare, proven = [], [], ""
    for _ in range(rounds):
        bare.append(_handle_bare(ground.database, prepared, ground.new_name("bare")))
        group = ground.new_name("rebuilt")
        ours.append(consume(log, ground.database, topic, group=group, count=count))
        proven = prove(ground.database, group, count)
    peer = Side("handler alone", tuple(bare))
    return [Figure("Rebuild of a read model", "events/s", Side("new group", tuple(ours)), peer, proven=proven)]


def _handle_bare(database: Database, prepared: Sequence[NewRecord], reader: str) -> float:
    began = time.perf_counter()
    for start in range(0, len(prepared), BATCH):
        with database.transaction() as tx:
            for record in prepared[start : start + BATCH]:
                sequence = int(dict(record.headers)["ce_sequence"])
                tx.execute(KEEP, keep_values(reader, json.loads(record.value or b""), sequence))
    return len(prepared) / (time.perf_counter() - began)
