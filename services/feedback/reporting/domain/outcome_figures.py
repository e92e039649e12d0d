"""
How treatments end, in the clinic's figures: by each measure's own constants, and by the NHS definitions.

For reflection about the clinic, never for appraisal. As with all figures nothing is told that is
about fewer than three therapists or about a few clients (`releasing`), and no effect size of
fewer than twenty cases.

Source: Jacobson & Truax 1991 for the categories, the NHS outcome guide with Hedges' J for the
effect size, the NHS Talking Therapies manual for the pair of measures (docs/sources.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.feedback.measures.domain import Measure
from services.feedback.outcome.domain.caseloads import LEAST_CASES, effect_size, small_sample_factor
from services.feedback.outcome.domain.change import Category, change_of, cut_off_of, reliable_change_of
from services.feedback.outcome.domain.nhs import NhsChange, NhsOutcome, Paired, is_finished_course, nhs_outcome
from services.feedback.reporting.domain.disclosure_control import (
    LEAST_OF_A_SHARE,
    Told,
    Withheld,
    counted_quarters,
    told,
)
from services.feedback.reporting.domain.figures import Counted, Part, Share, Span, share_told, tallies

_CELLS = {
    Category.RECOVERED: "better/recovered",
    Category.IMPROVED: "better/improved",
    Category.UNCHANGED: "unchanged",
    Category.DETERIORATED: "deteriorated",
}
_PAIRED = "paired"  # the one cell of a measure of which no reliable change is known
_DEPRESSION, _ANXIETY = "phq-9", "gad-7"


@dataclass(frozen=True, slots=True)
class FinishedTreatment:
    """
    A finished treatment, as figures need it: by measure and version its first and its last shared total.

    Only measures with two totals to compare are in it. `sessions` are those that took place.
    """

    quarter: int
    practitioner_id: UUID
    sessions: int
    paired: dict[tuple[str, int], Paired]


@dataclass(frozen=True, slots=True)
class EffectSize:
    """The mean gain of `n` cases in standard deviations of their first totals, drawn in by J; positive is better."""

    n: int | None
    value: float | None
    why: Withheld | None = None


@dataclass(frozen=True, slots=True)
class MeasureFigures:
    """
    One measure, of treatments that ended in the period.

    `n` had two totals to compare. `shares` are of all of them: reliable improvement, no
    reliable change, reliable deterioration, and recovery where a cut-off is published;
    none where no reliable change is. `parts` are the categories as they may be told.
    """

    measure: Measure
    n: int | None
    why: Withheld | None
    shares: tuple[Share, ...]
    parts: tuple[Part, ...]
    effect_size: EffectSize


@dataclass(frozen=True, slots=True)
class NhsFigures:
    """Finished courses with PHQ-9 and GAD-7 paired, by the NHS definitions; each share with its own `n`."""

    n: int | None
    why: Withheld | None
    shares: tuple[Share, ...]


def measure_figures(measure: Measure, treatments: Sequence[FinishedTreatment], span: Span) -> MeasureFigures:
    """One version of a measure; treatments without two totals of it are not in it."""
    key = (measure.id, measure.version)
    with_it = [(one, one.paired[key]) for one in treatments if key in one.paired]
    table = tallies(Counted(one.quarter, one.practitioner_id, _cell(pair, measure)) for one, pair in with_it)
    found = told(table, span.quarters, running=span.running)
    quarters = counted_quarters(table, span.quarters, running=span.running)
    pairs = [pair for one, pair in with_it if one.quarter in quarters]
    n, why = _n(found)
    has_change = reliable_change_of(measure.evidence) is not None
    return MeasureFigures(
        measure=measure,
        n=n,
        why=why,
        shares=_shares(found, recovers=cut_off_of(measure.evidence) is not None) if has_change else (),
        parts=_parts(found) if has_change else (),
        effect_size=_effect_size(found, pairs, measure),
    )


def nhs_figures(treatments: Sequence[FinishedTreatment], span: Span) -> NhsFigures | None:
    """
    The rates of NHS Talking Therapies; None where no treatment has a first and a last total of both measures.

    A rate of those who began as a case is told only where how many did not may be told too.
    Reliable recovery is told only where recovery is, and where nobody or enough recovered, or improved,
    without it: with the rates beside it these could be worked out.
    """
    courses = [(one, outcome) for one in treatments if (outcome := _outcome(one)) is not None]
    if not courses:
        return None

    def table(cells: Sequence[str]) -> Told | Withheld:
        counted = [
            Counted(one.quarter, one.practitioner_id, cell) for (one, _), cell in zip(courses, cells, strict=True)
        ]
        return told(tallies(counted), span.quarters, running=span.running)

    starts = table([_start(outcome) for _, outcome in courses])
    changes = table([_CHANGES[outcome.change] for _, outcome in courses])
    both = table([_recovery_and_change(outcome) for _, outcome in courses])
    n, why = _n(starts)
    return NhsFigures(
        n=n,
        why=why,
        shares=(
            share_told("caseness", "case", starts),
            _of_cases("recovery", "case/recovered", starts, starts),
            share_told("reliable_improvement", "improved", changes),
            share_told("reliable_deterioration", "deteriorated", changes),
            _of_cases("reliable_recovery", "reliably_recovered", both, starts),
        ),
    )


_CHANGES = {
    NhsChange.IMPROVED: "improved",
    NhsChange.DETERIORATED: "deteriorated",
    NhsChange.MIXED: "neither",
    NhsChange.NONE: "neither",
}


def _cell(pair: Paired, measure: Measure) -> str:
    change = change_of(pair.first, pair.last, measure.evidence)
    return _PAIRED if change is None else _CELLS[change.category]


def _n(found: Told | Withheld) -> tuple[int | None, Withheld | None]:
    return (None, found) if isinstance(found, Withheld) else (found.total, None)


def _shares(found: Told | Withheld, *, recovers: bool) -> tuple[Share, ...]:
    shares = [
        share_told("improvement", "better", found),
        share_told("no_change", "unchanged", found),
        share_told("deterioration", "deteriorated", found),
    ]
    return (*shares, _of("recovery", "better/recovered", found)) if recovers else tuple(shares)


def _parts(found: Told | Withheld) -> tuple[Part, ...]:
    """The categories from best to worst; those that can only be told together, together."""
    if isinstance(found, Withheld) or found.total < LEAST_OF_A_SHARE:
        return ()
    order = list(_CELLS.values())
    groups = [(sorted(cells, key=order.index), n) for cells, n in found.parts.items() if n]
    return tuple(
        Part(tuple(cell.rpartition("/")[2] for cell in cells), n, n / found.total)
        for cells, n in sorted(groups, key=lambda group: order.index(group[0][0]))
    )


def _effect_size(found: Told | Withheld, pairs: Sequence[Paired], measure: Measure) -> EffectSize:
    n, why = _n(found)
    if n is None:
        return EffectSize(None, None, why)
    if n < LEAST_CASES:
        return EffectSize(n, None, Withheld.SUPPRESSED_SMALL_N)
    d = effect_size([pair.first for pair in pairs], [pair.last for pair in pairs], measure.evidence.better)
    return EffectSize(n, None, Withheld.ALL_ALIKE) if d is None else EffectSize(n, d * small_sample_factor(n))


def _outcome(one: FinishedTreatment) -> NhsOutcome | None:
    if not is_finished_course(discharged=True, treatment_sessions=one.sessions):
        return None
    pairs = {measure_id: pair for (measure_id, _), pair in one.paired.items()}
    if _DEPRESSION not in pairs or _ANXIETY not in pairs:
        return None
    return nhs_outcome(pairs[_DEPRESSION], pairs[_ANXIETY])


def _start(outcome: NhsOutcome) -> str:
    if not outcome.caseness:
        return "not_a_case"
    return "case/recovered" if outcome.recovery else "case/not_recovered"


def _recovery_and_change(outcome: NhsOutcome) -> str:
    if outcome.reliable_recovery:
        return "reliably_recovered"
    if outcome.recovery:
        return "recovered_only"
    return "improved_only" if outcome.change is NhsChange.IMPROVED else "neither"


def _of(code: str, cell: str, found: Told | Withheld) -> Share:
    if isinstance(found, Withheld):
        return Share(code, None, None, found)
    return _share(code, found.count([cell]), found.total)


def _of_cases(code: str, cell: str, found: Told | Withheld, starts: Told | Withheld) -> Share:
    if isinstance(starts, Withheld):
        return Share(code, None, None, starts)
    if isinstance(found, Withheld):
        return Share(code, None, None, found)
    of = starts.branch("case")
    if of is None:
        return Share(code, None, None, Withheld.TOO_FEW)
    is_apart = starts.count(["case/recovered"]) is not None
    if found is not starts:
        is_apart = is_apart and all(len(cells) == 1 for cells in found.parts)
    return _share(code, found.count([cell]) if is_apart else None, of)


def _share(code: str, count: int | None, of: int) -> Share:
    if of == 0:
        return Share(code, None, None, Withheld.NOTHING)
    if of < LEAST_OF_A_SHARE:
        return Share(code, of, None, Withheld.SUPPRESSED_SMALL_N)
    return Share(code, of, None, Withheld.TOO_FEW) if count is None else Share(code, of, count / of)
