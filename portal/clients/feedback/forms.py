"""A form as the feedback service defines it; the portal shows it word for word."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FormOption:
    """One answer of a choice: what is kept and what is read."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownWhen:
    """Asked only when another item was answered with one of these codes."""

    item: str
    any_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownWhenAny:
    """Asked only if one of these items was answered with this number or more."""

    items: tuple[str, ...]
    at_least: float


@dataclass(frozen=True, slots=True)
class FormItem:
    """One question; `kind` is scale, rating, decimal, choice or text."""

    id: str
    text: str
    kind: str
    min: float | None = None
    max: float | None = None
    step: float | None = None
    low_label: str | None = None
    high_label: str | None = None
    options: tuple[FormOption, ...] = ()
    shown_when: ShownWhen | None = None
    hint: str | None = None
    shown_when_any: ShownWhenAny | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """Which totals there can be, both ends inclusive; None where the measure has no total."""

    min: float | None = None
    max: float | None = None

    @property
    def ends(self) -> tuple[float, float] | None:
        return None if self.min is None or self.max is None else (self.min, self.max)


@dataclass(frozen=True, slots=True)
class Subscale:
    """A part of a measure with a total of its own."""

    id: str
    min: float
    max: float
    name: str = ""

    @property
    def called(self) -> str:
        return self.name or self.id.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Form:
    """Introduction, label and items of one version of a measure; without wording there is nothing to show a client."""

    id: str
    version: str | int
    intro: str = ""
    label: str = ""
    items: tuple[FormItem, ...] = ()
    side: str = "client"
    moment: str = "after"
    name: str = ""
    short_name: str = ""
    title: str = ""
    stem: str = ""
    client_label: str | None = None
    attribution_line: str | None = None
    notice: str | None = None
    has_wording: bool = True
    construct: str = ""
    status: str = "ready"
    accepts_totals: bool = False
    scoring: Range | None = None
    subscales: tuple[Subscale, ...] = ()

    @property
    def called(self) -> str:
        return self.short_name or self.name or self.id

    @property
    def is_form(self) -> bool:
        """True where its words may be shown to a client here."""
        return self.has_wording and self.status == "ready"
