"""
No name and no word of a client or colleague leaves the places made for it.

They may stand on HTML pages and, sealed, in the database of the one service that keeps them; not
in clear in any table, event, log line, metric, address or header, nor on the database's disk.
"""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import structlog
from psycopg import sql

from embedded.house import House
from embedded.postgres import EmbeddedPostgres
from shared.database.roles import with_database
from shared.logs import configure_logs
from tests.clinic import MONDAY, Clinic, SetClock
from tests.databases import empty
from tests.leaks import canaries
from tests.leaks.living import Life, Recorder, live
from tests.leaks.searching import leaks, spellings


@dataclass
class Traces:
    """Everything that was left behind outside of the pages."""

    life: Life
    tables: dict[str, bytes]
    logs: bytes
    metrics: dict[str, bytes]
    disk: list[Path]


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """All log lines, as the programs write them."""
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs(service="rapport", process="embedded", stream=stream, level="DEBUG")
    try:
        yield stream
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.reset_defaults()


@pytest.fixture(scope="module")
def traces(clinic_server: EmbeddedPostgres, installation: tuple[House, SetClock, list[str]]) -> Traces:
    house, clock, owners = installation
    house.settle()
    for owner in owners:
        empty(owner)
    clock.now = MONDAY
    door = Recorder(house.wsgi)
    with listening() as heard:
        life = live(Clinic(house, clock).open(), door)
    with psycopg.connect(clinic_server.url(), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    disk = [path for path in clinic_server.data.rglob("*") if path.is_file() and not path.is_socket()]
    disk.append(clinic_server.data.parent / f"{clinic_server.data.name}.log")
    return Traces(life, every_table(clinic_server), heard.getvalue().encode(), every_metric(house), disk)


def every_table(server: EmbeddedPostgres) -> dict[str, bytes]:
    """All rows of all tables of all databases, as text: the services', the portal's, and the log of events."""
    with psycopg.connect(server.url()) as connection:
        names = [row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'rapport%'")]
    found = {}
    for name in names:
        with psycopg.connect(with_database(server.url(), name)) as connection:
            tables = connection.execute(
                "SELECT schemaname, tablename FROM pg_tables "
                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            ).fetchall()
            for schema, table in tables:
                copy = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(schema, table))
                with connection.cursor() as cursor, cursor.copy(copy) as rows:
                    found[f"{name}.{table}"] = b"".join(rows)
    return found


def every_metric(house: House) -> dict[str, bytes]:
    found = {}
    for name, floor in house.floors.items():
        found[f"{name} web"] = floor.app.test_client().get("/metrics").data
        found[f"{name} worker"] = floor.worker.metrics.metrics.exposition()
    return found


def test_every_canary_sang_on_a_page(traces: Traces) -> None:
    """Else the other tests would search for what was never there."""
    pages = "\n".join(traces.life.pages)

    assert [
        word for word in canaries.OF_CLIENTS if word not in pages and word not in ("1632960777", canaries.BORN)
    ] == []
    assert "29 July 1931" in pages
    assert canaries.COLLEAGUE in pages


def test_the_search_finds_a_word_however_it_is_written() -> None:
    import base64

    for before in ("", "a", "ab", "abc"):
        told = f"{before}{canaries.FAMILY} and more"
        for written in (told.encode(), told.encode().hex().encode(), base64.b64encode(told.encode())):
            assert leaks([canaries.FAMILY], "here", written), written
    assert leaks([canaries.PHONE], "an address", b"/people?text=%2B44+1632+960777")
    assert not leaks(canaries.ALL, "here", b"nothing to see; 2026-11-23 and K-1042")
    assert all(spellings(word) for word in canaries.ALL)


def test_no_table_holds_a_name_or_a_word_in_clear(traces: Traces) -> None:
    kept = {name for name, rows in traces.tables.items() if rows}
    for told in ("rapport_intake.client", "rapport_feedback.checkin", "rapport_portal.staff", "rapport_log."):
        assert any(name.startswith(told) for name in kept), (told, sorted(kept))

    assert [hit for name, rows in traces.tables.items() for hit in leaks(canaries.ALL, name, rows)] == []


def test_nothing_of_it_lies_on_the_databases_disk_or_in_its_log(traces: Traces) -> None:
    """Also not in indexes, in the write-ahead log, or in what was deleted."""
    clear = [spelling for word in canaries.ALL for spelling in (word.encode(), word.lower().encode())]
    hits = []
    for path in traces.disk:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue  # PostgreSQL tidies up while we read
        hits += [f"{spelling!r} in {path}" for spelling in clear if spelling in content]

    assert hits == []


def test_no_event_tells_a_name_or_a_word(traces: Traces) -> None:
    told = {name: rows for name, rows in traces.tables.items() if name.startswith("rapport_log.") or "outbox" in name}
    events = b"\n".join(told.values())

    assert events.count(b"rapport.intake.client.registered.v1") >= 1
    assert events.count(b"rapport.feedback.episode.opened.v1") >= 1
    assert leaks(canaries.ALL, "the events", events) == []


def test_no_log_line_tells_a_name_or_a_word(traces: Traces) -> None:
    assert traces.logs.count(b"\n") > 50
    assert traces.logs.count(b"ValueError") >= 5  # each of the five that failed says so, and in which line
    assert leaks(canaries.ALL, "the logs", traces.logs) == []


def test_no_metric_tells_a_name_or_a_word(traces: Traces) -> None:
    for place, text in traces.metrics.items():
        assert b"# HELP" in text, place
        assert leaks(canaries.ALL, place, text) == []


def test_no_address_and_no_header_tells_a_name_or_a_word(traces: Traces) -> None:
    lines = "\n".join(traces.life.door.lines).encode()

    assert lines.count(b"POST /people/search") > 5
    assert leaks(canaries.ALL, "addresses and headers", lines) == []
