"""Reading a topic to its end with our consumer, from the first handler's call to the last commit."""

import time
from datetime import UTC, datetime

from bench.figures import NotProven
from bench.hours import ears
from shared.consumer import Consumer
from shared.database import Database
from shared.eventlog.interface import EventLog
from shared.inbox_processor import Hearing
from shared.log_start import LogStart
from shared.metrics_pipeline import PipelineMetrics
from shared.service import Handler

LONGEST = 120.0  # seconds


def consume(log: EventLog, database: Database, topic: str, *, group: str, count: int) -> float:
    """
    Let a new group read `count` events with the real handler; gives events a second.

    Raises:
        NotProven: they did not come.
    """
    first: list[float] = []
    table = {kind: _timed(handler, first) for kind, handler in ears(group, topic).items()}
    hearing = Hearing(group, table, database, lambda: datetime.now(UTC), PipelineMetrics(), LogStart(group, log))
    consumer = Consumer(hearing, log, [topic])
    deadline, handled = time.monotonic() + LONGEST, 0
    try:
        while handled < count and time.monotonic() < deadline:
            handled += consumer.step(1.0)
        ended = time.perf_counter()
    finally:
        consumer.close()
    if handled != count:
        raise NotProven(f"{group}: {handled} events instead of {count}")
    return count / (ended - first[0])


def _timed(handler: Handler, first: list[float]) -> Handler:
    def noting(*given: object, **more: object) -> None:
        if not first:
            first.append(time.perf_counter())
        handler(*given, **more)  # type: ignore[arg-type]

    return noting
