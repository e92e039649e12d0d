"""
The definitions of NHS Talking Therapies: two measures together, and the rates that are returned.

Source:
    NHS England, NHS Talking Therapies manual and the measures' published definitions
    (docs/sources.md). All its measures are lower-is-better; a total at the cut-off is a case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.feedback.measures.domain.evidence import Mark
from services.feedback.outcome.domain.change import ROUNDING

FEWEST_TREATMENT_SESSIONS = 2  # of a finished course; follow-up does not count


@dataclass(frozen=True, slots=True)
class NhsMeasure:
    """Case from `case_at` points on; `reliable` points are a reliable change."""

    code: str
    case_at: float
    reliable: float
    mark: Mark


DEPRESSION = NhsMeasure("PHQ-9", 10, 6, Mark.STATED)
# The anxiety measure is the GAD-7 unless the problem descriptor has one of its own.
ANXIETY = NhsMeasure("GAD-7", 8, 4, Mark.STATED)
ANXIETY_MEASURES: Mapping[str, NhsMeasure] = {
    measure.code: measure
    for measure in (
        ANXIETY,
        NhsMeasure("SPIN", 19, 10, Mark.EXPERT),
        NhsMeasure("OCI", 40, 32, Mark.EXPERT),
        NhsMeasure("PDSS", 8, 5, Mark.EXPERT),
        NhsMeasure("HAI", 18, 4, Mark.EXPERT),
        NhsMeasure("MI", 2.3, 0.73, Mark.EXPERT),
        NhsMeasure("PCL-5", 32, 10, Mark.EXPERT),
        NhsMeasure("IES-R", 33, 9, Mark.EXPERT),
    )
}


class NhsChange(StrEnum):
    """What two measures say together; `mixed` is one reliably better, one reliably worse: no reliable change."""

    IMPROVED = "reliable_improvement"
    DETERIORATED = "reliable_deterioration"
    MIXED = "mixed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Paired:
    """First and last total of one measure in a course."""

    first: float
    last: float


@dataclass(frozen=True, slots=True)
class NhsOutcome:
    """What is said of one course."""

    caseness: bool
    recovery: bool
    change: NhsChange

    @property
    def reliable_recovery(self) -> bool:
        """Recovery and reliable improvement."""
        return self.recovery and self.change is NhsChange.IMPROVED


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many; `share` is None where there is nobody to count."""

    code: str
    count: int
    of: int

    @property
    def share(self) -> float | None:
        """0 to 1, unrounded."""
        return self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class NhsCounts:
    """Finished courses of a service, counted."""

    finished: int
    not_at_caseness: int
    recovered: int = 0
    improved: int = 0
    deteriorated: int = 0
    reliably_recovered: int = 0

    @property
    def rates(self) -> tuple[Rate, ...]:
        """
        The rates with their counts: recovery is counted among those who began as a case, change among all finished.

        >>> june_2020 = NhsCounts(finished=57_060, not_at_caseness=3_200, recovered=27_884, improved=39_417)
        >>> [(rate.code, round(100 * rate.share, 1)) for rate in june_2020.rates[:2]]
        [('recovery', 51.8), ('reliable_improvement', 69.1)]
        """
        cases = self.finished - self.not_at_caseness
        return (
            Rate("recovery", self.recovered, cases),
            Rate("reliable_improvement", self.improved, self.finished),
            Rate("reliable_deterioration", self.deteriorated, self.finished),
            Rate("reliable_recovery", self.reliably_recovered, cases),
        )


def is_finished_course(*, discharged: bool, treatment_sessions: int) -> bool:
    """Discharged after at least two treatment sessions; sessions of follow-up are not among them."""
    return discharged and treatment_sessions >= FEWEST_TREATMENT_SESSIONS


def nhs_outcome(depression: Paired, anxiety: Paired, anxiety_measure: NhsMeasure = ANXIETY) -> NhsOutcome:
    """
    The outcome of one course by its two pairs of totals.

    >>> nhs_outcome(Paired(14, 7), Paired(9, 6)).reliable_recovery
    True
    """
    pairs = ((depression, DEPRESSION), (anxiety, anxiety_measure))
    caseness = any(_is_case(pair.first, measure) for pair, measure in pairs)
    still = any(_is_case(pair.last, measure) for pair, measure in pairs)
    moved = [_moved(pair, measure) for pair, measure in pairs]
    return NhsOutcome(caseness, caseness and not still, _together(moved))


def count(outcomes: Iterable[NhsOutcome]) -> NhsCounts:
    """Count the outcomes of finished courses."""
    of = list(outcomes)
    return NhsCounts(
        finished=len(of),
        not_at_caseness=sum(not outcome.caseness for outcome in of),
        recovered=sum(outcome.recovery for outcome in of),
        improved=sum(outcome.change is NhsChange.IMPROVED for outcome in of),
        deteriorated=sum(outcome.change is NhsChange.DETERIORATED for outcome in of),
        reliably_recovered=sum(outcome.reliable_recovery for outcome in of),
    )


def _is_case(total: float, measure: NhsMeasure) -> bool:
    return total >= measure.case_at - ROUNDING


def _moved(pair: Paired, measure: NhsMeasure) -> int:
    """1 reliably better, -1 reliably worse, 0 neither."""
    fall = pair.first - pair.last
    if abs(fall) < measure.reliable - ROUNDING:
        return 0
    return 1 if fall > 0 else -1


def _together(moved: list[int]) -> NhsChange:
    if 1 in moved:
        return NhsChange.MIXED if -1 in moved else NhsChange.IMPROVED
    return NhsChange.DETERIORATED if -1 in moved else NhsChange.NONE
