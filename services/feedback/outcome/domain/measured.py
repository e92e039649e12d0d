"""Everything that is told of a client's measures in one treatment, put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.feedback.alliance.domain.sentences import Sentence, say
from services.feedback.measures.domain import Measure
from services.feedback.measures.domain.evidence import ReliableChange, Threshold
from services.feedback.outcome.domain.change import cut_off_of, reliable_change_of
from services.feedback.outcome.domain.expected import Curve, NoCurve
from services.feedback.outcome.domain.history import OutcomePoint, comparable
from services.feedback.outcome.domain.nhs import NhsOutcome, Paired, nhs_outcome
from services.feedback.outcome.domain.reading import (
    OutcomeReading,
    read_outcome,
    read_parts,
    said_of_curve,
    said_of_pair,
)
from services.feedback.outcome.domain.variants import Variant, variants_of

_NHS = ("phq-9", "gad-7")  # the measures of the NHS definitions, depression first


@dataclass(frozen=True, slots=True)
class MeasureOutcome:
    """
    One measure of a client in one treatment.

    `points` are all sessions; what is compared are the totals of the measure's latest
    version. `curve` is None before there is a total.
    """

    measure: Measure
    points: Sequence[OutcomePoint]
    reading: OutcomeReading
    further: tuple[Sentence, ...]
    variants: Sequence[Variant]
    reliable_change: ReliableChange | None
    cut_off: Threshold | None
    curve: Curve | NoCurve | None
    curve_sentence: Sentence | None


@dataclass(frozen=True, slots=True)
class PairOutcome:
    """What the NHS definitions say of two measures together; `sentence` is None where they say nothing."""

    measures: tuple[str, ...]
    outcome: NhsOutcome
    sentence: Sentence | None


def version_in_force(points: Sequence[OutcomePoint]) -> int | None:
    """The version of the latest total; of the latest offer before there is one, None before any."""
    versions = [(point.total is not None, point.number, point.form.measure_version) for point in points if point.form]
    return max(versions)[2] if versions else None


def measure_outcome(measure: Measure, points: Sequence[OutcomePoint], curve: Curve | NoCurve | None) -> MeasureOutcome:
    """
    Read one measure.

    Args:
        measure: The version in force.
        points: The sessions of the treatment.
        curve: What finished cases with a similar start are compared by, or why nothing is; None before a total.
    """
    totals, new_from = comparable(points)
    evidence, name = measure.evidence, measure.short_name
    reading = read_outcome(name, totals, evidence) if measure.scoring.has_total else read_parts(name)
    further = list(reading.further)
    if new_from is not None:
        further.append(say("outcome_new_version", measure=name, session=new_from))
    return MeasureOutcome(
        measure=measure,
        points=points,
        reading=reading,
        further=tuple(further),
        variants=variants_of(totals[0].total, totals[-1].total, evidence) if len(totals) > 1 else [],
        reliable_change=reliable_change_of(evidence),
        cut_off=cut_off_of(evidence),
        curve=curve,
        curve_sentence=said_of_curve(name, totals[-1], curve) if curve and totals else None,
    )


def pair_outcome(found: Mapping[str, MeasureOutcome]) -> PairOutcome | None:
    """What both measures of the NHS definitions say, by their ids; None unless both have a first and a last total."""
    depression, anxiety = (_paired(found.get(measure_id)) for measure_id in _NHS)
    if depression is None or anxiety is None:
        return None
    names = [found[measure_id].measure.short_name for measure_id in _NHS]
    outcome = nhs_outcome(depression, anxiety)
    return PairOutcome(tuple(names), outcome, said_of_pair(names, outcome))


def _paired(found: MeasureOutcome | None) -> Paired | None:
    change = found.reading.change if found else None
    return None if change is None else Paired(change.first, change.last)
