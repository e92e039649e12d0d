"""
Other ways to tell whether a change is reliable, shown as detail beside the one that counts.

Each index carries the sign of the points. They disagree most for people far from the
mean; that is why they are shown, and why none of them changes what is said.

Source:
    The forms as in the R package clinicalsignificance 2.1: Gulliksen-Lord-Novick (GLN),
    Hsu-Linn-Lord (HLL), Edwards-Nunnally as by Speer (EN), Nunnally-Kotsch (NK),
    Hageman & Arrindell (HA), and an empirical-Bayes slope (HLM).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.feedback.measures.domain.evidence import Evidence
from services.feedback.outcome.domain.change import change_index, standard_error
from services.feedback.outcome.domain.points import Scored


class Method(StrEnum):
    """Whose form of the index."""

    JT = "jt"
    GLN = "gln"
    HLL = "hll"
    EN = "en"
    NK = "nk"
    HA = "ha"
    HLM = "hlm"


LIMITS = {method: 1.65 if method is Method.HA else 1.96 for method in Method}


@dataclass(frozen=True, slots=True)
class Variant:
    """One index and its limit; `index` is None where the numbers it needs are not published."""

    method: Method
    index: float | None
    limit: float

    @property
    def reliable(self) -> bool | None:
        """True beyond the limit in either direction."""
        return None if self.index is None else abs(self.index) >= self.limit


@dataclass(frozen=True, slots=True)
class Population:
    """
    Straight lines of many people: mean start and slope, their variances and covariance, residual variance.

    Slopes are in points per session; time 0 is the first session.
    """

    start: float
    slope: float
    var_start: float
    var_slope: float
    covariance: float
    residual: float


def gln(pre: float, post: float, *, m: float, sd: float, r: float) -> float:
    """The distance from the score that regression to the mean predicts, in its standard errors."""
    return ((post - m) - r * (pre - m)) / _prediction_error(sd, r)


def hll(pre: float, post: float, *, m: float, m_post: float, sd: float, r: float) -> float:
    """As GLN, with the group's own mean afterwards."""
    return ((post - m_post) - r * (pre - m)) / _prediction_error(sd, r)


def en(pre: float, post: float, *, m: float, sd: float, r: float) -> float:
    """The distance from the estimated true score at the start, in standard errors of measurement."""
    return (post - _true_score(pre, m, r)) / standard_error(sd, r)


def nk(pre: float, post: float, *, m: float, sd: float, r: float, r_post: float) -> float:
    """As EN, with the reliabilities of both times in the error."""
    error = math.sqrt(r**2 * sd**2 * (1 - r) + standard_error(sd, r_post) ** 2)
    return (post - _true_score(pre, m, r)) / error


def ha(
    pre: float, post: float, *, before: tuple[float, float, float], after: tuple[float, float, float], r12: float
) -> float:
    """
    By the reliability of differences; `before` and `after` are mean, spread and reliability of the group.

    Raises:
        ValueError: the reliability of differences is not positive with these numbers.
    """
    (m1, s1, r1), (m2, s2, r2) = before, after
    shared = 2 * s1 * s2 * r12
    reliability = (s1**2 * r1 + s2**2 * r2 - shared) / (s1**2 + s2**2 - shared)
    if reliability <= 0:
        raise ValueError("differences between these two times measure nothing")
    moved = (post - pre) * reliability + (m2 - m1) * (1 - reliability)
    return moved / (math.sqrt(reliability) * math.sqrt(2) * standard_error(s1, r1))


def hlm(points: Sequence[Scored], population: Population) -> float:
    """
    One person's slope, drawn towards that of many, over its conditional standard deviation.

    Args:
        points: This person's totals; at least one.
        population: Lines fitted to finished courses.
    """
    times = [point.number - points[0].number for point in points]
    off = [point.total - population.start - population.slope * t for point, t in zip(points, times, strict=True)]
    determinant = population.var_start * population.var_slope - population.covariance**2
    p_start = population.var_slope / determinant + len(points) / population.residual
    p_slope = population.var_start / determinant + sum(t * t for t in times) / population.residual
    p_both = -population.covariance / determinant + sum(times) / population.residual
    pull_start = sum(off) / population.residual
    pull_slope = sum(t * e for t, e in zip(times, off, strict=True)) / population.residual
    precision = p_start * p_slope - p_both**2
    slope = population.slope + (p_start * pull_slope - p_both * pull_start) / precision
    return slope / math.sqrt(p_start / precision)


def variants_of(first: float, last: float, evidence: Evidence) -> list[Variant]:
    """
    Every method, with an index where the instrument's published numbers suffice.

    HLL, NK, HA and HLM need numbers of a second time or of many courses, which are a
    group's and no instrument's: they are listed without an index.
    """
    norm, reliability = evidence.clinical, evidence.reliability
    found: dict[Method, float] = {}
    if norm is not None and reliability is not None:
        r = reliability.value
        found[Method.JT] = change_index(first, last, sd=norm.sd, reliability=r)
        found[Method.GLN] = gln(first, last, m=norm.mean, sd=norm.sd, r=r)
        found[Method.EN] = en(first, last, m=norm.mean, sd=norm.sd, r=r)
    return [Variant(method, found.get(method), LIMITS[method]) for method in Method]


def _true_score(pre: float, m: float, r: float) -> float:
    return r * (pre - m) + m


def _prediction_error(sd: float, r: float) -> float:
    return sd * math.sqrt(1 - r**2)
