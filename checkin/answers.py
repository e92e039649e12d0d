"""Reads what a browser sent for one question; says in plain words what is missing."""

import re
import unicodedata
from collections.abc import Mapping

from checkin.form import Answer, Item
from checkin.form_flow import Page


class AnswerMissing(Exception):
    """Nothing usable was given; `problems` maps item ids to sentences for the person."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("no usable answer for: " + ", ".join(sorted(problems)))
        self.problems = dict(problems)


def read_answers(page: Page, sent: Mapping[str, str]) -> dict[str, Answer | None]:
    """
    The answers of one page; None where a text was left empty.

    Raises:
        AnswerMissing: no number or option was chosen, one that the question does not have,
            or the text is too long.
    """
    first = _READ[page.item.kind](page.item, sent.get(page.item.id, ""))
    answers: dict[str, Answer | None] = {page.item.id: first}
    if page.readers:
        # Without a text there is nothing to read; with one, the narrower choice is the default.
        code = sent.get(page.readers.id) or page.readers.options[0].code
        answers[page.readers.id] = None if first is None else _choice(page.readers, code)
    return answers


def read_if_valid(page: Page, sent: Mapping[str, str]) -> dict[str, Answer | None] | None:
    """As `read_answers`, for someone who is going back: what is not usable is left as it was."""
    try:
        return read_answers(page, sent)
    except AnswerMissing:
        return None


def _scale(item: Item, sent: str) -> Answer:
    chosen = next((number for number in item.numbers if str(number) == sent), None)
    if chosen is None:
        raise AnswerMissing({item.id: f"Choose a number from {item.min:g} to {item.max:g}, or skip this question."})
    return chosen


def _decimal(item: Item, sent: str) -> Answer:
    # Half of Europe writes a comma; more places than the line has were never marked on it.
    typed = sent.strip().replace(",", ".")
    number = float(typed) if _DECIMAL.fullmatch(typed) else None
    if number is None or not item.min <= number <= item.max:
        ends = f"from {item.min:g} to {item.max:g}, with at most one decimal place"
        raise AnswerMissing({item.id: f"Touch the line, or enter a number {ends}; or skip this question."})
    return number


def _rating(item: Item, sent: str) -> Answer:
    return int(str(_choice(item, sent)))


def _choice(item: Item, sent: str) -> Answer:
    if sent not in {option.code for option in item.options}:
        raise AnswerMissing({item.id: "Choose one of the answers, or skip this question."})
    return sent


def _text(item: Item, sent: str) -> Answer | None:
    # Browsers send line breaks as two characters and count them as one.
    words = unicodedata.normalize("NFC", sent.replace("\r\n", "\n")).strip()
    if any(character == "\x00" or unicodedata.category(character) == "Cs" for character in words):
        raise AnswerMissing({item.id: "There is a character in this text that cannot be kept. Please remove it."})
    if item.max_length and len(words) > item.max_length:
        over = len(words) - item.max_length
        raise AnswerMissing(
            {item.id: f"This is {over} {'character' if over == 1 else 'characters'} too long. Please shorten it."}
        )
    return words or None


_DECIMAL = re.compile(r"[0-9]{1,3}(\.[0-9])?")
_READ = {"scale": _scale, "rating": _rating, "decimal": _decimal, "choice": _choice, "text": _text}
