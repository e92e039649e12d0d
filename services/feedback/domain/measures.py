"""Measures: what a questionnaire asks, which answers it takes, and how a total is made of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class MeasureMalformed(ValueError):
    """A definition file contradicts itself; the message names measure and item."""


class Side(StrEnum):
    """Whose view a check-in gives."""

    CLIENT = "client"
    THERAPIST = "therapist"


class Kind(StrEnum):
    """What an item takes: a whole number on a line, one of its options, or a few words."""

    SCALE = "scale"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownWhen:
    """An item is asked only after one of these answers to an earlier item; no codes: after any answer."""

    item: str
    any_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One question, as it is worded and as it may be answered; the scale's ends are inclusive."""

    id: str
    text: str
    kind: Kind
    part: str
    hint: str | None = None
    optional: bool = True
    minimum: int = 0
    maximum: int = 0
    step: int = 1
    low_label: str | None = None
    high_label: str | None = None
    options: tuple[Option, ...] = ()
    max_length: int = 0
    shown_when: ShownWhen | None = None
    only_with_open_wish: bool = False

    @property
    def codes(self) -> frozenset[str]:
        """The codes of a choice's options."""
        return frozenset(option.code for option in self.options)


@dataclass(frozen=True, slots=True)
class Scoring:
    """How a total is made: mean of the answered items times `factor`, if at least `needed` were answered."""

    rule_id: str
    items: tuple[str, ...]
    needed: int
    factor: float
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Measure:
    """One version of a questionnaire; `cut` is a published threshold in points, None where there is none."""

    id: str
    version: int
    name_code: str
    name: str
    side: Side
    language: str
    licence_class: str
    validated: bool
    label: str
    client_label: str | None
    title: str
    intro: str
    items: tuple[Item, ...]
    scoring: Scoring
    cut: float | None
    closing: str
    closing_by_sharing: Mapping[str, str]

    def item(self, item_id: str) -> Item | None:
        """The item of this id, or None."""
        return next((item for item in self.items if item.id == item_id), None)

    def asked(self, *, open_wish: bool) -> "Measure":
        """The form as this person sees it: the wish is asked about only while one is open."""
        return replace(self, items=tuple(i for i in self.items if open_wish or not i.only_with_open_wish))


def read_measure(definition: Mapping[str, Any]) -> Measure:
    """
    Build a measure from its definition file.

    Raises:
        MeasureMalformed: double item ids, a condition on an item that does not come
            before, a scored item that is no scale, a choice without options.
    """
    items = tuple(_item(entry) for entry in definition["items"])
    scoring = definition["scoring"]
    measure = Measure(
        id=definition["id"],
        version=definition["version"],
        name_code=definition["name_code"],
        name=definition["name"],
        side=Side(definition["side"]),
        language=definition["language"],
        licence_class=definition["licence_class"],
        validated=definition["validated"],
        label=definition["label"],
        client_label=definition.get("client_label"),
        title=definition["title"],
        intro=definition["intro"],
        items=items,
        scoring=Scoring(
            rule_id=scoring["rule_id"],
            items=tuple(scoring["items"]),
            needed=scoring["needed"],
            factor=float(scoring["factor"]),
            minimum=float(scoring["min"]),
            maximum=float(scoring["max"]),
        ),
        cut=definition["cut"],
        closing=definition["closing"]["text"],
        closing_by_sharing=dict(definition["closing"].get("by_sharing", {})),
    )
    _check(measure)
    return measure


def _item(entry: Mapping[str, Any]) -> Item:
    condition = entry.get("shown_when")
    return Item(
        id=entry["id"],
        text=entry["text"],
        kind=Kind(entry["kind"]),
        part=entry["part"],
        hint=entry.get("hint"),
        optional=entry.get("optional", True),
        minimum=entry.get("min", 0),
        maximum=entry.get("max", 0),
        step=entry.get("step", 1),
        low_label=entry.get("low_label"),
        high_label=entry.get("high_label"),
        options=tuple(Option(option["code"], option["text"]) for option in entry.get("options", ())),
        max_length=entry.get("max_length", 0),
        shown_when=ShownWhen(condition["item"], tuple(condition["any_of"])) if condition else None,
        only_with_open_wish=entry.get("only_with_open_wish", False),
    )


def _check(measure: Measure) -> None:
    seen: dict[str, Item] = {}
    for item in measure.items:
        where = f"{measure.id} {item.id}"
        if item.id in seen:
            raise MeasureMalformed(f"{where}: the id stands twice")
        if item.kind is Kind.SCALE and not item.minimum < item.maximum:
            raise MeasureMalformed(f"{where}: a scale needs two ends")
        if (item.kind is Kind.CHOICE) != bool(item.options):
            raise MeasureMalformed(f"{where}: a choice has options, nothing else has")
        if item.kind is Kind.TEXT and item.max_length < 1:
            raise MeasureMalformed(f"{where}: a text needs a greatest length")
        if item.shown_when and item.shown_when.item not in seen:
            raise MeasureMalformed(f"{where}: depends on an item that does not come before it")
        seen[item.id] = item
    for item_id in measure.scoring.items:
        if item_id not in seen or seen[item_id].kind is not Kind.SCALE:
            raise MeasureMalformed(f"{measure.id} {item_id}: scored, but no scale of this measure")
    if not 1 <= measure.scoring.needed <= len(measure.scoring.items):
        raise MeasureMalformed(f"{measure.id}: cannot need {measure.scoring.needed} items")
