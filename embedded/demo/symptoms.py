"""
How the fictional clients answer before a session: totals that go somewhere, spread over the items.

The numbers were chosen to show what the program says about them, and describe nobody.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass

MEASURES: Mapping[str, tuple[int, int]] = {"phq-9": (9, 3), "gad-7": (7, 3)}  # items, highest answer
_RISK_ITEM = "q9"


@dataclass(frozen=True, slots=True)
class Way:
    """PHQ-9 totals at the first and the last session; GAD-7 follows. `worries`: which from the end, the last is 1."""

    first: int
    last: int
    worries: tuple[int, ...] = ()
    every_session: bool = False


_SPECIAL = {
    0: Way(17, 6),
    1: Way(14, 13),
    2: Way(11, 20, worries=(1, 4), every_session=True),
    4: Way(16, 9, worries=(9, 10)),
    5: Way(13, 9),
    6: Way(6, 5),
    7: Way(18, 12),
}


def way_of(client_no: int) -> Way:
    """Where the totals of this client of the cast go."""
    rng = random.Random(1000 + client_no)
    first = rng.randint(8, 20)
    return _SPECIAL.get(client_no, Way(first, max(1, first - rng.randint(-2, 11))))


def answers(client_no: int, measure_id: str, n: int, of: int, rng: random.Random) -> dict[str, int]:
    """The answers before the n-th of so many sessions."""
    way = way_of(client_no)
    items, highest = MEASURES[measure_id]
    share = items * highest / 27  # GAD-7 has fewer points than PHQ-9
    total = way.first + (way.last - way.first) * (n - 1) / max(1, of - 1)
    points = max(0, min(items * highest - highest, round(share * (total + rng.gauss(0, 1.2)))))
    given = {f"q{item + 1}": 0 for item in range(items)}
    free = [item for item in given if item != _RISK_ITEM]
    for _ in range(points):
        item = rng.choice([item for item in free if given[item] < highest])
        given[item] += 1
    if measure_id == "phq-9" and of - n + 1 in way.worries:
        given[_RISK_ITEM] = 1
    return given
