"""The individuals and moving-range chart of one person's sessions (Shewhart)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median

from services.feedback.alliance.domain.series import Point

_D2 = 1.128  # expected range of two draws from a normal distribution, in standard deviations
_D4_MEDIAN = 0.954  # expected median of such ranges, in standard deviations
_LIMIT = 3.0
_MR_UPPER = 3.267  # of the mean moving range
LEAST = 5  # sessions; below, limits are nearly noise


@dataclass(frozen=True, slots=True)
class Limits:
    """An individuals chart for display: `n` sessions, their mean, limits not clipped to the scale; all in points."""

    n: int
    center: float
    lower: float
    upper: float
    moving_range_upper: float


def moving_ranges(points: Sequence[Point]) -> list[float]:
    """Differences between neighbouring sessions, in points; none across a gap."""
    return [abs(b.x - a.x) for a, b in pairwise(points) if b.number - a.number == 1]


def lower_limit(points: Sequence[Point], *, robust: bool = True) -> float | None:
    """
    The lower control limit in points, mean - 3 sigma; None without two neighbouring sessions.

    Args:
        points: The sessions the limit is computed on, oldest first.
        robust: Sigma from the median moving range, which the one bad session that is
            looked for moves less than the mean.

    Source:
        Control limits for individuals charts as in JMP's documentation: sigma =
        mean MR / 1.128 or median MR / 0.954.
    """
    ranges = moving_ranges(points)
    if not ranges:
        return None
    sigma = median(ranges) / _D4_MEDIAN if robust else fmean(ranges) / _D2
    return fmean(point.x for point in points) - _LIMIT * sigma


def limits(points: Sequence[Point]) -> Limits | None:
    """
    The chart of these sessions, oldest first, by the median moving range; None below five, or without two neighbours.

    Display alone: it never moves a state, and shows the same dip a second time, not a second dip.

    Source:
        As `lower_limit`; the upper limit of the ranges is 3.267 times their mean (Shewhart).
    """
    ranges = moving_ranges(points)
    lower = lower_limit(points)
    if len(points) < LEAST or lower is None:
        return None
    center = fmean(point.x for point in points)
    return Limits(len(points), center, lower, 2 * center - lower, _MR_UPPER * fmean(ranges))
