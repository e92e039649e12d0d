"""
What happened to each fictional client: how the sessions felt to both sides.

A plot gives, for the n-th session of so many, how the client and the therapist
answered; the same seed gives the same clinic. The numbers were chosen to show what
the reader does and describe nobody.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Told = Literal["no", "a_little", "yes"]
Repair = Literal["not_mentioned", "mentioned", "better", "worse"]
Sharing = Literal["now", "after", "not"]


@dataclass(frozen=True, slots=True)
class Felt:
    """One session as both sides answer about it; None: did not answer."""

    client: tuple[int, int, int, int, int] | None
    therapist: tuple[int, int, int, int, int] | None
    strain: Told = "no"
    repair: Repair | None = None
    therapist_strain: Told = "no"
    wish: str = ""
    wish_is_now: Literal["done", "better", "not_yet"] | None = None
    sharing: Sharing = "now"
    missed: bool = field(default=False)  # the client did not come


Plot = Callable[[int, int, random.Random], Felt]


def _five(level: float, rng: random.Random) -> tuple[int, int, int, int, int]:
    a, b, c, d, e = (max(0, min(10, round(level + rng.gauss(0, 0.45)))) for _ in range(5))
    return a, b, c, d, e


def steady(n: int, of: int, rng: random.Random) -> Felt:
    """Good work with the small ups and downs of any two people."""
    level = 7.6 + 0.8 * n / max(of, 1)
    absent = rng.random() < 0.05
    sharing: Sharing = "after" if rng.random() < 0.12 else "now"
    return Felt(
        _five(level, rng), _five(level - 0.3, rng) if rng.random() < 0.85 else None, missed=absent, sharing=sharing
    )


def always_low(n: int, of: int, rng: random.Random) -> Felt:
    """Someone who always rates low: usual for them, and no cause for alarm."""
    return Felt(_five(5.2, rng), _five(6.4, rng))


def at_the_ceiling(n: int, of: int, rng: random.Random) -> Felt:
    """Ten, ten, ten."""
    return Felt((10, 10, 10, 10, 10), _five(8.2, rng))


def rupture_repaired(n: int, of: int, rng: random.Random) -> Felt:
    """One session goes badly, both talk about it, and the next ones repair it."""
    bad = of - 6
    if n == bad:
        return Felt(
            _five(4.2, rng),
            _five(6.0, rng),
            strain="yes",
            repair="not_mentioned",
            therapist_strain="a_little",
            wish="That we go a little slower, and that I can say when it is too much.",
        )
    if n == bad + 1:
        return Felt(_five(5.8, rng), _five(6.2, rng), strain="a_little", repair="mentioned", wish_is_now="better")
    if n == bad + 2:
        return Felt(_five(8.2, rng), _five(7.6, rng), strain="no", wish_is_now="done")
    return Felt(_five(8.1, rng), _five(7.7, rng))


def rupture_unrepaired(n: int, of: int, rng: random.Random) -> Felt:
    """One session goes badly, and the answers have not come back since."""
    bad = of - 4
    if n < bad:
        return Felt(_five(7.9, rng), _five(7.8, rng))
    if n == bad:
        return Felt(_five(4.4, rng), _five(7.2, rng), strain="yes", repair="not_mentioned")
    return Felt(_five(4.9, rng), _five(7.0, rng), strain="a_little", repair="not_mentioned")


def deterioration(n: int, of: int, rng: random.Random) -> Felt:
    """A little lower each time: no single session stands out, the direction does."""
    level = 8.4 - 4.2 * max(0, n - of // 2) / max(1, of - of // 2)
    return Felt(_five(level, rng), _five(7.4, rng))


def falls_silent(n: int, of: int, rng: random.Random) -> Felt:
    """Answered faithfully, then no longer; did not come last time."""
    if n <= of - 5:
        return Felt(_five(7.4, rng), _five(7.3, rng))
    return Felt(None, _five(6.6, rng), missed=n == of)


def unseen_strain(n: int, of: int, rng: random.Random) -> Felt:
    """The client noted strain in the last sessions, the therapist did not."""
    if n >= of - 1:
        return Felt(_five(6.3, rng), _five(8.0, rng), strain="a_little", repair="not_mentioned", therapist_strain="no")
    return Felt(_five(7.8, rng), _five(7.8, rng))


def keeps_it_private(n: int, of: int, rng: random.Random) -> Felt:
    """Fills the form in but shares only some of it."""
    return Felt(_five(7.5, rng), _five(7.5, rng), sharing="not" if n % 3 == 0 else "after")


def opens_now(n: int, of: int, rng: random.Random) -> Felt:
    """The last session went badly: a rupture that opened this week."""
    if n == of:
        return Felt(
            _five(4.6, rng),
            _five(6.4, rng),
            strain="yes",
            repair="mentioned",
            therapist_strain="yes",
            wish="That we come back to what I said about my sister.",
        )
    return Felt(_five(8.0, rng), _five(7.8, rng))


def plot_of(client_no: int) -> Plot:
    """Which plot belongs to the client with this place in the cast, from 0."""
    special: dict[int, Plot] = {
        0: rupture_repaired,
        1: rupture_unrepaired,
        2: deterioration,
        3: falls_silent,
        4: opens_now,
        5: unseen_strain,
        6: at_the_ceiling,
        7: always_low,
        8: keeps_it_private,
        14: rupture_repaired,
        21: unseen_strain,
    }
    return special.get(client_no, steady)
