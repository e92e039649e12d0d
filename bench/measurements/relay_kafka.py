"""
The relay empties an outbox of 50,000 events of 500 clients into Kafka, beside a bare kafka-python producer.

The producer has the relay's own settings (idempotent, acks=all, batches of up to 128 KiB) and does
nothing but `send` the same records from memory and wait for all of them at the end. The relay claims rows
in batches of 500, waits for each batch to be acknowledged, moves it to the archive, and commits. After every
run the topic is read back: nothing lost, nothing doubled, every client's events in order.

The relay waits where the producer does not: for the acknowledgement of each batch, and for the disk at
each commit. A clinic makes less than one event a second; this is the speed at which an outage is caught up.
"""

import time
from collections.abc import Sequence
from typing import Any

from kafka import KafkaProducer

from bench.draining import drain
from bench.figures import Figure, NotProven, Side
from bench.ground import Ground
from bench.hours import events
from shared.envelope import Event, to_record
from shared.eventlog.interface import NewRecord
from shared.eventlog.kafka.settings import cluster_from_url, producer_settings
from shared.trace import new_trace

AIM = 0.45


def measure(ground: Ground) -> list[Figure]:
    count, rounds = (5_000, 1) if ground.quick else (50_000, 2)
    told = list(events(count))
    trace = new_trace()
    prepared = [to_record(event, trace) for event in told]
    ours, bare = [], []
    for _ in range(rounds):
        bare.append(_produce(ground, prepared))
        ours.append(_relay(ground, told))
    return [
        Figure(
            "Outbox to Kafka",
            "events/s",
            Side("relay", tuple(ours)),
            Side("bare kafka-python producer", tuple(bare)),
            aim=AIM,
            proven="Read back after each run: each client's events in order, none lost or doubled; all in the archive.",
        )
    ]


def _relay(ground: Ground, told: Sequence[Event]) -> float:
    topic = ground.new_name("relay")
    ground.kafka_log.create_topic(topic)
    return drain(ground, ground.kafka_log, told, topic)


def _produce(ground: Ground, prepared: Sequence[NewRecord]) -> float:
    topic = ground.new_name("producer")
    ground.kafka_log.create_topic(topic)
    producer = KafkaProducer(**producer_settings(cluster_from_url(ground.broker.url, name="bare")))
    try:
        _send(producer, topic, prepared[:500])
        began = time.perf_counter()
        _send(producer, topic, prepared[500:])
        return (len(prepared) - 500) / (time.perf_counter() - began)
    finally:
        producer.close(timeout=5)


def _send(producer: Any, topic: str, prepared: Sequence[NewRecord]) -> None:
    futures = []
    for record in prepared:
        headers = [(name, value.encode()) for name, value in record.headers]
        futures.append(producer.send(topic, value=record.value, key=record.key, headers=headers))
    producer.flush(timeout=60)
    if not all(future.succeeded() for future in futures):
        raise NotProven("the bare producer lost records")
