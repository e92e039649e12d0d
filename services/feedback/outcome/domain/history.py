"""One measure through a treatment: what came back for each session, whoever the therapist was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.alliance.domain.courses import HeldSession, missing_of
from services.feedback.alliance.domain.series import Missing
from services.feedback.measures.domain import Measure
from services.feedback.measures.domain.scoring import Score, score
from services.feedback.outcome.domain.points import Scored

TYPED = "typed-from-paper:"  # how the scoring rule of a total begins whose items nobody knows


@dataclass(frozen=True, slots=True)
class TreatmentHour:
    """A session of the treatment, held, or about to be with answers already there."""

    appointment_id: UUID
    starts_at: datetime
    practitioner_id: UUID


@dataclass(frozen=True, slots=True)
class Correction:
    """What stood in a check-in before it was corrected, by code why, until when."""

    version: int
    total: float | None
    answers: Mapping[str, Any]
    reason: str
    superseded_at: datetime


@dataclass(frozen=True, slots=True)
class Form:
    """What became of one offer of a measure. Nothing of what the therapist may not see is in here."""

    appointment_id: UUID
    measure_version: int
    offer_state: str
    missing_reason: str | None = None
    sharing: str | None = None
    visible: bool = False
    total: float | None = None
    subscales: Mapping[str, float | None] = field(default_factory=dict)
    answered: int = 0
    answers: Mapping[str, Any] = field(default_factory=dict)
    scoring_rule: str = ""
    recorded_at: datetime | None = None
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomePoint:
    """One session: a total in points, or why there is none. `form` is None where the measure was not offered."""

    number: int
    hour: TreatmentHour
    missing: Missing | None
    form: Form | None

    @property
    def total(self) -> float | None:
        """In points of the measure; None where there is none or it may not be seen."""
        return self.form.total if self.form and self.missing is None else None

    @property
    def is_typed(self) -> bool:
        """True for a total from paper, whose items nobody knows."""
        return self.form is not None and self.form.scoring_rule.startswith(TYPED)

    def scored_by(self, measure: Measure) -> Score | None:
        """How its answers are scored by the measure of their version; None where the items are not known."""
        if self.total is None or self.form is None or self.is_typed or self.form.measure_version != measure.version:
            return None
        return score(measure, self.form.answers)


def history_of(hours: Sequence[TreatmentHour], forms: Sequence[Form]) -> list[OutcomePoint]:
    """Every session of the treatment in its order, numbered from 1, with what came back of one measure."""
    by_hour = {form.appointment_id: form for form in forms}
    points = []
    for number, hour in enumerate(hours, 1):
        form = by_hour.get(hour.appointment_id)
        missing = Missing.NOT_OFFERED if form is None else missing_of(_as_hour(hour, form))
        points.append(OutcomePoint(number, hour, missing, form))
    return points


def comparable(points: Sequence[OutcomePoint]) -> tuple[list[Scored], int | None]:
    """
    The totals that may be compared, those of the measure's latest version.

    Returns:
        The totals, and the session with which that version began where earlier
        ones have totals too; None where there is but one version.
    """
    scored = [
        (point.number, point.form.measure_version, total)
        for point in points
        if point.form and (total := point.total) is not None
    ]
    if not scored:
        return [], None
    latest = scored[-1][1]
    same = [Scored(number, total) for number, version, total in scored if version == latest]
    return same, same[0].number if len(same) < len(scored) else None


def _as_hour(hour: TreatmentHour, form: Form) -> HeldSession:
    return HeldSession(
        hour.appointment_id,
        hour.starts_at,
        offer_state=form.offer_state,
        missing_reason=form.missing_reason,
        sharing=form.sharing,
        visible=form.visible,
    )
