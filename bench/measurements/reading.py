"""
100,000 sessions are read again, as after a change of rules: synthetic courses of 8 to 24 sessions with ruptures,
drifts, gaps and said-so answers (bench/simulation), read by the newest rules in one process.

Only reading is counted, not loading, in seconds of processor time, which is what "a core" means on a machine that is
shared. The limit is 20,000 sessions a second. Two peers show what the machine can do with the same rows: the least
there is to say of a session, mean and standard deviation of the eight totals before it, in a plain loop without numpy;
and parsing the rows as JSON, one a session, as they would lie in a file. Both do far less than the reader, which looks
at ten signals, follows episodes and makes sentences: the ratios say how much more that costs, and have no aim.
"""

import json
import math
import time
from collections.abc import Callable, Sequence

from bench.figures import Figure, NotProven, Side, limit
from bench.ground import Ground
from bench.simulation.model import EVENTFUL, QUIET, Simulated, courses
from services.feedback.alliance.domain.reader import read
from services.feedback.alliance.domain.rules import NEWEST, RULES
from services.feedback.alliance.domain.series import Series

SESSIONS = 100_000
LIMIT = 20_000.0  # sessions a second on one core
BASE = 8
SEED = 4


def measure(ground: Ground) -> list[Figure]:
    wanted, rounds = (5_000, 1) if ground.quick else (SESSIONS, 3)
    simulated = _courses(wanted)
    count = sum(len(course.sessions) for course in simulated)
    rows = _rows(simulated)
    ours, plain, parsed = [], [], []
    episodes = 0
    for _ in range(rounds):
        plain.append(count / _seconds(lambda: _means(simulated)))
        parsed.append(count / _seconds(lambda: _parse(rows)))
        began = time.process_time()
        episodes = _read(simulated)
        ours.append(count / (time.process_time() - began))
    if not episodes:
        raise NotProven("no rupture was read from courses that have them")
    us, what, unit = Side("reader", tuple(ours)), "Courses read again", "sessions/s of a core"
    proven = f"{count:,} sessions of {len(simulated):,} courses, {episodes:,} episodes."
    return [
        Figure(what, unit, us, limit(LIMIT), aim=1.0, proven=proven),
        Figure(f"{what}, beside mean and SD alone", unit, us, Side("plain loop", tuple(plain))),
        Figure(f"{what}, beside parsing the rows", unit, us, Side("json", tuple(parsed))),
    ]


def _courses(wanted: int) -> list[Simulated]:
    kinds = (*QUIET, *EVENTFUL)
    each = -(-wanted // (len(kinds) * 16))
    return [course for kind in kinds for course in courses(kind, each, SEED)]


def _rows(simulated: Sequence[Simulated]) -> list[str]:
    return [
        json.dumps({"session": s.number, "total": s.total, "said": s.said, "talked": s.talked, "missing": s.missing})
        for course in simulated
        for s in course.sessions
    ]


def _read(simulated: Sequence[Simulated]) -> int:
    rules = RULES[NEWEST]
    return sum(len(read(Series(course.sessions), rules).episodes) for course in simulated)


def _means(simulated: Sequence[Simulated]) -> float:
    found = 0.0
    for course in simulated:
        base: list[float] = []
        for session in course.sessions:
            if len(base) > 1:
                mean = sum(base) / len(base)
                found += math.sqrt(sum([(x - mean) ** 2 for x in base]) / (len(base) - 1))
            if session.total is not None:
                base = [*base, session.total][-BASE:]
    return found


def _parse(rows: Sequence[str]) -> int:
    return sum(1 for row in rows if json.loads(row)["total"] is not None)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
