"""
A check-in comes back to a course of 30 sessions and more: answers checked, scored, kept, told of in the outbox, the
whole course read again from its first session, its readings, episode and standing kept, and committed with fsync.

Measured around the transaction of the service's own command, without HTTP, on one connection, with eight clients in
turn; the 99th percentile of sessions 30 to 54. The limit is 30 ms. Beside it stands what the disk alone costs: a commit
of a transaction that does nothing but take a number, in turns with the check-ins. There is no reading on from a kept
memory: reading all again is a small part of it, and cannot differ from a full reading because it is one.
"""

import time
from uuid import UUID

from bench.figures import Better, Figure, NotProven, Side, limit, percentile
from bench.ground import Ground
from bench.simulation.model import Kind, courses
from bench.sittings import Sittings, sittings

LIMIT = 30.0  # ms
BEFORE = 29


def measure(ground: Ground) -> list[Figure]:
    clients, measured = (2, 5) if ground.quick else (8, 25)
    with sittings(ground) as place:
        people = [place.client() for _ in range(clients)]
        totals = _totals(len(people), BEFORE + measured)
        for week in range(1, BEFORE + 1):
            for client_id, course in zip(people, totals, strict=True):
                place.answer(place.hold(client_id, week), course[week - 1], week)
        ours, empty = [], []
        for week in range(BEFORE + 1, BEFORE + measured + 1):
            for client_id, course in zip(people, totals, strict=True):
                empty.append(_empty(place))
                ours.append(_check_in(place, client_id, course[week - 1], week))
        proven = _prove(place, len(people) * (BEFORE + measured))
    us = Side("check-in, 99th percentile", (percentile(ours, 0.99),))
    half, commit = Side("check-in, median", (percentile(ours, 0.5),)), "empty commit"
    what = "A check-in with its reading"
    return [
        Figure(f"{what}, 99th percentile", "ms", us, limit(LIMIT), Better.LESS, 1.0, proven),
        Figure(f"{what}, median beside the commit's", "ms", half, Side(commit, (percentile(empty, 0.5),)), Better.LESS),
        Figure(
            f"{what}, 99th percentile beside the commit's",
            "ms",
            us,
            Side(commit, (percentile(empty, 0.99),)),
            Better.LESS,
        ),
    ]


def _totals(people: int, length: int) -> list[list[float]]:
    """Totals as the simulation draws them, end to end; where a form did not come back, the one before."""
    drawn = iter([s.total for c in courses(Kind.DIP, people * 8, 9) for s in c.sessions if s.total is not None])
    return [[next(drawn) for _ in range(length)] for _ in range(people)]


def _check_in(place: Sittings, client_id: UUID, total: float, week: int) -> float:
    offer_id = place.hold(client_id, week)
    began = time.perf_counter()
    place.answer(offer_id, total, week)
    return (time.perf_counter() - began) * 1000


def _empty(place: Sittings) -> float:
    began = time.perf_counter()
    with place.database.transaction() as tx:
        tx.execute("SELECT pg_current_xact_id()")
    return (time.perf_counter() - began) * 1000


def _prove(place: Sittings, sessions: int) -> str:
    with place.database.transaction() as tx:
        read = tx.value("SELECT count(*) FROM reading WHERE superseded_at IS NULL AND detail ->> 'total' IS NOT NULL")
        episodes = tx.value("SELECT count(*) FROM episode")
    if read != sessions:
        raise NotProven(f"{read} sessions read instead of {sessions}")
    return f"{read:,} sessions read, {episodes} episodes kept."
