"""
The relay empties the same outbox into the event log in PostgreSQL, beside bare appends to that log.

The peer appends the same records from memory, 500 at a time: one transaction a batch. The relay needs
three for each batch (claim, append in the log's own database, archive and delete), which is the price of
never losing an event between two databases. After every run the topic is read back as above.
"""

import time
from collections.abc import Sequence

from bench.draining import drain
from bench.figures import Figure, Side
from bench.ground import Ground
from bench.hours import events
from shared.envelope import to_record
from shared.eventlog.interface import NewRecord
from shared.relay import BATCH
from shared.trace import new_trace

AIM = 0.40


def measure(ground: Ground) -> list[Figure]:
    count, rounds = (5_000, 1) if ground.quick else (20_000, 3)
    told = list(events(count))
    trace = new_trace()
    prepared = [to_record(event, trace) for event in told]
    ours, bare = [], []
    for _ in range(rounds):
        bare.append(_append(ground, prepared))
        topic = ground.new_name("relay")
        ground.postgres_log.create_topic(topic)
        ours.append(drain(ground, ground.postgres_log, told, topic))
    return [
        Figure(
            "Outbox to the PostgreSQL log",
            "events/s",
            Side("relay", tuple(ours)),
            Side(f"bare append, {BATCH} at a time", tuple(bare)),
            aim=AIM,
            proven="Read back after each run: each client's events in order, none lost or doubled; all in the archive.",
        )
    ]


def _append(ground: Ground, prepared: Sequence[NewRecord]) -> float:
    log, topic = ground.postgres_log, ground.new_name("append")
    log.create_topic(topic)
    log.append(topic, prepared[:BATCH])
    began = time.perf_counter()
    for start in range(BATCH, len(prepared), BATCH):
        log.append(topic, prepared[start : start + BATCH])
    return (len(prepared) - BATCH) / (time.perf_counter() - began)
