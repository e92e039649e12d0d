"""What a questionnaire asks, which answers it takes, and what is known about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from services.feedback.measures.domain.evidence import Evidence, Mark, Threshold
from services.feedback.measures.domain.licences import Licence


class Side(StrEnum):
    """Whose view a check-in gives."""

    CLIENT = "client"
    THERAPIST = "therapist"


class Kind(StrEnum):
    """
    What an item takes.

    A whole number on a line, a whole number whose every step is worded, a number with
    decimals on a line, one of its options, or a few words.
    """

    SCALE = "scale"
    RATING = "rating"
    DECIMAL = "decimal"
    CHOICE = "choice"
    TEXT = "text"

    @property
    def is_number(self) -> bool:
        """True where the answer can be counted."""
        return self in {Kind.SCALE, Kind.RATING, Kind.DECIMAL}


class Construct(StrEnum):
    """What a measure is about."""

    ALLIANCE = "alliance"
    OUTCOME = "outcome"
    WELLBEING = "wellbeing"
    FUNCTIONING = "functioning"
    GOALS = "goals"
    EXPERIENCE = "experience"
    PREFERENCES = "preferences"


class Moment(StrEnum):
    """When a measure is filled in: how one is, before the session; how it was, after it."""

    BEFORE = "before"
    AFTER = "after"


class Rhythm(StrEnum):
    """How often a measure is meant to be filled in."""

    EVERY_SESSION = "every_session"
    EVERY_N_SESSIONS = "every_n_sessions"
    FIRST_AND_LAST = "first_and_last"
    AT_REVIEWS = "at_reviews"


@dataclass(frozen=True, slots=True)
class Frequency:
    """A rhythm and who recommends it; `every` and `from_session` count sessions, from 1."""

    rhythm: Rhythm
    source: str
    mark: Mark
    every: int = 1
    from_session: int = 1


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice, or one step of a rating: there the code is the number."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownWhen:
    """An item is asked only after one of these answers to an earlier item; no codes: after any answer."""

    item: str
    any_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownWhenAny:
    """An item is asked only if at least one of these earlier items was answered with `at_least` or more."""

    items: tuple[str, ...]
    at_least: int


@dataclass(frozen=True, slots=True)
class Item:
    """One question, as it is worded and as it may be answered; both ends are inclusive, `step` lies between."""

    id: str
    text: str
    kind: Kind
    part: str
    hint: str | None = None
    optional: bool = True
    minimum: float = 0
    maximum: float = 0
    step: float = 1
    low_label: str | None = None
    high_label: str | None = None
    options: tuple[Option, ...] = ()
    max_length: int = 0
    shown_when: ShownWhen | None = None
    shown_when_any: ShownWhenAny | None = None
    only_with_open_wish: bool = False

    @property
    def codes(self) -> frozenset[str]:
        """The codes of a choice's options."""
        return frozenset(option.code for option in self.options)


class Method(StrEnum):
    """How a total is made of the answers."""

    SUM = "sum"
    MEAN = "mean"  # times a factor
    TABLE = "table"  # the sum, looked up in a published table
    SUBSCALES = "subscales"  # the sum of the subscales' totals
    TYPED = "typed"  # which items count how is not established: only a total from paper
    NONE = "none"  # the measure has subscales and no total


class Fill(StrEnum):
    """What stands in for an item that was left out, as long as enough were answered."""

    MEAN = "mean"  # the mean of those that were answered
    ROUNDED_MEAN = "rounded_mean"  # the same, rounded half up to a whole number
    AS_MANY_AS_SET = "as_many_as_set"  # nothing is missing: the person has fewer (goals)


@dataclass(frozen=True, slots=True)
class LeavesOut:
    """An answer that makes an item not apply; the rest must then be complete, up to `maximum` points."""

    item: str
    any_of: tuple[str, ...]
    leaves_out: str
    maximum: float


@dataclass(frozen=True, slots=True)
class MissingRule:
    """Who says how many items may be left out; None in a scoring: nobody known, so none may."""

    source: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Scoring:
    """
    How a total is made, in points, and how many of `items` must be answered for one.

    `reversed` items are turned round first (minimum + maximum - answer). `stand_ins` maps
    an item to the one whose answer counts twice where it is left out. `step` is what a
    total typed from paper may lie on.
    """

    rule_id: str
    items: tuple[str, ...]
    needed: int
    factor: float
    minimum: float
    maximum: float
    method: Method = Method.MEAN
    fill: Fill = Fill.MEAN
    step: float = 1
    reversed: frozenset[str] = frozenset()
    table: Mapping[int, float] = field(default_factory=dict)
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    leaves_out: LeavesOut | None = None
    missing: MissingRule | None = None

    @property
    def has_total(self) -> bool:
        """False for a measure of subscales alone."""
        return self.method is not Method.NONE

    @property
    def lowest(self) -> float | None:
        """The least a total can be; None where there is no total."""
        return self.minimum if self.has_total else None

    @property
    def highest(self) -> float | None:
        """The most a total can be; None where there is no total."""
        return self.maximum if self.has_total else None


@dataclass(frozen=True, slots=True)
class Subscale:
    """One part of a measure with points of its own: sum or mean times a factor of its items, or only typed."""

    id: str
    items: tuple[str, ...]
    needed: int
    minimum: float
    maximum: float
    method: Method = Method.SUM
    factor: float = 1.0
    fill: Fill = Fill.MEAN
    step: float = 1
    thresholds: tuple[Threshold, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """
    One version of a questionnaire.

    `risk_items` maps items to the lowest answer that raises a risk event; `notice` is said
    before such a measure. `window` is the time that the questions are about.
    `content_hashes` pin the words by language; `not_established` says what nobody knows.
    """

    id: str
    version: int
    name_code: str
    name: str
    side: Side
    construct: Construct
    moment: Moment
    language: str
    licence: Licence
    validated: bool
    label: str
    client_label: str | None
    title: str
    intro: str
    items: tuple[Item, ...]
    scoring: Scoring
    evidence: Evidence
    closing: str
    closing_by_sharing: Mapping[str, str]
    short_name: str = ""
    stem: str = ""
    notice: str | None = None
    window: str | None = None
    frequency: Frequency | None = None
    risk_items: Mapping[str, int] = field(default_factory=dict)
    subscales: tuple[Subscale, ...] = ()
    accepts_totals: bool = False
    content_hashes: Mapping[str, str] = field(default_factory=dict)
    not_established: tuple[str, ...] = ()
    instrument_source: str = ""

    @property
    def licence_class(self) -> str:
        """The class of its licence, as a code."""
        return self.licence.licence_class.value

    @property
    def cut(self) -> float | None:
        """The published threshold in points, None where there is none."""
        return self.evidence.cut_off.points if self.evidence.cut_off else None

    @property
    def has_wording(self) -> bool:
        """True when everything it asks is worded, so that it can be shown as a form."""
        worded = all(item.text and all(option.text for option in item.options) for item in self.items)
        return bool(self.items) and worded

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which it can be shown as a form."""
        return (self.language,) if self.has_wording else ()

    @property
    def is_usable(self) -> bool:
        """False where so little is established that neither answers nor totals can be taken."""
        return bool(self.items) or self.accepts_totals

    def item(self, item_id: str) -> Item | None:
        return next((item for item in self.items if item.id == item_id), None)

    def asked(self, *, open_wish: bool) -> "Measure":
        """The form as this person sees it: the wish is asked about only while one is open."""
        return replace(self, items=tuple(i for i in self.items if open_wish or not i.only_with_open_wish))


class MeasureUnknown(Exception):
    """There is no such measure."""
