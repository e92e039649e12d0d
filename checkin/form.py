"""The form as the feedback service hands it out: its questions, its closing words, the crisis help to show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Answer = int | float | str
Answers = Mapping[str, Answer]
_STEMMED = frozenset({"rating", "scale", "decimal"})


class FormUnreadable(Exception):
    """The feedback service answered in a shape this app does not understand; the message names the place."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownWhen:
    """Asked only after one of these answers to an earlier question; no codes: after any answer."""

    item: str
    any_of: tuple[str, ...]


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
    kind: str
    hint: str = ""
    min: float = 0
    max: float = 0
    step: float = 1
    low_label: str = ""
    high_label: str = ""
    options: tuple[Option, ...] = ()
    max_length: int = 0
    shown_when: ShownWhen | None = None
    shown_when_any: ShownWhenAny | None = None

    @property
    def numbers(self) -> range:
        """The numbers of a scale."""
        return range(int(self.min), int(self.max) + 1, int(self.step))

    def text_of(self, code: Answer) -> str:
        """What an option says."""
        return next((option.text for option in self.options if option.code == str(code)), str(code))


@dataclass(frozen=True, slots=True)
class Form:
    """A questionnaire in its words for the client."""

    title: str
    intro: str
    label: str  # what kind of questionnaire this is, honestly
    items: tuple[Item, ...]
    closing: str
    closing_by_sharing: Mapping[str, str]
    language: str = "en"
    id: str = ""
    stem: str = ""  # what its questions begin with; read before each of them
    notice: str = ""  # said before the first question, where one of them is about hurting oneself
    attribution: str = ""  # to be seen on every page, as the licence asks

    def stem_of(self, item: Item) -> str:
        """What a question begins with; one about the others, asked because of them, stands for itself."""
        return self.stem if item.kind in _STEMMED and item.shown_when_any is None else ""

    @property
    def sharing(self) -> Item | None:
        """The question when the therapist may see the answers; its options are the buttons that send."""
        last = self.items[-1]
        codes = {option.code for option in last.options}
        return last if codes and codes <= set(self.closing_by_sharing) else None


@dataclass(frozen=True, slots=True)
class Position:
    """Which of several forms, counted from 1."""

    number: int = 1
    of: int = 1


ALONE = Position()


@dataclass(frozen=True, slots=True)
class CurrentForm:
    """Where one form stands. `form` is None once it has been received or is over."""

    state: str
    form: Form | None = None
    answers: Answers = field(default_factory=dict)
    help: tuple[str, ...] = ()  # paragraphs; the first is the heading
    position: Position | None = None  # None where feedback speaks of one form alone
    risk_answered: bool = False  # the form just sent told of thoughts of hurting oneself
    after_risk: tuple[str, ...] = ()  # what is said then, in the clinic's own words


def read_current(data: Any) -> CurrentForm:
    """
    Read the answer to `current`; what this app does not know is ignored.

    Raises:
        FormUnreadable: something it needs is missing or has another shape.
    """
    try:
        definition = data.get("form")
        return CurrentForm(
            state=data["state"],
            form=_form(definition) if definition else None,
            answers={name: value for name, value in (data.get("answers") or {}).items() if value is not None},
            help=tuple((data.get("clinic") or {}).get("crisis") or ()),
            position=_position(data.get("position")),
            risk_answered=data.get("risk_answered") is True,
            after_risk=tuple((data.get("clinic") or {}).get("after_risk") or ()),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise FormUnreadable(f"the current form: {error}") from error


def _position(data: Mapping[str, Any] | None) -> Position | None:
    return Position(int(data["number"]), int(data["of"])) if data else None


def _form(data: Mapping[str, Any]) -> Form:
    closing = data.get("closing") or {}
    return Form(
        title=data["title"],
        intro=data["intro"],
        label=data.get("client_label") or data.get("label") or "",
        items=tuple(_item(entry) for entry in data["items"]),
        closing=closing.get("text") or "",
        closing_by_sharing=dict(closing.get("by_sharing") or {}),
        language=data.get("language") or "en",
        id=data.get("id") or "",
        stem=data.get("stem") or "",
        notice=data.get("notice") or "",
        attribution=data.get("attribution_line") or "",
    )


def _item(data: Mapping[str, Any]) -> Item:
    condition, any_condition = data.get("shown_when"), data.get("shown_when_any")
    return Item(
        id=data["id"],
        text=data["text"],
        kind=data["kind"],
        hint=data.get("hint") or "",
        min=data.get("min") or 0,
        max=data.get("max") or 0,
        step=data.get("step") or 1,
        low_label=data.get("low_label") or "",
        high_label=data.get("high_label") or "",
        options=tuple(Option(option["code"], option["text"]) for option in data.get("options") or ()),
        max_length=data.get("max_length") or 0,
        shown_when=ShownWhen(condition["item"], tuple(condition.get("any_of") or ())) if condition else None,
        shown_when_any=(
            ShownWhenAny(tuple(any_condition["items"]), any_condition["at_least"]) if any_condition else None
        ),
    )
