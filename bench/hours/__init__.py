"""
A service made for measuring: keeps, per client, how many hours were told of.

Owns: the courses. Publishes: hour.kept. Listens to: hour.kept.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import LiteralString
from uuid import UUID

import psycopg
from flask import Blueprint
from marshmallow import EXCLUDE, Schema, fields

from bench.figures import NotProven
from shared.database import Database, Tx
from shared.envelope import Event, Message, event_headers, event_payload, to_record
from shared.eventlog.interface import NewRecord
from shared.service import Handler, Service
from shared.trace import new_trace

CLIENTS = 500
FIRST = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PRACTITIONER = UUID(int=7)

KEEP: LiteralString = """
INSERT INTO course (reader, client_id, hours, last_start, sequence) VALUES (%s, %s, 1, %s, %s)
ON CONFLICT (reader, client_id) DO UPDATE SET hours = course.hours + 1, last_start = excluded.last_start,
  sequence = excluded.sequence, in_order = course.in_order AND excluded.sequence = course.sequence + 1
"""

SERVICE = Service("bench", "Bench", Blueprint("bench", __name__), {}, "bench.hours.migrations")


class HourHeard(Schema):
    """What is read of the event, as a service would."""

    class Meta:
        unknown = EXCLUDE

    client_id = fields.UUID(required=True)
    starts_at = fields.AwareDateTime(required=True)


def hour_kept_on(topic: str) -> str:
    """The event's type on a topic: a service speaks on its own alone, so each topic stands for another service."""
    return f"{topic}.hour.kept.v1"


def ears(reader: str, topic: str) -> dict[str, Handler]:
    """The handler, writing under the name of one reader."""
    return {hour_kept_on(topic): partial(_hour_kept, reader)}


def _hour_kept(reader: str, tx: Tx, message: Message, *, now: datetime) -> None:  # noqa: ARG001 - of a handler
    tx.execute(KEEP, keep_values(reader, message.data, message.sequence))


def keep_values(reader: str, data: object, sequence: int | None) -> tuple[object, ...]:
    """The parameters of KEEP: what every reader does with an event, in whatever framework."""
    heard = HourHeard().load(data)  # type: ignore[arg-type]
    return reader, heard["client_id"], heard["starts_at"], sequence


def events(count: int, topic: str = SERVICE.topic) -> Iterator[Event]:
    """Events of many clients in turn; the hours of each are numbered without a gap."""
    for n in range(count):
        client, sequence = UUID(int=(0x018F << 112) + n % CLIENTS), n // CLIENTS + 1
        starts_at = FIRST + timedelta(hours=sequence)
        yield Event(
            service=topic.removeprefix("rapport."),
            kind="hour.kept.v1",
            subject=f"course/{client}",
            key=client,
            sequence=sequence,
            time=FIRST,
            data={
                "client_id": client,
                "practitioner_id": PRACTITIONER,
                "type_code": "02",
                "modality": "in_person",
                "starts_at": starts_at,
                "ends_at": starts_at + timedelta(minutes=50),
                "kept_at": FIRST,
            },
        )


def records(count: int, topic: str = SERVICE.topic) -> list[NewRecord]:
    """The same as records for a log."""
    trace = new_trace()
    return [to_record(event, trace) for event in events(count, topic)]


def fill_outbox(owner_url: str, told: Sequence[Event], topic: str) -> None:
    """Rows as `shared.outbox.publish` writes them, by COPY, and the archive emptied."""
    import json

    trace = new_trace()
    columns = "id, aggregatetype, aggregateid, type, aggregate_version, topic, key, headers, payload"
    with psycopg.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE outbox, outbox_archive")
        with cursor.copy(f"COPY outbox ({columns}) FROM STDIN") as copy:
            for event in told:
                kind, _, aggregate_id = event.subject.partition("/")
                headers = json.dumps(event_headers(event, trace), ensure_ascii=False)
                key, payload = str(event.key).encode(), event_payload(event)
                copy.write_row((event.id, kind, aggregate_id, event.type, event.sequence, topic, key, headers, payload))
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE outbox")


def prove(database: Database, reader: str, count: int) -> str:
    """
    Check that every event took effect once and in the order of its client; says so.

    Raises:
        NotProven.
    """
    with database.transaction() as tx:
        row = tx.row("SELECT sum(hours) AS hours, bool_and(in_order) AS ok FROM course WHERE reader = %s", (reader,))
    if row is None or row["hours"] != count or not row["ok"]:
        raise NotProven(f"{reader}: {row} instead of {count} effects in order")
    return f"All {count:,} events took effect once, in the order of their client."
