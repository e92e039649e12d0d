"""
From commit to handler over Kafka, at ten events a second, beside a bare record through the same broker.

Ours starts when the commit returns and ends in the handler, as above. The peer has no database at all: a
kafka-python producer with the relay's settings sends a record (flushed at once, so without the linger), a
kafka-python consumer with our consumer's settings waits for it. The aim is at most three times that.
"""

import threading
import time
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from bench.figures import Better, Figure, NotProven, Side, percentile
from bench.ground import Ground
from bench.promptness import PAUSE, commit_to_handler, wait_for
from shared.eventlog.kafka.settings import cluster_from_url, consumer_settings, producer_settings

AIM = 3.0


def measure(ground: Ground) -> list[Figure]:
    times, rounds = (30, 1) if ground.quick else (100, 2)
    bare, ours = [], []
    for _ in range(rounds):
        bare.append(_round_trips(ground, times))
        ours.append(commit_to_handler(ground, ground.kafka_log, times))
    proven = f"All {times * rounds} events were heard, in order."
    figures = []
    for share, aim in ((0.50, AIM), (0.99, None)):
        us = Side("outbox to handler", tuple(percentile(run, share) for run in ours))
        them = Side("bare record", tuple(percentile(run, share) for run in bare))
        what = f"Commit to handler, Kafka, p{share * 100:.0f}"
        figures.append(Figure(what, "ms", us, them, Better.LESS, aim=aim, proven=proven))
    return figures


def _round_trips(ground: Ground, times: int) -> list[float]:
    """Milliseconds from send to the consumer's hands."""
    topic = ground.new_name("bare")
    ground.kafka_log.create_topic(topic, partitions=1)
    cluster = cluster_from_url(ground.broker.url, name="bare")
    consumer = KafkaConsumer(**consumer_settings(cluster, None, bootstrap_seconds=5))
    place = TopicPartition(topic, 0)
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    producer = KafkaProducer(**producer_settings(cluster))
    arrived: list[float] = []
    stop = threading.Event()
    thread = threading.Thread(target=_listen, args=(consumer, arrived, stop))
    thread.start()
    sent: list[float] = []
    try:
        _send(producer, topic)
        wait_for(lambda: len(arrived) == 1, "the first record")
        for _ in range(times):
            sent.append(time.perf_counter())
            _send(producer, topic)
            time.sleep(PAUSE)
        wait_for(lambda: len(arrived) == times + 1, f"one of {times} records")
    finally:
        stop.set()
        thread.join(10)
        producer.close(timeout=5)
        consumer.close()
    if len(arrived) != times + 1:
        raise NotProven("the bare consumer lost records")
    return [(came - went) * 1000 for went, came in zip(sent, arrived[1:], strict=True)]


def _listen(consumer: Any, arrived: list[float], stop: threading.Event) -> None:
    while not stop.is_set():
        for found in consumer.poll(timeout_ms=200).values():
            arrived.extend(time.perf_counter() for _ in found)


def _send(producer: Any, topic: str) -> None:
    producer.send(topic, value=b"x" * 400, key=b"client")
    producer.flush(timeout=10)
