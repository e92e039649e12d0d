"""The processes that are killed: writers right and wrong, workers right and wrong. Each runs until it dies."""

import os
import random
import signal
import threading
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow

from shared.clock import utc_now
from shared.database import Database
from shared.envelope import to_record
from shared.eventlog.interface import NewRecord
from shared.metrics_pipeline import PipelineMetrics
from shared.relay import Relay
from shared.service import Service
from shared.trace import new_trace
from shared.worker import ServiceWorker
from tests.broker.subjects import open_impatient
from tests.faults.counting import COUNTING, count_and_tell, raise_count
from tests.faults.mirror import mirror

Settings = Mapping[str, Any]


def write(settings: Settings) -> None:
    """Count for random clients, `threads` at once; a few transactions are slow. Acknowledge each commit in a file."""
    stop = _until_terminated()
    database = Database(settings["app_url"], name="writer", size=settings["threads"]).open()
    acknowledged = os.open(settings["acknowledged"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    clients = [UUID(client) for client in settings["clients"]]
    tell = _after_commit if settings.get("dual_write") else _in_outbox
    log = open_impatient(settings["log_url"]) if settings.get("dual_write") else None

    def loop(number: int) -> None:
        chance = random.Random(f"{settings['seed']}-{number}")
        for _ in range(settings.get("most", 1_000_000)):
            if stop.is_set():
                return
            client, slow = chance.choice(clients), chance.random() < 0.05
            count = tell(database, log, client, 0.01 if slow else 0.0)
            os.write(acknowledged, f"{client} {count}\n".encode())
            if settings.get("rest"):
                time.sleep(chance.uniform(0, settings["rest"]))

    threads = [threading.Thread(target=loop, args=(n,)) for n in range(settings["threads"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _in_outbox(database: Database, _log: Any, client: UUID, slow: float) -> int:
    with database.transaction() as tx:
        event = count_and_tell(tx, client, now=utc_now())
        tx.flush()  # the row has its number; the commit comes late
        time.sleep(slow)
    return event.sequence


def _after_commit(database: Database, log: Any, client: UUID, slow: float) -> int:
    """The planted mistake: the change is committed, then told. A crash between the two is a loss."""
    with database.transaction() as tx:
        event = raise_count(tx, client, now=utc_now())
        time.sleep(slow)
    log.append(event.topic, [to_record(event, new_trace())])
    return event.sequence


def work(settings: Settings) -> None:
    """A service's worker, as it runs in a clinic."""
    service: Service = COUNTING if settings["service"] == "counting" else mirror()
    database = Database(settings["app_url"], name=f"{service.name} worker", size=6).open()
    log = open_impatient(settings["log_url"])
    worker = ServiceWorker(
        service,
        database=database,
        relay_url=settings["relay_url"],
        sealer_url=settings["sealer_url"],
        log=log,
        clock=utc_now,
    )
    worker.run(_until_terminated())
    log.close()


def relay(settings: Settings) -> None:
    """Our relay alone, resting 0-4 ms after each batch, as in the experiment with the wrong one below."""
    stop = _until_terminated()
    chance = random.Random(settings["seed"])
    one = Relay("counting", settings["relay_url"], open_impatient(settings["log_url"]), PipelineMetrics())
    while not stop.is_set():
        one.drain_once()
        time.sleep(chance.uniform(0, 0.004))
    while one.drain_once():
        pass


def relay_by_last_id(settings: Settings) -> None:
    """The planted mistake: remember the last number seen. Who commits late under a lower one is never read."""
    stop = _until_terminated()
    chance = random.Random(settings["seed"])
    log = open_impatient(settings["log_url"])
    last = 0
    with psycopg.connect(settings["relay_url"], autocommit=True) as connection:
        while True:
            ending = stop.is_set()
            rows = _after(connection, last)
            if rows:
                log.append("rapport.counting", [NewRecord(row[1], row[2]) for row in rows])
                last = rows[-1][0]
            elif ending:
                return
            time.sleep(chance.uniform(0, 0.004))


def _after(connection: psycopg.Connection[TupleRow], last: int) -> list[TupleRow]:
    return connection.execute(
        "SELECT seq, key, payload FROM outbox WHERE seq > %s ORDER BY seq LIMIT 500", (last,)
    ).fetchall()


def _until_terminated() -> threading.Event:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    return stop


PARTS = {"write": write, "work": work, "relay": relay, "relay_by_last_id": relay_by_last_id}
