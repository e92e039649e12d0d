"""A form as it is shown: the service's own words, arranged for answering."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.forms import Filled
from portal.gateways.measures import Form, Item


@dataclass(frozen=True, slots=True)
class Question:
    """One item; `choices` are pairs of value and words, for a scale the numbers themselves."""

    id: str
    text: str
    hint: str
    kind: str
    low: str
    high: str
    choices: tuple[tuple[str, str], ...]
    shown_when: str
    any_of: str


def present_questions(form: Form) -> list[Question]:
    """All items in their order."""
    return [
        Question(
            id=item.id,
            text=item.text,
            hint=item.hint or "",
            kind=item.kind,
            low=f"{item.min} {item.low_label}" if item.low_label else "",
            high=f"{item.max} {item.high_label}" if item.high_label else "",
            choices=_choices(item),
            shown_when=item.shown_when.item if item.shown_when else "",
            any_of=" ".join(item.shown_when.any_of) if item.shown_when else "",
        )
        for item in form.items
    ]


def read_answers(form: Form, filled: Filled) -> dict[str, str | int]:
    """
    The answers given, as the service takes them; what was left out stays out.

    A question that depends on another counts only while that one calls for it.
    """
    given: dict[str, str | int] = {}
    for item in form.items:
        value = filled.get(item.id)
        if not value or not _is_asked(item, given):
            continue
        if item.kind == "scale":
            if value not in {code for code, _ in _choices(item)}:
                filled.refuse(item.id, "Choose one of the numbers")
                continue
            given[item.id] = int(value)
        elif item.kind == "choice" and value not in {option.code for option in item.options}:
            filled.refuse(item.id, "Choose one of the answers")
        else:
            given[item.id] = value
    return given


def _choices(item: Item) -> tuple[tuple[str, str], ...]:
    if item.kind == "scale" and item.min is not None and item.max is not None:
        return tuple((str(n), str(n)) for n in range(item.min, item.max + 1, item.step or 1))
    return tuple((option.code, option.text) for option in item.options)


def _is_asked(item: Item, given: Mapping[str, str | int]) -> bool:
    if item.shown_when is None:
        return True
    answer = given.get(item.shown_when.item)
    return answer is not None and (not item.shown_when.any_of or str(answer) in item.shown_when.any_of)
