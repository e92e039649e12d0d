"""
The same reading with FastStream, as a program of its own: it wants an event loop to itself.

    python -m bench.faststream_reader <bootstrap> <topic> <group> <count> batch|single

The database's URL comes on standard input. Prints events a second, from the first call of the
handler to the last commit. Inbox, sequence check and handler are the same SQL as ours, in one
transaction for what FastStream hands over: a batch of up to 100, or one event.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from psycopg.rows import dict_row

from bench.hours import KEEP, keep_values

LONGEST = 120.0  # seconds

KEEP_IDS = (
    "INSERT INTO inbox (consumer, ce_source, ce_id, seen_at) "
    "SELECT %s, source, id, %s FROM unnest(%s::text[], %s::text[]) AS heard(source, id) "
    "ON CONFLICT DO NOTHING RETURNING ce_source, ce_id"
)
SEQUENCES = (
    "SELECT ce_source, ce_subject, sequence FROM inbox_sequence "
    "JOIN unnest(%s::text[], %s::text[]) AS asked(source, subject) ON ce_source = source AND ce_subject = subject "
    "WHERE consumer = %s"
)
KEEP_SEQUENCES = (
    "INSERT INTO inbox_sequence (consumer, ce_source, ce_subject, sequence) "
    "SELECT %s, source, subject, sequence "
    "FROM unnest(%s::text[], %s::text[], %s::int[]) AS heard(source, subject, sequence) "
    "ON CONFLICT (consumer, ce_source, ce_subject) DO UPDATE "
    "SET sequence = excluded.sequence WHERE inbox_sequence.sequence < excluded.sequence"
)


class Reader:
    """Handles what FastStream hands over, on one connection."""

    def __init__(self, connection: psycopg.AsyncConnection[dict[str, Any]], group: str, count: int) -> None:
        self._connection = connection
        self._group = group
        self._left = count
        self._began = 0.0
        self.took = 0.0
        self.done = asyncio.Event()

    async def handle(self, records: Sequence[Any]) -> None:
        """One transaction."""
        self._began = self._began or time.perf_counter()
        heard = [({name: value.decode() for name, value in r.headers}, r.value or b"") for r in records]
        async with self._connection.transaction():
            await self._apply(heard)
        self._left -= len(records)
        if self._left <= 0:
            self.took = time.perf_counter() - self._began
            self.done.set()

    async def _apply(self, heard: list[tuple[dict[str, str], bytes]]) -> None:
        ids = sorted({(headers["ce_source"], headers["ce_id"]) for headers, _ in heard})
        subjects = sorted({(headers["ce_source"], headers["ce_subject"]) for headers, _ in heard})
        fresh = await self._rows(
            KEEP_IDS, (self._group, datetime.now(UTC), [source for source, _ in ids], [one for _, one in ids])
        )
        new = {(row["ce_source"], row["ce_id"]) for row in fresh}
        known = await self._rows(
            SEQUENCES, ([source for source, _ in subjects], [one for _, one in subjects], self._group)
        )
        have = {(row["ce_source"], row["ce_subject"]): row["sequence"] for row in known}
        for headers, value in heard:
            subject, sequence = (headers["ce_source"], headers["ce_subject"]), int(headers["ce_sequence"])
            if (headers["ce_source"], headers["ce_id"]) not in new or sequence != have.get(subject, 0) + 1:
                raise RuntimeError("an event came twice or out of order")
            have[subject] = sequence
            await self._connection.execute(KEEP, keep_values(self._group, json.loads(value), sequence))
        await self._connection.execute(
            KEEP_SEQUENCES,
            (self._group, [s for s, _ in subjects], [one for _, one in subjects], [have[s] for s in subjects]),
        )

    async def _rows(self, sql: Any, values: Sequence[Any]) -> list[dict[str, Any]]:
        return await (await self._connection.execute(sql, values)).fetchall()


async def read(bootstrap: str, topic: str, group: str, count: int, *, batch: bool, url: str) -> float:
    """Read `count` events; gives events a second."""
    connection = await psycopg.AsyncConnection.connect(url, row_factory=dict_row, autocommit=True)
    reader = Reader(connection, group, count)
    broker = KafkaBroker(bootstrap, logger=None)
    settings: dict[str, Any] = {"group_id": group, "auto_offset_reset": "earliest"}
    settings |= {"ack_policy": AckPolicy.NACK_ON_ERROR, "max_poll_records": 500}

    async def handle(message: KafkaMessage) -> None:
        raw = message.raw_message
        await reader.handle(raw if isinstance(raw, tuple) else [raw])

    if batch:
        broker.subscriber(topic, batch=True, max_records=100, **settings)(handle)
    else:
        broker.subscriber(topic, **settings)(handle)
    async with broker:
        await broker.start()
        await asyncio.wait_for(reader.done.wait(), LONGEST)
    await connection.close()
    return count / reader.took


if __name__ == "__main__":
    where, what, who, many, how = sys.argv[1:]
    print(asyncio.run(read(where, what, who, int(many), batch=how == "batch", url=sys.stdin.read())))
