"""
Reading an appointment over HTTP, which leaves a line in the audit trail, beside the same read without that line.

`python -m services.scheduling web` runs as in production (gunicorn, 2 processes of 8 threads) and answers
`GET /v1/appointments/{id}` over 16 kept-alive connections, of forty appointments in turn. The peer is the same
process, the same requests, with the audit trail cut out. The sealer chains the trail meanwhile. Afterwards it is
longer by exactly as many lines as reads were answered.
"""

import psycopg

from bench import booking
from bench.figures import Better, Figure, NotProven, Side, limit, percentile
from bench.ground import Ground
from bench.load import send_all
from bench.sealing import sealing
from shared.database.provision import ServiceUrls

CONNECTIONS = 16
GOAL_MS = 150.0  # 95 % of reads, as of bookings


def measure(ground: Ground) -> list[Figure]:
    count, rounds = (800, 1) if ground.quick else (3_200, 3)
    urls = booking.fill(ground)
    ours, theirs, tails = [], [], []
    with (
        booking.web_process(urls, ground) as (port, _),
        booking.web_process(urls, ground, module="bench.unaudited") as (bare, _),
        sealing(urls, ground),
    ):
        if not _appointments(urls):  # those of another measurement will do as well
            send_all(port, booking.requests(0, booking.PAIRS), connections=8, expect=201)
        paths = [f"/v1/appointments/{found}" for found in _appointments(urls)]
        for each in (port, bare):
            send_all(each, booking.reads(paths, 160), connections=CONNECTIONS, expect=200)
        for _ in range(rounds):
            before = _trail(urls)
            seconds, took = send_all(port, booking.reads(paths, count), connections=CONNECTIONS, expect=200)
            if _trail(urls) - before != count:
                raise NotProven(f"{count} reads left {_trail(urls) - before} lines in the trail")
            ours.append(count / seconds)
            tails.append(percentile(took, 0.95) * 1000)
            seconds, _ = send_all(bare, booking.reads(paths, count), connections=CONNECTIONS, expect=200)
            theirs.append(count / seconds)
    return [
        Figure(
            "An audited read over HTTP, 16 at a time",
            "reads/s",
            Side("scheduling's API", tuple(ours)),
            Side("same read without audit", tuple(theirs)),
            proven=f"{count * rounds:,} reads, each with its line in the trail.",
        ),
        Figure(
            "An audited read at full load, 95 of 100 within",
            "ms",
            Side("scheduling's API", tuple(tails)),
            limit(GOAL_MS, "service level"),
            Better.LESS,
            aim=1.0,
        ),
    ]


def _appointments(urls: ServiceUrls) -> list[str]:
    with psycopg.connect(urls.owner) as connection:
        return [
            str(row[0])
            for row in connection.execute("SELECT appointment_id FROM appointment ORDER BY 1 LIMIT 40").fetchall()
        ]


def _trail(urls: ServiceUrls) -> int:
    with psycopg.connect(urls.owner) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM audit_waiting)"
        ).fetchone()
    assert row is not None
    return int(row[0])
