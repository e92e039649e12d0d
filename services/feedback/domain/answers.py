"""Answers: taken exactly as the measure allows them, never clipped, rounded or guessed."""

import unicodedata
from collections.abc import Mapping

from services.feedback.domain.measures import Item, Kind, Measure

Answer = int | str
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
    that the other answers hide (changed back to "no") is dropped: it was not asked.

    Raises:
        AnswersRefused: unknown items, and values that the item does not take: out of
            range, between two steps, a number as text, a fraction, true or false, an
            option it does not have, text that is too long or cannot be stored.
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
    return {item.id: taken[item.id] for item in measure.items if item.id in taken and _is_shown(item, taken)}


def _is_shown(item: Item, answers: Answers) -> bool:
    condition = item.shown_when
    if condition is None:
        return True
    given = answers.get(condition.item)
    return given is not None and (not condition.any_of or given in condition.any_of)


def _scale(item: Item, value: object) -> tuple[Answer | None, str]:
    # bool is a kind of int in Python; on a form it is a mistake.
    if isinstance(value, bool) or not isinstance(value, int):
        return None, f"Must be a whole number from {item.minimum} to {item.maximum}."
    if not item.minimum <= value <= item.maximum or (value - item.minimum) % item.step:
        return None, f"Must be a whole number from {item.minimum} to {item.maximum}."
    return value, ""


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


_CHECKS = {Kind.SCALE: _scale, Kind.CHOICE: _choice, Kind.TEXT: _text}
