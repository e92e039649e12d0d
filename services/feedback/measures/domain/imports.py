"""Bringing the words of a measure: what a clinic may bring, and whether it is all there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from services.feedback.measures.domain.licences import Context, Licence, LicenceClass
from services.feedback.measures.domain.model import Item, Measure
from services.feedback.measures.domain.wording import ItemWording, Wording, content_hash

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
MOST_LETTERS = 2000  # of one question; the longest known has fewer than 400


class WordingRefused(ValueError):
    """The words cannot be taken; `problems` maps the fields of what was sent to sentences."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("wording refused: " + ", ".join(sorted(problems)))
        self.problems = dict(problems)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Each field with its sentence, for the answer to the one who sent them."""
        return list(self.problems.items())


@dataclass(frozen=True, slots=True)
class Permission:
    """What whoever imports words says about their licence; kept with the words."""

    context: Context
    licence_held: bool
    commercial_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """Words on their way in; `answers` are those that questions without words for their own answers share."""

    wording: Wording
    answers: Mapping[str, str]
    permission: Permission

    def words_for(self, measure: Measure) -> Wording:
        """The wording with the shared answers at every question that has answers to choose from."""
        choosing = {item.id for item in measure.items if item.options}
        items = {
            name: replace(words, options=self.answers) if name in choosing and not words.options else words
            for name, words in self.wording.items.items()
        }
        return replace(self.wording, items=items)


class Status(StrEnum):
    """How far a measure is from being used as a form."""

    READY = "ready"
    NEEDS_WORDING = "needs_wording"  # the clinic brings the words it is licensed to use
    CONFIRM_LICENCE = "confirm_licence"  # the words come as a pack, once somebody confirms the use
    TOTALS_ONLY = "totals_only"  # numbers from licensed paper
    NOT_ESTABLISHED = "not_established"  # too little is known to take anything


def status_of(measure: Measure) -> Status:
    """How far it is, with the words it has now."""
    if not measure.is_usable:
        return Status.NOT_ESTABLISHED
    if measure.has_wording:
        return Status.READY
    return {
        LicenceClass.SCORE_ENTRY_ONLY: Status.TOTALS_ONLY,
        LicenceClass.OPEN_ND_NC: Status.CONFIRM_LICENCE,
    }.get(measure.licence.licence_class, Status.NEEDS_WORDING)


def take_wording(measure: Measure, brought: Brought) -> Wording:
    """
    The words, if the clinic may use them with this measure and they are complete.

    Raises:
        WordingRefused: a class that takes no words, a licence that is not held or does not
            cover the context, questions or answers that are missing, unknown or not words,
            words that differ from the published ones where the licence forbids changes.
    """
    wording = brought.words_for(measure)
    problems = dict(_licence_problems(measure.licence, brought.permission)) or dict(_word_problems(measure, wording))
    if problems:
        raise WordingRefused(problems)
    pinned = measure.content_hashes.get(wording.language)
    if pinned and content_hash(wording) != pinned:
        raise WordingRefused({"items": "These are not the published words, and the licence allows no other."})
    return wording


def _licence_problems(licence: Licence, permission: Permission) -> Iterator[tuple[str, str]]:
    if licence.licence_class.ships_wording:
        yield "items", "This measure carries its own words; nothing is to be imported."
    elif not licence.licence_class.takes_wording:
        yield "items", "The holder allows no digital copy: enter the numbers from licensed paper."
    elif not permission.licence_held:
        yield "licence_held", "Confirm that your clinic may use these words; without it they cannot be imported."
    elif permission.context not in licence.contexts_allowed and not licence.confirm_commercial:
        allowed = ", ".join(sorted(licence.contexts_allowed))
        yield "context", f"The licence does not cover this use; it covers: {allowed}."
    elif permission.context not in licence.contexts_allowed and not permission.commercial_confirmed:
        yield "commercial_confirmed", "The licence covers commercial use only by agreement: confirm that yours does."


def _word_problems(measure: Measure, wording: Wording) -> Iterator[tuple[str, str]]:
    if not _LANGUAGE.fullmatch(wording.language):
        yield "language", "Must be a language such as en or pt-BR."
    for name in wording.items:
        if measure.item(name) is None:
            yield f"items.{name}", "The measure has no such question."
    for name in ("title", "intro", "stem"):
        yield from _letters(getattr(wording, name), name)
    if not wording.title.strip():
        yield "title", "Is missing."
    for item in measure.items:
        words = wording.items.get(item.id)
        if words is None:
            yield f"items.{item.id}", "Is missing."
        else:
            yield from _item_problems(item, words)


def _item_problems(item: Item, words: ItemWording) -> Iterator[tuple[str, str]]:
    path = f"items.{item.id}"
    if not words.text.strip():
        yield path, "Has no words."
    for text in (words.text, words.hint or "", words.low_label or "", words.high_label or "", *words.options.values()):
        yield from _letters(text, path)
    codes = {option.code for option in item.options}
    if missing := {code for code in codes if not words.options.get(code, "").strip()}:
        yield f"{path}.options", f"Words are missing for: {', '.join(sorted(missing))}."
    if unknown := words.options.keys() - codes:
        yield f"{path}.options", f"There is no answer {', '.join(sorted(unknown))}."


def _letters(text: str, path: str) -> Iterator[tuple[str, str]]:
    if len(text) > MOST_LETTERS:
        yield path, f"Must be at most {MOST_LETTERS} characters."
