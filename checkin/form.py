"""The form as the feedback service hands it out: its questions, its closing words, the crisis help to show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Answer = int | str
Answers = Mapping[str, Answer]


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
class Item:
    """One question: a `scale` of whole numbers (both ends inclusive), a `choice`, or a `text`."""

    id: str
    text: str
    kind: str
    hint: str = ""
    min: int = 0
    max: int = 0
    step: int = 1
    low_label: str = ""
    high_label: str = ""
    options: tuple[Option, ...] = ()
    max_length: int = 0
    shown_when: ShownWhen | None = None

    @property
    def numbers(self) -> range:
        """The numbers of a scale."""
        return range(self.min, self.max + 1, self.step)

    def text_of(self, code: Answer) -> str:
        """What an option says."""
        return next((option.text for option in self.options if option.code == code), str(code))


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

    @property
    def sharing(self) -> Item | None:
        """The question when the therapist may see the answers; its options are the buttons that send."""
        last = self.items[-1]
        codes = {option.code for option in last.options}
        return last if codes and codes <= set(self.closing_by_sharing) else None


@dataclass(frozen=True, slots=True)
class CurrentForm:
    """Where one form stands. `form` is None once it has been received or is over."""

    state: str
    form: Form | None = None
    answers: Answers = field(default_factory=dict)
    help: tuple[str, ...] = ()  # paragraphs; the first is the heading


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
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise FormUnreadable(f"the current form: {error}") from error


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
    )


def _item(data: Mapping[str, Any]) -> Item:
    condition = data.get("shown_when")
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
    )
