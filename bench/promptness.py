"""How long an event takes from its commit to its handler, at ten events a second, in one process."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

from bench.figures import NotProven
from bench.ground import Ground
from bench.hours import SERVICE, events, hour_kept_on
from shared.database import Tx
from shared.envelope import Event, Message
from shared.eventlog.interface import EventLog
from shared.ids import uuid7
from shared.outbox import publish
from shared.worker import ServiceWorker

PAUSE = 0.1  # seconds between events
SETTLE = 3.0  # seconds until threads, connections and group are in place


def wait_for(arrived: Callable[[], bool], what: str) -> None:
    """Wait until something has come; raises NotProven after 30 s."""
    deadline = time.monotonic() + 30
    while not arrived():
        if time.monotonic() > deadline:
            raise NotProven(f"{what} did not come within 30 s")
        time.sleep(0.005)


def commit_to_handler(ground: Ground, log: EventLog, times: int) -> list[float]:
    """Milliseconds from the return of each commit to the call of its handler, through outbox, relay and log."""
    heard: dict[str, float] = {}

    def note(tx: Tx, message: Message, *, now: datetime) -> None:  # noqa: ARG001 - of a handler
        heard[message.id] = time.perf_counter()

    log.create_topic(SERVICE.topic)
    service = replace(SERVICE, handlers={hour_kept_on(SERVICE.topic): note})
    worker = ServiceWorker(
        service,
        database=ground.database,
        relay_url=ground.urls.relay,
        sealer_url=ground.urls.sealer,
        log=log,
        clock=lambda: datetime.now(UTC),
    )
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        numbers = count(1)
        client = uuid7()
        _tell(ground, client, next(numbers))
        wait_for(lambda: len(heard) == 1, "the first event")
        time.sleep(0.5 if ground.quick else SETTLE)
        heard.clear()
        told: dict[str, float] = {}
        for _ in range(times):
            event = _tell(ground, client, next(numbers))
            told[str(event.id)] = time.perf_counter()
            time.sleep(PAUSE)
        wait_for(lambda: len(heard) == times, f"one of {times} events")
    finally:
        stop.set()
        thread.join(30)
    if list(heard) != list(told):
        raise NotProven("events were heard in another order than they were told")
    return [(heard[one] - told[one]) * 1000 for one in told]


def _tell(ground: Ground, client: UUID, sequence: int) -> Event:
    """A change and its event, in one transaction."""
    first = next(events(1))
    event = replace(
        first,
        id=uuid7(),
        key=client,
        subject=f"course/{client}",
        sequence=sequence,
        time=datetime.now(UTC),
        data={**first.data, "client_id": client},
    )
    ground.database.run(lambda tx: publish(tx, event))
    return event
