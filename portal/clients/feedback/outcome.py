"""A client's outcome as the feedback service tells it; charts and presenters read these."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal.clients.feedback.course import Sentence
from portal.clients.feedback.forms import FormOption, Subscale


@dataclass(frozen=True, slots=True)
class Threshold:
    """A published number of points, where it is from and how well it is known; `confidence` in percent."""

    points: float
    source: str = ""
    mark: str = ""
    confidence: int | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """Another form of the reliable change index; no index where its numbers are not published."""

    method: str
    limit: float
    index: float | None = None
    reliable: bool | None = None


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """A scored item; no text where its words are not in the program."""

    id: str
    part: str = ""
    text: str = ""
    options: tuple[FormOption, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeMeasure:
    """
    The instrument; `better` says which way is better: higher or lower.

    Totals lie between `min` and `max`; both are None for a measure of subscales alone, which has no total.
    """

    id: str
    version: int
    name: str
    short_name: str
    min: float | None
    max: float | None
    better: str
    label: str = ""
    attribution: str | None = None
    items: tuple[ScoredItem, ...] = ()
    subscales: tuple[Subscale, ...] = ()

    @property
    def ends(self) -> tuple[float, float] | None:
        """The least and the most a total can be; None where the measure has no total."""
        return None if self.min is None or self.max is None else (self.min, self.max)


@dataclass(frozen=True, slots=True)
class Correction:
    """What stood in a check-in before it was corrected."""

    version: int
    reason: str
    superseded_at: datetime
    total: float | None = None


@dataclass(frozen=True, slots=True)
class OutcomePoint:
    """One session. The total is None where there is none; then `missing_reason` says why."""

    session_number: int
    appointment_id: UUID
    date: date
    practitioner_id: UUID
    measure_version: int | None = None
    total: float | None = None
    subscales: dict[str, float | None] = field(default_factory=dict)
    missing_reason: str | None = None
    answered: int = 0
    items: int = 0
    prorated: bool = False
    typed: bool = False
    answers: dict[str, Any] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class BoundaryPoint:
    """A point of the curve of finished cases."""

    session_number: int
    total: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Nine in ten of `n` finished cases with a similar start were no worse than this."""

    n: int
    boundary: tuple[BoundaryPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """From the first to the latest total; `gain` is positive where things went better."""

    first: float
    last: float
    gain: float


@dataclass(frozen=True, slots=True)
class MeasureOutcome:
    """One measure in this treatment."""

    measure: OutcomeMeasure
    status: str
    sentence: Sentence
    further: tuple[Sentence, ...] = ()
    change: Change | None = None
    reliable_change: Threshold | None = None
    cut_off: Threshold | None = None
    variants: tuple[Variant, ...] = ()
    points: tuple[OutcomePoint, ...] = ()
    curve: Curve | None = None
    curve_sentence: Sentence | None = None


@dataclass(frozen=True, slots=True)
class NhsOutcome:
    """What the NHS definitions say of two measures together."""

    measures: tuple[str, ...]
    caseness: bool
    recovery: bool
    change: str
    reliable_recovery: bool
    sentence: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A client's outcome in the present treatment, across therapists."""

    client_id: UUID
    spoken_code: str
    since: date | None = None
    sessions: int = 0
    measures: tuple[MeasureOutcome, ...] = ()
    nhs: NhsOutcome | None = None
