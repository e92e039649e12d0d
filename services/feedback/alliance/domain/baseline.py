"""A client's own usual range: mean and spread of earlier sessions, shrunk towards a starting value."""

import math
from collections.abc import Sequence
from itertools import combinations, pairwise
from statistics import median
from typing import NamedTuple

from services.feedback.alliance.domain.rules import ReaderRules
from services.feedback.alliance.domain.series import Point


class Baseline(NamedTuple):
    """
    What is usual: `n` sessions, mean `m` and spread `s` in points.

    With few sessions the spread leans on the starting value:
    s = sqrt((nu0 sigma0^2 + sum (b - m)^2) / (nu0 + n - 1)).
    """

    n: int
    m: float
    s: float

    def z(self, x: float) -> float | None:
        """How far x lies from usual, in standard deviations of a single new session; None below two sessions."""
        return (x - self.m) / self._spread() if self.n >= 2 else None

    def usual(self, rules: ReaderRules) -> tuple[float, float] | None:
        """The usual range in points, clipped to the scale; None below two sessions."""
        if self.n < 2:
            return None
        reach = rules.band_width * self._spread()
        return max(0.0, self.m - reach), min(rules.maximum, self.m + reach)

    def _spread(self) -> float:
        return self.s * math.sqrt(1 + 1 / self.n)


def baseline_of(points: Sequence[Point], rules: ReaderRules) -> Baseline | None:
    """The baseline that these sessions make; None without any, or without a starting value for the spread."""
    if not points or rules.sigma0 is None:
        return None
    values = [point.x for point in points]
    n = len(values)
    m = math.fsum(values) / n
    squares = math.fsum([(x - m) ** 2 for x in values])
    return Baseline(n, m, math.sqrt((rules.nu0 * rules.sigma0**2 + squares) / (rules.nu0 + n - 1)))


def theil_sen(points: Sequence[Point]) -> float:
    """Median of the slopes between all pairs, in points per session (Theil 1950, Sen 1968)."""
    return median([(bx - ax) / (b - a) for (a, ax), (b, bx) in combinations(points, 2)])


def without_largest_step(points: Sequence[Point]) -> list[Point]:
    """
    The same sessions as if the largest fall between two neighbouring ones had not happened.

    What follows the fall is raised by it. A fall across a gap stays: nobody saw whether it
    came at once. Ours, and unvalidated: Theil-Sen is robust against one stray session, not
    against one lasting step, and "slowly lower" after a single drop would be untrue.

    >>> [p.x for p in without_largest_step([Point(1, 80), Point(2, 40), Point(3, 38)])]
    [80, 80, 78]
    """
    falls = [(a.x - b.x, place) for place, (a, b) in enumerate(pairwise(points), 1) if b.number - a.number == 1]
    fall, place = max(falls, default=(0.0, 0))
    if fall <= 0:
        return list(points)
    return [*points[:place], *(Point(p.number, p.x + fall) for p in points[place:])]
