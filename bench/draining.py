"""Draining an outbox through the relay, and checking what lies on the log afterwards."""

import time
from collections import Counter
from collections.abc import Sequence

from bench.figures import NotProven
from bench.ground import Ground
from bench.hours import fill_outbox
from shared.envelope import Event
from shared.eventlog.interface import EventLog
from shared.metrics_pipeline import PipelineMetrics
from shared.relay import Relay

READ_SECONDS = 60.0


def drain(ground: Ground, log: EventLog, told: Sequence[Event], topic: str) -> float:
    """Fill the outbox, let a relay empty it, check the log; gives events a second of the draining alone."""
    fill_outbox(ground.urls.owner, told, topic)
    relay = Relay("bench", ground.urls.relay, log, PipelineMetrics())
    log.append(topic, [])  # the topic's partitions are known to a relay that runs
    moved = relay.drain_once()  # so are connection, lead and producer: not timed
    began = time.perf_counter()
    while batch := relay.drain_once():
        moved += batch
        if moved == len(told):
            break
    took = time.perf_counter() - began
    relay.close()
    _check_archive(ground, len(told))
    check_order(log, topic, len(told))
    return (len(told) - 500) / took


def check_order(log: EventLog, topic: str, count: int) -> None:
    """
    Read the topic back: every event there once, those of a client in their order.

    Raises:
        NotProven.
    """
    last: Counter[bytes] = Counter()
    seen, deadline = 0, time.monotonic() + READ_SECONDS
    reader = log.reader([topic])
    try:
        while seen < count and time.monotonic() < deadline:
            for record in reader.poll(1.0, 2000):
                key, sequence = record.key or b"", int(dict(record.headers)["ce_sequence"])
                if sequence != last[key] + 1:
                    raise NotProven(f"{topic}: {sequence} follows {last[key]} of one client")
                last[key], seen = sequence, seen + 1
        if seen != count or reader.poll(0.2):
            raise NotProven(f"{topic}: {seen} events instead of {count}")
    finally:
        reader.close()


def _check_archive(ground: Ground, count: int) -> None:
    with ground.database.transaction() as tx:
        row = tx.row("SELECT (SELECT count(*) FROM outbox) AS left, (SELECT count(*) FROM outbox_archive) AS kept")
    if row != {"left": 0, "kept": count}:
        raise NotProven(f"outbox and archive: {row} instead of 0 and {count}")
