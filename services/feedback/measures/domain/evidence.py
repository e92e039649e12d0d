"""
What is published about a measure: thresholds, norms, reliabilities, each with where it is from.

A number without a source has no place here. `mark` says how well it is known: `stated` (a
public source says so), `expert` (known to experts, not verified), `doubtful` (to be
verified before anybody relies on it), `computed` (from numbers that are marked themselves)
or `ours` (decided by this project, validated by nobody).
"""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How well a number is known."""

    STATED = "stated"
    EXPERT = "expert"
    DOUBTFUL = "doubtful"
    COMPUTED = "computed"
    OURS = "ours"


class Better(StrEnum):
    """Which way a measure's points go when things go better."""

    HIGHER = "higher"
    LOWER = "lower"

    @property
    def sign(self) -> int:
        """+1 where more points are better, -1 where fewer are."""
        return 1 if self is Better.HIGHER else -1


@dataclass(frozen=True, slots=True)
class Threshold:
    """
    A published threshold in points, such as caseness.

    A total is on the clinical side when it lies at `points` or beyond, away from better:
    at or above where lower is better, below where higher is better.
    """

    code: str
    points: float
    source: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Band:
    """A named range of totals that begins at `at_least` points; words for screening, never a diagnosis."""

    code: str
    at_least: float


@dataclass(frozen=True, slots=True)
class ReliableChange:
    """How many points a total must move before chance is an unlikely reason; `confidence` in percent, if known."""

    points: float
    confidence: int | None
    source: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Norm:
    """Mean and standard deviation of a published group, in points; `n` people, if known."""

    mean: float
    sd: float
    source: str
    mark: Mark
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Reliability:
    """A published reliability (0-1) and its kind, such as `test_retest` or `alpha`; `up_to` where a range is given."""

    value: float
    kind: str
    source: str
    mark: Mark
    up_to: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    All that is published about one measure and that the clinic may go by; anything may be missing.

    `clinical` is the norm of people in treatment, `general` that of people who are not.
    What is `further` is shown and not gone by: other thresholds for other questions, the
    reliable change at another confidence. `important_change` is what people say matters,
    which is not the same as what chance cannot explain.
    """

    better: Better
    cut_off: Threshold | None = None
    reliable_change: ReliableChange | None = None
    clinical: Norm | None = None
    general: Norm | None = None
    reliability: Reliability | None = None
    bands: tuple[Band, ...] = ()
    bands_source: str = ""
    bands_mark: Mark | None = None
    further_thresholds: tuple[Threshold, ...] = ()
    further_changes: tuple[ReliableChange, ...] = ()
    important_change: ReliableChange | None = None
    further_reliabilities: tuple[Reliability, ...] = ()
