"""
The expected course: how nine in ten finished cases of this clinic with a similar start went.

Nobody else's curves: those of the ORS and the OQ are their owners'. Few cases make no curve.

Source:
    Percentiles within bands of the first total, a plain form of the expected treatment response
    (docs/sources.md). Fifty cases in a band, the 90th percentile and twenty totals at a
    session are ours and unvalidated.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from services.feedback.measures.domain.evidence import Better, Evidence
from services.feedback.outcome.domain.change import cut_off_of
from services.feedback.outcome.domain.points import Scored

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
class SimilarCases:
    """
    Finished cases of one band, counted: all that a curve is made of, and nobody in particular.

    `sessions`: how many cases had so many sessions. `totals`: for each session, how many had this total there.
    """

    n: int = 0
    sessions: Mapping[int, int] = field(default_factory=dict)
    totals: Mapping[int, Mapping[float, int]] = field(default_factory=dict)


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
    return curve_of(band, counted(case for case in finished if starts_in(band, case)), evidence.better)


def starts_in(band: StartBand, case: FinishedCase) -> bool:
    """Tell whether a finished case began in this band."""
    return bool(case.points) and band.holds(case.points[0].total)


def counted(cases: Iterable[FinishedCase]) -> SimilarCases:
    """Count finished cases of one band."""
    lengths: Counter[int] = Counter()
    totals: dict[int, Counter[float]] = {}
    for case in cases:
        lengths[case.sessions] += 1
        for point in case.points:
            totals.setdefault(point.number, Counter())[point.total] += 1
    return SimilarCases(lengths.total(), lengths, totals)


def without(similar: SimilarCases, own: Iterable[FinishedCase]) -> SimilarCases:
    """
    The same cases but for these, which must be among them.

    >>> mine = FinishedCase((Scored(1, 12), Scored(2, 9)), 2)
    >>> without(counted([mine, mine]), [mine]) == counted([mine])
    True
    """
    mine = counted(own)
    return SimilarCases(
        similar.n - mine.n,
        Counter(similar.sessions) - Counter(mine.sessions),
        {number: Counter(at) - Counter(mine.totals.get(number, {})) for number, at in similar.totals.items()},
    )


def curve_of(band: StartBand, similar: SimilarCases, better: Better) -> Curve | NoCurve:
    """The curve of finished cases that began in this band, or how many there are where they are too few."""
    if similar.n < NEEDED_CASES:
        return NoCurve(similar.n, WhyNone.TOO_FEW)
    # Beyond this length the few who are left are those whom it took long: they would bend the curve.
    last = math.floor(_percentile_of(similar.sessions, SHARE))
    share = SHARE if better is Better.LOWER else 1 - SHARE
    boundary = tuple(
        Scored(number, _percentile_of(totals, share))
        for number, totals in sorted(similar.totals.items())
        if number <= last and sum(totals.values()) >= NEEDED_TOTALS
    )
    return Curve(band, similar.n, better, boundary)


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
    return _percentile_of(Counter(values), share)


def _percentile_of(counts: Mapping[float, int] | Mapping[int, int], share: float) -> float:
    """As `percentile`, of values that are counted."""
    place = share * (sum(counts.values()) - 1)
    low = math.floor(place)
    below, above = _at(counts, low), _at(counts, min(low + 1, sum(counts.values()) - 1))
    return below + (place - low) * (above - below)


def _at(counts: Mapping[float, int] | Mapping[int, int], index: int) -> float:
    passed = 0
    for value, n in sorted(counts.items()):
        passed += n
        if index < passed:
            return value
    raise IndexError(index)
