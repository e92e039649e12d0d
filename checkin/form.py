"""
The form as the feedback service hands it out: its questions, its closing words, the crisis help to show.

The fields carry the names of feedback's API, from which msgspec reads them; what is not named here is ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Answer = int | float | str
Answers = Mapping[str, Answer]
Kind = Literal["scale", "rating", "decimal", "choice", "text"]
_STEMMED = frozenset({"rating", "scale", "decimal"})


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownWhen:
    """Asked only after one of these answers to an earlier question; no codes: after any answer."""

    item: str
    any_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownWhenAny:
    """Asked only if one of these earlier questions was answered with this number or more."""

    items: tuple[str, ...]
    at_least: float


@dataclass(frozen=True, slots=True)
class Item:
    """
    One question.

    `scale`: whole numbers, both ends inclusive. `decimal`: a place on a line between two ends.
    `rating`: a whole number with its words. `choice`: one of several answers. `text`: a few words.
    """

    id: str
    text: str
    kind: Kind
    hint: str | None = None
    min: int | float = 0  # as it is written: 10 and not 10.0
    max: int | float = 0
    step: int | float = 1
    low_label: str | None = None
    high_label: str | None = None
    options: tuple[Option, ...] = ()
    max_length: int = 0
    shown_when: ShownWhen | None = None
    shown_when_any: ShownWhenAny | None = None

    @property
    def numbers(self) -> range:
        return range(int(self.min), int(self.max) + 1, int(self.step))

    def text_of(self, code: Answer) -> str:
        return next((option.text for option in self.options if option.code == str(code)), str(code))


@dataclass(frozen=True, slots=True)
class Closing:
    """What is said after sending, and then by the sharing choice who will see the answers."""

    text: str = ""
    by_sharing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """A questionnaire in its words for the client."""

    id: str
    title: str
    intro: str
    items: tuple[Item, ...]
    closing: Closing = Closing()
    language: str = "en"
    label: str = ""
    client_label: str | None = None
    stem: str = ""  # what its questions begin with; read before each of them
    notice: str | None = None  # said before the first question, where one of them is about hurting oneself
    attribution_line: str | None = None  # to be seen on every page, as the licence asks

    @property
    def kind_of_questionnaire(self) -> str:
        """What kind of questionnaire this is, honestly."""
        return self.client_label or self.label

    def stem_of(self, item: Item) -> str:
        """What a question begins with; one about the others, asked because of them, stands for itself."""
        return self.stem if item.kind in _STEMMED and item.shown_when_any is None else ""

    @property
    def sharing(self) -> Item | None:
        """The question when the therapist may see the answers; its options are the buttons that send."""
        last = self.items[-1]
        codes = {option.code for option in last.options}
        return last if codes and codes <= set(self.closing.by_sharing) else None


@dataclass(frozen=True, slots=True)
class Position:
    """Which of several forms, counted from 1."""

    number: int
    of: int


ALONE = Position(1, 1)


@dataclass(frozen=True, slots=True)
class ClinicWords:
    """What the clinic says of a crisis, in paragraphs: on every page, and after an answer that worries people."""

    crisis: tuple[str, ...] = ()  # the first is the heading
    after_risk: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CurrentForm:
    """Where one form stands. `form` is None once it has been received or is over."""

    state: str
    form: Form | None = None
    answers: Answers = field(default_factory=dict)
    clinic: ClinicWords | None = None
    position: Position | None = None
    risk_answered: bool = False  # something sent in this browser told of thoughts of hurting oneself
