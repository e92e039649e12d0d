"""Turns a form's state into exactly what the pages print."""

from collections.abc import Mapping
from dataclasses import dataclass

from checkin.form import ALONE, Answer, Form, Item, Position
from checkin.form_flow import Page, asked, page_before, pages_of

_ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth")
_CARDINALS = ("one", "two", "three", "four", "five", "six")


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """One question with what was answered so far; `values` are what the fields show, `problems` by item id."""

    form: Form
    page: Page
    answers: Mapping[str, Answer]
    values: Mapping[str, Answer]
    problems: Mapping[str, str]
    then_review: bool
    packet: Position = ALONE

    @property
    def item(self) -> Item:
        return self.page.item

    @property
    def stem(self) -> str:
        """What the question begins with, said again on each page."""
        return self.form.stem_of(self.item)

    @property
    def is_first(self) -> bool:
        """The first page also says what this is about."""
        return page_before(pages_of(self.form), self.answers, self.page.number) is None

    @property
    def position(self) -> int:
        """Counted among what this person is asked, from 1."""
        return [page.number for page in self._asked].index(self.page.number) + 1

    @property
    def count(self) -> int:
        """All that this person is asked; the last step, sending, is not a question."""
        return len(self._asked)

    @property
    def _asked(self) -> tuple[Page, ...]:
        return asked(pages_of(self.form), self.answers)

    @property
    def title(self) -> str:
        """For the browser's tab; says first when something needs attention."""
        form = f", {packet_words(self.packet).lower()}" if self.packet.of > 1 else ""
        return f"{'Error: ' if self.problems else ''}Question {self.position} of {self.count}{form}"

    @property
    def step(self) -> str:
        """Where this person is, for the line above the question."""
        form = packet_words(self.packet) + ": q" if self.packet.of > 1 else "Q"
        return f"{form}uestion {self.position} of {self.count}"

    def is_chosen(self, item: Item, value: Answer) -> bool:
        """Tell whether this answer is the one to show; who may read a text begins with the narrower choice."""
        shown = self.values.get(item.id)
        if shown is None and item is self.page.readers:
            return value == item.options[0].code
        return shown is not None and str(shown) == str(value)

    @property
    def text(self) -> str:
        return str(self.values.get(self.item.id, ""))

    def described_by(self, item: Item) -> str | None:
        """Ids of the hint and the error of a field."""
        ids = [f"{item.id}-hint"] if item.hint or item.kind == "text" else []
        ids += [f"{item.id}-error"] if item.id in self.problems else []
        return " ".join(ids) or None


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One answered or skipped question on the last page."""

    number: int
    question: str
    answer: str
    given: bool
    readers: str


def review_lines(form: Form, answers: Mapping[str, Answer]) -> list[ReviewLine]:
    """Everything that was asked, in order, in words."""
    return [
        ReviewLine(
            page.number,
            page.item.text,
            _said(page.item, answers.get(page.item.id)),
            page.item.id in answers,
            page.readers.text_of(answers[page.readers.id]) if page.readers and page.readers.id in answers else "",
        )
        for page in asked(pages_of(form), answers)
    ]


def _said(item: Item, answer: Answer | None) -> str:
    if answer is None:
        return "No answer"
    if item.kind in {"scale", "decimal"}:
        return f"{answer} of {item.max:g}"
    return item.text_of(answer) if item.kind in {"choice", "rating"} else str(answer)


def packet_words(position: Position) -> str:
    """
    How far through the forms that come together.

    >>> packet_words(Position(1, 2)), packet_words(Position(2, 3)), packet_words(Position(1, 1))
    ('First of two short forms', 'Second of three short forms', '')
    """
    if position.of < 2:
        return ""
    return f"{_word(_ORDINALS, position.number)} of {_word(_CARDINALS, position.of)} short forms"


def _word(words: tuple[str, ...], number: int) -> str:
    return words[number - 1] if 1 <= number <= len(words) else str(number)
