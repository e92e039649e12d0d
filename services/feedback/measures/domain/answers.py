"""Answers: taken exactly as the measure allows them, never clipped, rounded or guessed."""

import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from services.feedback.measures.domain import Item, Kind, Measure

Answer = int | float | str
Answers = Mapping[str, Answer]


class AnswersRefused(ValueError):
    """At least one answer is not one the form takes; `problems` maps item ids to sentences."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("answers refused: " + ", ".join(sorted(problems)))
        self.problems = dict(problems)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Each field with its sentence, for the answer to the one who sent them."""
        return [(f"answers.{item}", sentence) for item, sentence in self.problems.items()]


def take_answers(measure: Measure, given: Mapping[str, object]) -> dict[str, Answer]:
    """
    Check answers against the form that was shown.

    None and an empty text mean that the question was skipped. An answer to a question
    that the earlier answers hide (changed back to "no") is dropped: it was not asked; so is
    one that only a dropped answer had led to.

    Raises:
        AnswersRefused: unknown items, and values that the item does not take: out of
            range, between two steps, a number as text, a fraction, true or false, not a
            number, an option it does not have, text that is too long or cannot be stored.
    """
    problems = {name: "The form has no such question." for name in given if measure.item(name) is None}
    taken: dict[str, Answer] = {}
    for item in measure.items:
        value = given.get(item.id)
        if value is None:
            continue
        answer, problem = _CHECKS[item.kind](item, value)
        if problem:
            problems[item.id] = problem
        elif answer is not None:
            taken[item.id] = answer
    if problems:
        raise AnswersRefused(problems)
    shown: dict[str, Answer] = {}
    for item in measure.items:
        if item.id in taken and _is_shown(item, shown):
            shown[item.id] = taken[item.id]
    return shown


def lies_on_step(value: float, *, minimum: float, maximum: float, step: float) -> bool:
    """Tell whether a number lies within its range and exactly on a step, as it was written (7.3, not 7.30001)."""
    if not minimum <= value <= maximum:  # neither is what is not a number
        return False
    return (Decimal(str(value)) - Decimal(str(minimum))) % Decimal(str(step)) == 0


def _is_shown(item: Item, answers: Answers) -> bool:
    if item.shown_when_any and not any(
        isinstance(given := answers.get(name), int) and given >= item.shown_when_any.at_least
        for name in item.shown_when_any.items
    ):
        return False
    condition = item.shown_when
    if condition is None:
        return True
    given = answers.get(condition.item)
    return given is not None and (not condition.any_of or given in condition.any_of)


def _whole(item: Item, value: object) -> tuple[Answer | None, str]:
    # bool is a kind of int in Python; on a form it is a mistake.
    if isinstance(value, int) and not isinstance(value, bool) and _is_on(item, value):
        return value, ""
    return None, f"Must be a whole number from {item.minimum} to {item.maximum}."


def _decimal(item: Item, value: object) -> tuple[Answer | None, str]:
    if isinstance(value, int | float) and not isinstance(value, bool) and _is_on(item, value):
        return value + 0, ""  # -0.0 is 0
    return None, f"Must be a number from {item.minimum} to {item.maximum}, in steps of {item.step}."


def _is_on(item: Item, value: float) -> bool:
    return lies_on_step(value, minimum=item.minimum, maximum=item.maximum, step=item.step)


def _choice(item: Item, value: object) -> tuple[Answer | None, str]:
    if isinstance(value, str) and value in item.codes:
        return value, ""
    return None, "Must be one of: " + ", ".join(option.code for option in item.options) + "."


def _text(item: Item, value: object) -> tuple[Answer | None, str]:
    if not isinstance(value, str):
        return None, "Must be text."
    if any(character == "\x00" or unicodedata.category(character) == "Cs" for character in value):
        return None, "Holds a character that cannot be kept."
    words = unicodedata.normalize("NFC", value).strip()
    if len(words) > item.max_length:
        return None, f"Must be at most {item.max_length} characters."
    return words or None, ""


_CHECKS = {
    Kind.SCALE: _whole,
    Kind.RATING: _whole,
    Kind.DECIMAL: _decimal,
    Kind.CHOICE: _choice,
    Kind.TEXT: _text,
}
