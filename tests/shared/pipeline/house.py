"""Two small services, their workers and the log between them, driven step by step."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import LiteralString
from uuid import UUID

import psycopg

from shared.database import Database
from shared.database.provision import ServiceUrls
from shared.database.tx import Row
from shared.envelope import Event, to_record
from shared.eventlog.interface import EventLog, NewRecord
from shared.service import Handler
from shared.trace import new_trace
from shared.worker import ServiceWorker
from tests.faults.counting import COUNTING, count_and_tell
from tests.faults.mirror import mirror

GROUP = "rapport.mirror"
TOPIC = "rapport.counting"
MARA, NOOR = UUID("018f0000-0000-7000-8000-00000000000a"), UUID("018f0000-0000-7000-8000-00000000000b")


class ManualClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class House:
    counting_urls: ServiceUrls
    mirror_urls: ServiceUrls
    counting: Database
    mirror: Database
    log: EventLog
    clock: ManualClock = field(default_factory=ManualClock)
    workers: list[ServiceWorker] = field(default_factory=list)

    def count(self, *clients: UUID) -> list[Event]:
        """Count once for each client, each in a transaction of its own."""
        return [self.counting.run(partial(count_and_tell, client=client, now=self.clock())) for client in clients]

    def teller(self, log: EventLog | None = None) -> ServiceWorker:
        """The worker that relays; there is one at a time."""
        for worker in self.workers:
            if worker.service is COUNTING and log is None:
                return worker
        return self._hire(
            ServiceWorker(
                COUNTING,
                database=self.counting,
                relay_url=self.counting_urls.relay,
                sealer_url=self.counting_urls.sealer,
                log=log or self.log,
                clock=self.clock,
            )
        )

    def listener(self, hears: Mapping[str, Handler] | None = None, log: EventLog | None = None) -> ServiceWorker:
        return self._hire(
            ServiceWorker(
                mirror(hears),
                database=self.mirror,
                relay_url=self.mirror_urls.relay,
                sealer_url=self.mirror_urls.sealer,
                log=log or self.log,
                clock=self.clock,
            )
        )

    def say(self, event: Event, **changes: object) -> None:
        """Put an event on the log by hand, past outbox and relay."""
        self.append(to_record(replace(event, **changes), new_trace()))  # type: ignore[arg-type]

    def append(self, *records: NewRecord) -> None:
        self.log.append(TOPIC, records)

    def settle(self, *workers: ServiceWorker) -> None:
        while sum(worker.step() for worker in workers):
            pass

    def heard(self, client: UUID | None = None) -> list[int]:
        """The counts the mirror wrote down, in order of writing."""
        rows = self.rows("SELECT client, count FROM effect ORDER BY no")
        return [row["count"] for row in rows if client in (None, row["client"])]

    def rows(self, sql: LiteralString) -> list[Row]:
        with self.mirror.transaction() as tx:
            return tx.rows(sql)

    def outbox(self) -> tuple[int, int]:
        """How many events wait, how many are in the archive."""
        with psycopg.connect(self.counting_urls.relay) as connection:
            row = connection.execute(
                "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM outbox_archive)"
            ).fetchone()
        assert row is not None
        return int(row[0]), int(row[1])

    def parked(self) -> list[tuple[str, str | None]]:
        """State and class of error of all parked events, in order."""
        rows = self.rows("SELECT state, error_class FROM parked_events ORDER BY id")
        return [(row["state"], row["error_class"]) for row in rows]

    def close(self) -> None:
        for worker in self.workers:
            worker.close()

    def _hire(self, worker: ServiceWorker) -> ServiceWorker:
        self.workers.append(worker)
        return worker
