"""Drift: how steeply totals fall over several sessions, and how much of it is one single step."""

from collections.abc import Sequence
from itertools import combinations, pairwise
from statistics import median

from services.feedback.alliance.domain.series import Point


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
