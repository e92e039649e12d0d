"""What is said of one measure in one treatment: a status, its sentence, and short lines beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.feedback.alliance.domain.sentences import NextStep, Sentence, say
from services.feedback.measures.domain.evidence import Better, Evidence, ReliableChange
from services.feedback.outcome.domain.change import Category, Change, change_of, reliable_change_of
from services.feedback.outcome.domain.checkpoints import Checkpoint, checkpoints_of, open_checkpoint
from services.feedback.outcome.domain.expected import Curve, NoCurve, WhyNone, is_off_curve
from services.feedback.outcome.domain.nhs import NhsChange, NhsOutcome
from services.feedback.outcome.domain.points import Scored


class NotYet(StrEnum):
    """Why there is no category."""

    NO_SCORE = "no_score"
    ONE_SCORE = "one_score"
    NO_THRESHOLD = "no_threshold"
    NO_TOTAL = "no_total"  # the measure has subscales alone


@dataclass(frozen=True, slots=True)
class OutcomeReading:
    """
    One measure read from its first to its latest total.

    `status` is a `Category`, or why there is none. `further` are short lines after the
    main sentence. `checkpoints` are those that were reached without a reliable gain.
    """

    status: str
    sentence: Sentence
    further: tuple[Sentence, ...] = ()
    change: Change | None = None
    checkpoints: tuple[Checkpoint, ...] = ()


def read_outcome(measure: str, points: Sequence[Scored], evidence: Evidence) -> OutcomeReading:
    """
    Read the totals of one version of a measure, in the order of their sessions.

    Args:
        measure: Its short name, as it is said.
        points: Totals in points; none where there is none, nothing is carried forward.
        evidence: The instrument's published constants, the only thing a total is held against.
    """
    if len(points) < 2:
        return _too_few(measure, points)
    first, last = points[0].total, points[-1].total
    change = change_of(first, last, evidence)
    if change is None:
        said = say("outcome_no_threshold", measure=measure, first=first, last=last)
        return OutcomeReading(NotYet.NO_THRESHOLD, said)
    asked = open_checkpoint(points, evidence)
    further = [*_flags(change)]
    if asked is not None:
        further.append(say(f"outcome_checkpoint_{asked.session}"))
    return OutcomeReading(
        status=change.category,
        sentence=said_of(measure, change, evidence),
        further=tuple(further),
        change=change,
        checkpoints=tuple(checkpoints_of(points, evidence)),
    )


def read_parts(measure: str) -> OutcomeReading:
    """What is said of a measure that has no total: its subscales stand side by side, and no change is read of them."""
    return OutcomeReading(NotYet.NO_TOTAL, say("outcome_no_total", measure=measure))


def said_of(measure: str, change: Change, evidence: Evidence) -> Sentence:
    first, last = change.first, change.last
    limit = reliable_change_of(evidence)
    assert limit is not None  # a change is only told where one is known
    match change.category:
        case Category.RECOVERED:
            return say("outcome_recovered", NextStep.ASK_WHAT_HELPED, measure=measure, first=first, last=last)
        case Category.DETERIORATED:
            lower = "_lower" if evidence.better is Better.HIGHER else ""
            template = f"outcome_deteriorated{lower}"
            return say(template, NextStep.REVIEW_GOALS, measure=measure, first=first, last=last)
        case Category.UNCHANGED:
            return say("outcome_unchanged", measure=measure, first=first, last=last, rc=limit.points)
        case Category.IMPROVED:
            return _improved(measure, abs(last - first), limit)


def said_of_curve(measure: str, last: Scored, curve: Curve | NoCurve) -> Sentence | None:
    """That the latest total lies beyond the local curve, or why there is none; None when it lies within."""
    if isinstance(curve, NoCurve):
        if curve.reason is WhyNone.NO_BANDS:
            return say("no_curve_no_bands", measure=measure)
        return say("no_curve", n=curve.n)
    if not is_off_curve(last, curve):
        return None
    if curve.better is Better.HIGHER:
        return say("off_local_curve_lower", measure=measure, n=curve.n)
    return say("off_local_curve", n=curve.n)


def said_of_pair(measures: list[str], outcome: NhsOutcome) -> Sentence | None:
    """What the NHS definitions say of two measures together; None where they say neither."""
    if outcome.reliable_recovery:
        return say("outcome_nhs_reliable_recovery", measures=measures)
    if outcome.recovery:
        return say("outcome_nhs_recovery", measures=measures)
    return say("outcome_mixed", measures=measures) if outcome.change is NhsChange.MIXED else None


def _improved(measure: str, diff: float, limit: ReliableChange) -> Sentence:
    step = NextStep.ASK_WHAT_HELPED
    if limit.confidence is None:
        return say("outcome_improved_confidence_unknown", step, measure=measure, diff=diff, rc=limit.points)
    return say("outcome_improved", step, measure=measure, diff=diff, rc=limit.points, confidence=limit.confidence)


def _too_few(measure: str, points: Sequence[Scored]) -> OutcomeReading:
    if not points:
        return OutcomeReading(NotYet.NO_SCORE, say("outcome_no_score", measure=measure))
    return OutcomeReading(NotYet.ONE_SCORE, say("outcome_one_score", measure=measure, x=points[0].total))


def _flags(change: Change) -> list[Sentence]:
    found = []
    if change.harmed:
        found.append(say("outcome_harmed"))
    if change.non_reliably_recovered:
        found.append(say("outcome_non_reliably_recovered"))
    return found
