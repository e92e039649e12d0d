"""
The expected course: how nine in ten finished cases of this clinic with a similar start went.

Nobody else's curves: those of the ORS and the OQ are their owners'. Few cases make no curve.

Source:
    Percentiles within bands of the first total, a plain form of the expected treatment response
    (docs/sources.md). Fifty cases in a band, the 90th percentile and twenty totals at a
    session are ours and unvalidated.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.feedback.domain.evidence import Better, Evidence
from services.feedback.domain.outcome.change import cut_off_of
from services.feedback.domain.outcome.points import Scored

NEEDED_CASES = 50  # finished cases with a similar start
NEEDED_TOTALS = 20  # of them with a total at a session, for a point of the curve there
SHARE = 0.90


class WhyNone(StrEnum):
    """Why there is no curve."""

    TOO_FEW = "too_few"
    NO_BANDS = "no_bands"


@dataclass(frozen=True, slots=True)
class FinishedCase:
    """A finished treatment: its totals in order of sessions, and how many sessions it had."""

    points: tuple[Scored, ...]
    sessions: int


@dataclass(frozen=True, slots=True)
class StartBand:
    """First totals that count as similar: from `low` up to, not including, `high`; None where the scale ends."""

    low: float | None
    high: float | None

    def holds(self, total: float) -> bool:
        """Tell whether a first total is of this band."""
        return (self.low is None or total >= self.low) and (self.high is None or total < self.high)


@dataclass(frozen=True, slots=True)
class Curve:
    """For each session the total that nine in ten of `n` finished cases were no worse than, in points."""

    band: StartBand
    n: int
    better: Better
    boundary: tuple[Scored, ...]


@dataclass(frozen=True, slots=True)
class NoCurve:
    """No curve, and why: `n` finished cases with a similar start."""

    n: int
    reason: WhyNone


def start_band_of(total: float, evidence: Evidence) -> StartBand | None:
    """The band of a first total: the measure's published bands, else the two sides of its cut-off, else None."""
    edges = sorted(band.at_least for band in evidence.bands)
    if not edges:
        cut_off = cut_off_of(evidence)
        if cut_off is None:
            return None
        edges = [cut_off.points]
    return StartBand(
        low=max((edge for edge in edges if edge <= total), default=None),
        high=min((edge for edge in edges if edge > total), default=None),
    )


def expected_course(first: float, finished: Sequence[FinishedCase], evidence: Evidence) -> Curve | NoCurve:
    """
    The curve for who begins with this total, or why there is none.

    Args:
        first: The client's first total, in points.
        finished: The clinic's finished cases on the same measure, this client's own not among them.
        evidence: What is published about the measure.
    """
    band = start_band_of(first, evidence)
    if band is None:
        return NoCurve(0, WhyNone.NO_BANDS)
    similar = [case for case in finished if case.points and band.holds(case.points[0].total)]
    if len(similar) < NEEDED_CASES:
        return NoCurve(len(similar), WhyNone.TOO_FEW)
    # Beyond this length the few who are left are those whom it took long: they would bend the curve.
    last = math.floor(percentile([case.sessions for case in similar], SHARE))
    boundary = []
    for number in range(1, last + 1):
        totals = [point.total for case in similar for point in case.points if point.number == number]
        if len(totals) >= NEEDED_TOTALS:
            share = SHARE if evidence.better is Better.LOWER else 1 - SHARE
            boundary.append(Scored(number, percentile(totals, share)))
    return Curve(band, len(similar), evidence.better, tuple(boundary))


def is_off_curve(point: Scored, curve: Curve) -> bool:
    """Tell whether a total lies beyond the boundary at its session; False where the curve has no point."""
    edge = next((at.total for at in curve.boundary if at.number == point.number), None)
    return edge is not None and curve.better.sign * (point.total - edge) < 0


def percentile(values: Sequence[float], share: float) -> float:
    """
    The value below which this share lies, by linear interpolation between neighbours.

    >>> percentile([1, 2, 3, 4, 5], 0.9)
    4.6
    """
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])
