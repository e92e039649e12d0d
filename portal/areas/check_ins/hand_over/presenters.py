"""A form as it is shown: the service's own words, arranged for answering."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from portal.clients.feedback.forms import Form, FormItem
from portal.kit.forms import Filled

Given = int | float | str
_ONE_PLACE = re.compile(r"[0-9]{1,3}(\.[0-9])?")


@dataclass(frozen=True, slots=True)
class Question:
    """One item; `choices` are triples of value, number and words: a scale has no words, a choice no numbers."""

    id: str
    text: str
    hint: str
    kind: str
    low: str
    high: str
    choices: tuple[tuple[str, str, str], ...]
    shown_when: str
    any_of: str
    ends: str = ""
    low_words: str = ""
    high_words: str = ""

    @property
    def highest(self) -> str:
        """The last of its numbers, for number keys."""
        return self.choices[-1][1] if self.choices else ""


def present_questions(form: Form) -> list[Question]:
    """All items in their order; where the clinic has the words on paper alone, their numbers stand in."""
    return [
        Question(
            id=item.id,
            text=item.text or f"Question {place}",
            hint=item.hint or "",
            kind=item.kind,
            low=f"{item.min:g} {item.low_label}" if item.low_label and item.min is not None else "",
            high=f"{item.max:g} {item.high_label}" if item.high_label and item.max is not None else "",
            choices=_choices(item),
            shown_when=item.shown_when.item if item.shown_when else "",
            any_of=" ".join(item.shown_when.any_of) if item.shown_when else "",
            ends=_ends(item),
            low_words=item.low_label or "",
            high_words=item.high_label or "",
        )
        for place, item in enumerate(form.items, start=1)
    ]


def read_answers(form: Form, filled: Filled) -> dict[str, Given]:
    """
    The answers given, as the service takes them; what was left out stays out.

    A question that depends on another counts only while that one calls for it.
    """
    given: dict[str, Given] = {}
    for item in form.items:
        value = filled.get(item.id)
        if not value or not _is_asked(item, given):
            continue
        answer = _read(item, value)
        if answer is None:
            filled.refuse(item.id, _refusal(item))
        else:
            given[item.id] = answer
    return given


def words_of(item: FormItem, answer: object) -> str:
    """An answer as it was worded, or the number itself."""
    text = next((option.text for option in item.options if option.code == str(answer)), "")
    if item.kind == "rating" and text:
        return f"{answer} {text}"
    if item.kind in {"scale", "decimal"} and item.max is not None:
        return f"{answer} of {item.max:g}"
    return text or str(answer)


def _read(item: FormItem, value: str) -> Given | None:
    if item.kind == "decimal":
        typed = value.replace(",", ".")
        number = float(typed) if _ONE_PLACE.fullmatch(typed) else None
        return number if number is not None and (item.min or 0) <= number <= (item.max or 0) else None
    if item.kind == "text":
        return value
    if value not in {code for code, _, _ in _choices(item)}:
        return None
    return value if item.kind == "choice" else int(value)


def _refusal(item: FormItem) -> str:
    if item.kind == "decimal":
        return f"Enter a number {_ends(item)}"
    return "Choose one of the answers" if item.kind == "choice" else "Choose one of the numbers"


def _ends(item: FormItem) -> str:
    if item.kind != "decimal" or item.min is None or item.max is None:
        return ""
    return f"from {item.min:g} to {item.max:g}, with one decimal place at most"


def _choices(item: FormItem) -> tuple[tuple[str, str, str], ...]:
    if item.kind == "scale" and item.min is not None and item.max is not None:
        numbers = range(int(item.min), int(item.max) + 1, int(item.step or 1))
        return tuple((str(n), str(n), "") for n in numbers)
    number = item.kind == "rating"
    return tuple((option.code, option.code if number else "", option.text) for option in item.options)


def _is_asked(item: FormItem, given: Mapping[str, Given]) -> bool:
    if item.shown_when_any is not None:
        numbers = (given.get(name) for name in item.shown_when_any.items)
        if not any(isinstance(n, int | float) and n >= item.shown_when_any.at_least for n in numbers):
            return False
    if item.shown_when is None:
        return True
    answer = given.get(item.shown_when.item)
    return answer is not None and (not item.shown_when.any_of or str(answer) in item.shown_when.any_of)
