"""
Where the synthetic courses come from. Everything here is ours and validated by nobody, except where a source is named.

One client's total in a session is their level, plus noise that carries over a little from session to
session, plus what happens, held within 0..100 and rounded to 2 points as five whole marks give. Levels
are high and pressed against the top, as alliance scores are (Zilcha-Mano et al. 2016, 2019); the shapes of
ruptures are those most often seen (Gumz et al. 2012): a simple V, and a fall over several sessions, six at
the longest, with a sudden repair. Beside these, slow drifts, and ruptures of people who put everything at
the top and hardly let it show in a number.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.feedback.alliance.domain.series import Missing, SaidSo, Session, Talked

CARRY_OVER = 0.3  # of one session's noise into the next
SD_TYPICAL, SD_VARIES = 6.0, 0.35  # points within one client: median, and spread of its logarithm
DEPTH = (12.0, 36.0)  # points a rupture falls by
DRIFT = (2.0, 4.0)  # points a session
LENGTH = (8, 24)  # sessions
ABSENT, ABSENT_IN_STRAIN = 0.10, 0.20  # share of forms that do not come back
SHOWN_AT_THE_TOP = 0.25  # how much of a fall people at the top let a number show
SAID = (SaidSo.YES, SaidSo.A_LITTLE, SaidSo.NO, SaidSo.NOT_SAID)
HONESTY = {  # weights of the answers to "was there strain?"
    "calm": (0.005, 0.04, 0.93, 0.025),
    "rupture": (0.35, 0.25, 0.30, 0.10),
    "drift": (0.05, 0.15, 0.75, 0.05),
}
TALKED = (Talked.NOT_MENTIONED, Talked.MENTIONED, Talked.BETTER, Talked.WORSE)
TALKED_WEIGHTS = (0.5, 0.3, 0.1, 0.1)


class Kind(StrEnum):
    """What happens in a course."""

    CALM = "calm"
    LOW = "low"  # calm, and always answered low
    TOP = "top"  # calm, at the top of the scale
    DIP = "dip"  # a V: down and back within two sessions
    STEP = "step"  # down, and for several sessions not back
    DRIFT = "drift"
    HIDDEN = "hidden"  # a rupture at the top of the scale


QUIET = (Kind.CALM, Kind.LOW, Kind.TOP)
EVENTFUL = (Kind.DIP, Kind.STEP, Kind.HIDDEN, Kind.DRIFT)
LEVELS = {Kind.LOW: (52.0, 8.0), Kind.TOP: (99.0, 1.0), Kind.HIDDEN: (99.0, 1.0)}
USUAL_LEVEL = (82.0, 7.0)  # mean and spread between clients


@dataclass(frozen=True, slots=True)
class Simulated:
    """A course, and the sessions in which something was wrong: from the first to the last, both included."""

    kind: Kind
    sessions: tuple[Session, ...]
    first: int | None
    last: int | None

    def strained_at(self, number: int) -> bool:
        """True within the rupture or drift."""
        return self.first is not None and self.last is not None and self.first <= number <= self.last


def courses(kind: Kind, count: int, seed: int, start: int = 0) -> Iterator[Simulated]:
    """Courses of a kind; the n-th is the same in every run with this seed."""
    for n in range(start, start + count):
        yield _course(kind, random.Random(f"{seed}/{kind}/{n}"))


def _course(kind: Kind, dice: random.Random) -> Simulated:
    length = dice.randint(*LENGTH)
    mean, spread = LEVELS.get(kind, USUAL_LEVEL)
    level = min(99.5, max(20.0, dice.gauss(mean, spread)))
    sd = dice.lognormvariate(math.log(SD_TYPICAL), SD_VARIES) * (0.3 if kind in (Kind.TOP, Kind.HIDDEN) else 1.0)
    first, last, falls = _event(kind, length, dice)
    sessions, carried = [], dice.gauss(0, sd)
    for number in range(1, length + 1):
        carried = CARRY_OVER * carried + dice.gauss(0, sd * math.sqrt(1 - CARRY_OVER**2))
        x = level + carried - falls.get(number, 0.0)
        strained = first is not None and last is not None and first <= number <= last
        sessions.append(_session(number, x, kind, strained=strained, dice=dice))
    return Simulated(kind, tuple(sessions), first, last)


def _event(kind: Kind, length: int, dice: random.Random) -> tuple[int | None, int | None, dict[int, float]]:
    if kind in QUIET:
        return None, None, {}
    first = dice.randint(4, length - 2)
    depth = dice.uniform(*DEPTH)
    if kind is Kind.DIP:
        half_way = dice.random() < 0.5
        return first, first + half_way, {first: depth, first + 1: depth / 2 * half_way}
    if kind is Kind.DRIFT:
        slope = dice.uniform(*DRIFT)
        steps = dice.randint(6, 10)
        falls = {n: slope * min(n - first + 1, steps) for n in range(first, length + 1)}
        return first, length, falls
    last = min(length, first + dice.randint(3, 5))
    shown = SHOWN_AT_THE_TOP if kind is Kind.HIDDEN else 1.0
    # Half of them go down in two stages, as a decline does before its sudden repair.
    staged = dice.random() < 0.5
    return first, last, {n: shown * depth * (0.6 if staged and n == first else 1.0) for n in range(first, last + 1)}


def _session(number: int, x: float, kind: Kind, *, strained: bool, dice: random.Random) -> Session:
    absent = dice.random() < (ABSENT_IN_STRAIN if strained else ABSENT)
    mood = "calm" if not strained else "drift" if kind is Kind.DRIFT else "rupture"
    said = dice.choices(SAID, HONESTY[mood])[0]
    talked = dice.choices(TALKED, TALKED_WEIGHTS)[0] if said in (SaidSo.YES, SaidSo.A_LITTLE) else None
    if absent:
        return Session(number, missing=Missing.NO_ANSWER)
    total = 2.0 * round(min(100.0, max(0.0, x)) / 2)
    return Session(number, total=total, said=said, talked=talked, answered=5)
