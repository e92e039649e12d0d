"""
Booking an hour over HTTP, beside pgbench running the statements that a booking took in release 0.1.0.

`python -m services.scheduling web` runs as in production (gunicorn, 2 processes of 8 threads) and takes
bookings over 8 kept-alive connections. Each checks a token, a body and an idempotency key, takes two locks,
looks for clashes, writes appointment, occupancy, outbox, sealed answer and audit trail, and commits to disk.
pgbench runs bench/booking-0.1.0.sql, prepared, over 8 connections, with other clients and hours for each
transaction: a fixed script, so that a statement saved since then shows. The sealer chains the trail meanwhile,
in a process of its own as a worker has it. Both leave the same number of rows
in every table, which is checked.

What lies between the two is HTTP, tokens, validation, sealing and Python itself, all on the same cores as
PostgreSQL and the load generator. The third figure says how much: processor time in the web process beside
that of PostgreSQL for the same bookings. The last two say what a booking costs on the wire, counted in
libpq's own trace of one.
"""

import os
import re
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bench import booking
from bench.figures import Better, Figure, NotProven, Side, limit, percentile
from bench.ground import Ground, pgbench
from bench.load import send_all
from bench.machine import cpu_seconds
from bench.sealing import sealing
from shared.database.provision import ServiceUrls

AIM = 0.50
SCRIPT = Path(__file__).resolve().parents[1] / "booking-0.1.0.sql"
OLD_STATEMENTS, OLD_ROUND_TRIPS = 19, 18  # of a booking in release 0.1.0, counted in the same way
CONNECTIONS = 8
GOAL_MS = 150.0  # 95 % of bookings, the service level of docs
TABLES = ("appointment", "occupancy", "outbox", "idempotency", "audit trail")


def measure(ground: Ground) -> list[Figure]:
    count, rounds = (400, 1) if ground.quick else (1_600, 3)
    urls = booking.fill(ground)
    statements, round_trips = booking.cost_of_one(urls, ground.folder)
    ours, theirs, tails, done = [], [], [], 0
    python, sql = [], []
    with booking.web_process(urls, ground) as (port, pid), sealing(urls, ground):
        send_all(port, booking.requests(0, 80), connections=CONNECTIONS, expect=201)
        _pgbench(urls, first=0, each=10)
        for n in range(rounds):
            rows = _rows(urls)
            prepared = booking.requests(80 + n * count, count)
            before = cpu_seconds(pid), cpu_seconds(ground.postgres.pid)
            seconds, each = send_all(port, prepared, connections=CONNECTIONS, expect=201)
            python.append((cpu_seconds(pid) - before[0]) / count * 1000)
            sql.append((cpu_seconds(ground.postgres.pid) - before[1]) / count * 1000)
            between = _rows(urls)
            theirs.append(_pgbench(urls, first=10 + n * count // CONNECTIONS, each=count // CONNECTIONS))
            _check(rows, between, _rows(urls), count)
            ours.append(count / seconds)
            tails.append(percentile(each, 0.95) * 1000)
            done += count
    proven = f"{done:,} bookings by either side, each with the same rows in {', '.join(TABLES)}."
    return [
        Figure(
            "Booking over HTTP, with outbox and audit",
            "bookings/s",
            Side("scheduling's API", tuple(ours)),
            Side("pgbench, statements of 0.1.0", tuple(theirs)),
            aim=AIM,
            proven=proven,
        ),
        Figure(
            "Booking over HTTP at full load, 95 of 100 within",
            "ms",
            Side("scheduling's API", tuple(tails)),
            limit(GOAL_MS, "service level"),
            Better.LESS,
            aim=1.0,
        ),
        Figure(
            "Processor time of a booking",
            "ms",
            Side("web process", tuple(python)),
            Side("PostgreSQL, same bookings", tuple(sql)),
            Better.LESS,
        ),
        Figure(
            "Statements of a booking",
            "",
            Side("scheduling's API", (statements,)),
            Side("release 0.1.0", (OLD_STATEMENTS,)),
            Better.LESS,
        ),
        Figure(
            "Round trips of a booking",
            "",
            Side("scheduling's API", (round_trips,)),
            Side("release 0.1.0", (OLD_ROUND_TRIPS,)),
            Better.LESS,
        ),
    ]


def _pgbench(urls: ServiceUrls, *, first: int, each: int) -> float:
    """Transactions a second of `each` transactions on every connection."""
    where = conninfo_to_dict(urls.owner)
    names = {"host": "PGHOST", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    environment = {names[key]: str(value) for key, value in where.items() if key in names}
    command = [str(pgbench()), "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "1", "-t", str(each)]
    done = subprocess.run(
        [*command, "-D", f"i={first}", "-D", f"base={booking.BASE:%Y%m%dT%H}0000+00", "-f", str(SCRIPT)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    rate = re.search(r"tps = ([0-9.]+) \(without", done.stdout)
    if done.returncode != 0 or rate is None:
        raise NotProven(f"pgbench: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
    return float(rate[1])


def _rows(urls: ServiceUrls) -> tuple[int, ...]:
    columns = ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES[:-1])
    trail = "(SELECT count(*) FROM audit) + (SELECT count(*) FROM audit_waiting)"
    with psycopg.connect(urls.owner) as connection:
        found = connection.execute(f"SELECT {columns}, {trail}".encode()).fetchone()
    assert found is not None
    return tuple(found)


def _check(before: tuple[int, ...], between: tuple[int, ...], after: tuple[int, ...], count: int) -> None:
    ours = [b - a for a, b in zip(before, between, strict=True)]
    theirs = [b - a for a, b in zip(between, after, strict=True)]
    if ours != theirs or ours[0] != count:
        raise NotProven(f"rows of {count} bookings: ours {ours}, pgbench {theirs}")
