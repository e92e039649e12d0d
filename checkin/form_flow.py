"""The way through a form, one question a page: which pages there are, which of them are asked, what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass

from checkin.form import Answers, Form, Item, ShownWhenAny


@dataclass(frozen=True, slots=True)
class Page:
    """One question, and with a text the choice of who may read it. Numbers count all pages, also those not asked."""

    number: int
    item: Item
    readers: Item | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        return (self.item, self.readers) if self.readers else (self.item,)


def pages_of(form: Form) -> tuple[Page, ...]:
    """Every page but the last step, which is the sharing choice and sends."""
    pages: list[Page] = []
    for item in form.items:
        if item is form.sharing:
            continue
        if pages and _belongs_to(item, pages[-1].item):
            pages[-1] = Page(pages[-1].number, pages[-1].item, item)
        else:
            pages.append(Page(len(pages) + 1, item))
    return tuple(pages)


def _belongs_to(item: Item, before: Item) -> bool:
    """Who may read a text is asked beside the text, before anything of it is sent."""
    condition = item.shown_when
    asked_of_text = condition is not None and condition.item == before.id and not condition.any_of
    return asked_of_text and before.kind == "text" and item.kind == "choice"


def is_asked(item: Item, answers: Answers) -> bool:
    """Tell whether the answers so far lead to this question."""
    if item.shown_when_any is not None and not _any_is_enough(item.shown_when_any, answers):
        return False
    condition = item.shown_when
    if condition is None:
        return True
    given = answers.get(condition.item)
    return given is not None and (not condition.any_of or str(given) in condition.any_of)


def _any_is_enough(condition: ShownWhenAny, answers: Answers) -> bool:
    given = (answers.get(item) for item in condition.items)
    return any(isinstance(answer, int | float) and answer >= condition.at_least for answer in given)


def asked(pages: Sequence[Page], answers: Answers) -> tuple[Page, ...]:
    """The pages this person sees."""
    return tuple(page for page in pages if is_asked(page.item, answers))


def page_after(pages: Sequence[Page], answers: Answers, number: int) -> Page | None:
    """The next page that is asked; None: the last step."""
    return next((page for page in asked(pages, answers) if page.number > number), None)


def page_before(pages: Sequence[Page], answers: Answers, number: int) -> Page | None:
    """The page before; None at the first."""
    return next((page for page in reversed(asked(pages, answers)) if page.number < number), None)


def page_to_resume(pages: Sequence[Page], answers: Answers) -> Page | None:
    """Where someone who comes back goes on: after the last answered question. None: the last step."""
    answered = [page.number for page in asked(pages, answers) if page.item.id in answers]
    return page_after(pages, answers, max(answered, default=0))


def page_opened_by(pages: Sequence[Page], answers: Answers, number: int) -> Page | None:
    """A question that is asked because of the answer on page `number` and has none yet."""
    cause = next(page.item.id for page in pages if page.number == number)
    return next(
        (
            page
            for page in asked(pages, answers)
            if page.item.shown_when and page.item.shown_when.item == cause and page.item.id not in answers
        ),
        None,
    )
