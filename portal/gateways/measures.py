"""A form as the feedback service defines it; the portal shows it word for word."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice: what is kept and what is read."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownWhen:
    """Asked only when another item was answered with one of these codes."""

    item: str
    any_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One question; `kind` is scale, choice or text."""

    id: str
    text: str
    kind: str
    min: int | None = None
    max: int | None = None
    step: int | None = None
    low_label: str | None = None
    high_label: str | None = None
    options: tuple[Option, ...] = ()
    optional: bool = False
    shown_when: ShownWhen | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """Introduction, label and items of one version of a measure."""

    id: str
    version: str | int
    intro: str
    label: str
    items: tuple[Item, ...]
