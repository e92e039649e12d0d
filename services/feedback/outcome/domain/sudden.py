"""
Sudden gains and losses: large, lasting steps between two sessions, seen looking back.

For analytics alone, never a prompt: three sessions after the step have to be known.

Source:
    Tang & DeRubeis 1999, J. Consult. Clin. Psychol. 67(6), 894-904, with the critical values
    for missing sessions as in the R package suddengains. The second criterion is applied to
    losses by size: there it compares a negative change with +25 %, which is always true.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from services.feedback.measures.domain.evidence import Better
from services.feedback.outcome.domain.change import ROUNDING

SIDE = 3  # sessions looked at before and after the step
FEWEST = 2  # of them with a total
LEAST_SHARE = 0.25  # of the total before
# Critical t by the number of totals on both sides together: 3 + 3, one missing, one missing on each side.
CRITICAL = {6: 2.776, 5: 3.182, 4: 4.303}


@dataclass(frozen=True, slots=True)
class Sudden:
    """A step from the session of this number to the next; `gain` in points, negative for a loss."""

    number: int
    gain: float


def sudden_changes(totals: Sequence[float | None], *, reliable: float, better: Better) -> list[Sudden]:
    """
    The sudden gains and losses of a course.

    Args:
        totals: One for each session in order, None where there is none.
        reliable: Points of a reliable change of the measure (criterion 1).
        better: Which way is better.

    >>> sudden_changes([20, 21, 20, 10, 9, 10], reliable=6, better=Better.LOWER)
    [Sudden(number=3, gain=10)]
    """
    found = []
    for at in range(SIDE, len(totals) - SIDE + 1):
        before, after = totals[at - SIDE : at], totals[at : at + SIDE]
        gain = _step(before, after, reliable, better.sign)
        if gain is not None:
            found.append(Sudden(at, gain))
    return found


def _step(before: Sequence[float | None], after: Sequence[float | None], reliable: float, sign: int) -> float | None:
    was, now = before[-1], after[0]
    if was is None or now is None:
        return None
    gain = sign * (now - was)
    large = abs(gain) >= reliable - ROUNDING and abs(gain) >= LEAST_SHARE * abs(was) - ROUNDING
    return gain if large and _lasts(before, after, math.copysign(1, now - was)) else None


def _lasts(before: Sequence[float | None], after: Sequence[float | None], way: float) -> bool:
    """Criterion 3, in the direction of the step: the sessions after differ from those before."""
    pre = [total for total in before if total is not None]
    post = [total for total in after if total is not None]
    if min(len(pre), len(post)) < FEWEST:
        return False
    n = len(pre) + len(post)
    pooled = ((len(pre) - 1) * variance(pre) + (len(post) - 1) * variance(post)) / (n - 2)
    return way * (fmean(post) - fmean(pre)) > CRITICAL[n] * math.sqrt(pooled)
