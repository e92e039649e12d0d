"""
Reliable and clinically significant change (Jacobson & Truax 1991).

Source:
    Jacobson & Truax 1991, J. Consult. Clin. Psychol. 59(1), 12-19. Where a published count
    of points exists for a measure, it decides; the index is detail.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from services.feedback.measures.domain.evidence import Better, Evidence, Mark, Norm, ReliableChange, Threshold

Z_OF_CONFIDENCE = {90: 1.645, 95: 1.96}  # two-sided, by percent
DEFAULT_CONFIDENCE = 95
# Totals are sums of tenths: what is equal on paper must be equal here.
ROUNDING = 1e-9


class ConstantsImpossible(ValueError):
    """A spread that is not positive, or a reliability outside 0 to 1 (1 excluded)."""


class Category(StrEnum):
    """What became of the difference between a first and a last total."""

    DETERIORATED = "deteriorated"
    RECOVERED = "recovered"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Criteria:
    """
    Where the range of people not in treatment may begin, in points; None without its norms.

    `a`: two standard deviations from people in treatment. `b`: within two standard
    deviations of people who are not, by THEIR spread. `c`: equally likely in both.
    """

    a: float | None
    b: float | None
    c: float | None
    overlap: bool

    @property
    def chosen(self) -> tuple[str, float] | None:
        """Criterion c where the two groups overlap, b where they do not, a without a general norm."""
        if self.c is not None and self.overlap:
            return "c", self.c
        if self.c is not None and self.b is not None:
            return "b", self.b
        return ("a", self.a) if self.a is not None else None


@dataclass(frozen=True, slots=True)
class Change:
    """
    From a first to a last total. `gain` in points, positive where things went better.

    The two sides are None where no cut-off is known; then nobody counts as recovered.
    """

    first: float
    last: float
    gain: float
    category: Category
    first_clinical: bool | None
    last_clinical: bool | None
    reliable: bool

    @property
    def harmed(self) -> bool:
        """Began in the range of people not in treatment and is reliably worse, out of it."""
        return self.category is Category.DETERIORATED and self.first_clinical is False and self.last_clinical is True

    @property
    def non_reliably_recovered(self) -> bool:
        """Came into the range of people not in treatment by a change that chance could bring."""
        return not self.reliable and self.first_clinical is True and self.last_clinical is False


def standard_error(sd: float, reliability: float) -> float:
    """
    The standard error of measurement, in points.

    >>> round(standard_error(7.5, 0.80), 4)
    3.3541
    """
    if not (math.isfinite(sd) and sd > 0 and 0 <= reliability < 1):
        raise ConstantsImpossible(f"a spread of {sd} with a reliability of {reliability}")
    return sd * math.sqrt(1 - reliability)


def difference_error(sd: float, reliability: float) -> float:
    """
    The standard error of a difference of two totals, in points.

    >>> round(difference_error(7.5, 0.80), 4)
    4.7434
    """
    return math.sqrt(2) * standard_error(sd, reliability)


def change_index(first: float, last: float, *, sd: float, reliability: float) -> float:
    """
    The reliable change index: the difference in standard errors, its sign that of the points.

    >>> round(change_index(32.5, 47.5, sd=7.5, reliability=0.80), 4)
    3.1623
    """
    return (last - first) / difference_error(sd, reliability)


def reliable_points(sd: float, reliability: float, *, confidence: int = DEFAULT_CONFIDENCE) -> float:
    """
    How many points are unlikely to be chance, unrounded; `confidence` is 90 or 95 percent.

    >>> round(reliable_points(7.7, 0.90, confidence=90), 2), round(reliable_points(7.7, 0.90), 2)
    (5.66, 6.75)
    """
    return Z_OF_CONFIDENCE[confidence] * difference_error(sd, reliability)


def criteria_of(better: Better, clinical: Norm | None, general: Norm | None) -> Criteria:
    """
    The three criteria of clinically significant change.

    Two groups count as overlapping when the ranges of two standard deviations around
    their means do; the paper leaves this to the eye.

    >>> criteria_of(Better.HIGHER, Norm(40, 7.5, "", Mark.STATED), Norm(60, 7.5, "", Mark.STATED))
    Criteria(a=55.0, b=45.0, c=50.0, overlap=True)
    """
    sign = better.sign
    a = clinical.mean + sign * 2 * clinical.sd if clinical else None
    b = general.mean - sign * 2 * general.sd if general else None
    c = None
    if clinical and general:
        c = (general.sd * clinical.mean + clinical.sd * general.mean) / (clinical.sd + general.sd)
    return Criteria(a, b, c, overlap=a is not None and b is not None and sign * (a - b) > 0)


def reliable_change_of(evidence: Evidence) -> ReliableChange | None:
    """The published points; computed from published spread and reliability where there are none; else None."""
    if evidence.reliable_change is not None:
        return evidence.reliable_change
    if evidence.clinical is None or evidence.reliability is None:
        return None
    return ReliableChange(
        reliable_points(evidence.clinical.sd, evidence.reliability.value),
        DEFAULT_CONFIDENCE,
        f"{evidence.clinical.source}; {evidence.reliability.source}",
        Mark.COMPUTED,
    )


def cut_off_of(evidence: Evidence) -> Threshold | None:
    """The published cut-off; the criterion that published norms allow where there is none; else None."""
    if evidence.cut_off is not None:
        return evidence.cut_off
    chosen = criteria_of(evidence.better, evidence.clinical, evidence.general).chosen
    if chosen is None:
        return None
    code, points = chosen
    sources = [norm.source for norm in (evidence.clinical, evidence.general) if norm]
    return Threshold(f"criterion_{code}", points, "; ".join(sources), Mark.COMPUTED)


def is_clinical(total: float, cut_off: Threshold, better: Better) -> bool:
    """Tell whether a total is in the range of people in treatment; at the cut-off only where lower is better."""
    if better is Better.LOWER:
        return total >= cut_off.points - ROUNDING
    return total < cut_off.points - ROUNDING


def reliably_worse_from(evidence: Evidence) -> float | None:
    """By how many points a total must be worse for `change_of` to say deteriorated; None where nobody knows."""
    limit = reliable_change_of(evidence)
    return None if limit is None else limit.points - ROUNDING


def change_of(first: float, last: float, evidence: Evidence) -> Change | None:
    """
    What a difference amounts to by the instrument's own constants; None where no reliable change is known.

    >>> rc = ReliableChange(6, 95, "", Mark.STATED)
    >>> phq = Evidence(Better.LOWER, Threshold("caseness", 10, "", Mark.STATED), rc)
    >>> str(change_of(16, 9, phq).category), str(change_of(16, 10, phq).category), str(change_of(14, 9, phq).category)
    ('recovered', 'improved', 'unchanged')
    """
    limit = reliable_change_of(evidence)
    if limit is None:
        return None
    cut_off = cut_off_of(evidence)
    before = None if cut_off is None else is_clinical(first, cut_off, evidence.better)
    after = None if cut_off is None else is_clinical(last, cut_off, evidence.better)
    gain = evidence.better.sign * (last - first)
    reliable = abs(gain) >= limit.points - ROUNDING
    return Change(first, last, gain, _category(gain, before, after, reliable=reliable), before, after, reliable)


def _category(gain: float, before: bool | None, after: bool | None, *, reliable: bool) -> Category:  # noqa: FBT001 - three answers: yes, no, not known
    if not reliable:
        return Category.UNCHANGED
    if gain < 0:
        return Category.DETERIORATED
    return Category.RECOVERED if before is True and after is False else Category.IMPROVED
