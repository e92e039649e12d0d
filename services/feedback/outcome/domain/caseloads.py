"""
Figures about many courses at once, and when there are too few for one.

For reflection about the clinic, never for appraisal: the share of a therapist in outcomes is
about one percent, and a ranking would rank noise. Nothing here orders anybody.

Source:
    Effect size as in the NHS outcome guide; the factor for small samples is Hedges'; severity
    adjustment as in the ACORN tradition; shrinkage as in the one-way random-effects model
    (docs/sources.md).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev, variance

from services.feedback.measures.domain.evidence import Better

LEAST_CASES = 20  # fewer make no number that would mean something
LEAST_IN_A_CELL = 5  # ours: fewer people in a cell could be recognised
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Figure:
    """A number about `n` cases; `value` and its 95 % interval are None where n is below `least`."""

    n: int
    value: float | None
    low: float | None = None
    high: float | None = None
    least: int = LEAST_CASES

    @property
    def is_suppressed(self) -> bool:
        """True when there are too few cases for a number."""
        return self.n < self.least


@dataclass(frozen=True, slots=True)
class Reference:
    """
    What change is usual for a start: change = intercept + slope * first, both in points, gains positive.

    `effect_size` and `sd` (of first totals) are those of the reference set of `n` cases.
    """

    n: int
    intercept: float
    slope: float
    sd: float
    effect_size: float


def figure(value: float | None, n: int, *, least: int = LEAST_CASES) -> Figure:
    """
    A number, or none where there are too few cases for it.

    >>> figure(0.62, 19).value, figure(0.62, 20).value
    (None, 0.62)
    """
    return Figure(n, value if n >= least else None, least=least)


def small_sample_factor(n: int) -> float:
    """
    J, by which an effect size of few cases is drawn in; n is at least 2.

    >>> round(small_sample_factor(20), 4)
    0.96
    """
    return 1 - 3 / (4 * (n - 1) - 1)


def effect_size(firsts: Sequence[float], lasts: Sequence[float], better: Better) -> float | None:
    """
    The mean gain in standard deviations of the first totals, positive where things went better.

    Returns:
        None below two cases, or where all began alike.

    >>> effect_size([10, 12, 14], [8, 10, 12], Better.LOWER)
    1.0
    """
    if len(firsts) < 2 or (sd := stdev(firsts)) == 0:
        return None
    return better.sign * (fmean(lasts) - fmean(firsts)) / sd


def reference_of(firsts: Sequence[float], lasts: Sequence[float], better: Better) -> Reference | None:
    """The least-squares line of gain on first total; None where there is no line (see `effect_size`)."""
    d = effect_size(firsts, lasts, better)
    if d is None:
        return None
    gains = [better.sign * (last - first) for first, last in zip(firsts, lasts, strict=True)]
    centre, mean_gain = fmean(firsts), fmean(gains)
    products = math.fsum((first - centre) * (gain - mean_gain) for first, gain in zip(firsts, gains, strict=True))
    slope = products / math.fsum((first - centre) ** 2 for first in firsts)
    return Reference(len(gains), mean_gain - slope * centre, slope, stdev(firsts), d)


def residual(first: float, last: float, reference: Reference, better: Better) -> float:
    """By how many points a gain exceeds what is usual for this start (the benchmark score)."""
    return better.sign * (last - first) - (reference.intercept + reference.slope * first)


def adjusted_effect_size(first: float, last: float, reference: Reference, better: Better) -> float:
    """One case's severity-adjusted effect size: that of the reference set plus its residual in SDs."""
    return reference.effect_size + residual(first, last, reference, better) / reference.sd


def shrunken_means(groups: Mapping[str, Sequence[float]], *, least: int = LEAST_CASES) -> dict[str, Figure]:
    """
    Each group's mean, drawn towards that of all the more the fewer cases it has, with its 95 % interval.

    theta_j = B_j mean_j + (1 - B_j) grand, B_j = n_j tau2 / (n_j tau2 + sigma2); tau2 and
    sigma2 from the variances between and within groups. The interval counts the
    uncertainty of the grand mean in. Groups stand in the order they were given.

    Returns:
        For every group a figure, without a number below `least` cases, and for all where
        fewer than two groups have two cases to compare.
    """
    spread = _spread({key: values for key, values in groups.items() if values})
    if spread is None:
        return {key: Figure(len(values), None, least=least) for key, values in groups.items()}
    return {key: _shrunken(values, *spread, least=least) for key, values in groups.items()}


def hidden_cells(counts: Mapping[str, int], *, least: int = LEAST_IN_A_CELL) -> frozenset[str]:
    """
    The cells of a table with a total that are not to be shown.

    Small ones, and where only one would be hidden the next smallest too: from the
    total it could be worked out. An empty cell says nothing of anybody and stays.

    >>> sorted(hidden_cells({"better": 14, "same": 6, "worse": 2}))
    ['same', 'worse']
    """
    small = {key for key, n in counts.items() if 0 < n < least}
    others = sorted((n, key) for key, n in counts.items() if n >= least)
    if len(small) == 1 and others:
        small.add(others[0][1])
    return frozenset(small)


def _spread(groups: Mapping[str, Sequence[float]]) -> tuple[float, float, float, float] | None:
    """tau2 between groups, sigma2 within them, the grand mean and its variance."""
    inner = [values for values in groups.values() if len(values) >= 2]
    total = sum(len(values) for values in groups.values())
    if len(inner) < 2:
        return None
    sigma2 = math.fsum((len(v) - 1) * variance(v) for v in inner) / sum(len(v) - 1 for v in inner)
    centre = fmean([x for values in groups.values() for x in values])
    between = math.fsum(len(v) * (fmean(v) - centre) ** 2 for v in groups.values()) / (len(groups) - 1)
    typical = (total - sum(len(v) ** 2 for v in groups.values()) / total) / (len(groups) - 1)
    tau2 = max(0.0, (between - sigma2) / typical)
    if tau2 + sigma2 == 0:
        return None
    weights = {key: 1 / (tau2 + sigma2 / len(values)) for key, values in groups.items()}
    grand = math.fsum(w * fmean(groups[key]) for key, w in weights.items()) / math.fsum(weights.values())
    return tau2, sigma2, grand, 1 / math.fsum(weights.values())


def _shrunken(
    values: Sequence[float], tau2: float, sigma2: float, grand: float, grand_variance: float, *, least: int
) -> Figure:
    n = len(values)
    if n < max(least, 1):
        return Figure(n, None, least=least)
    b = n * tau2 / (n * tau2 + sigma2)
    theta = b * fmean(values) + (1 - b) * grand
    reach = _Z * math.sqrt(tau2 * (1 - b) + (1 - b) ** 2 * grand_variance)
    return Figure(n, theta, theta - reach, theta + reach, least)
