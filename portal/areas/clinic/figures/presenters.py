"""Figures in words: the number, its n, what it counts, or why it is not told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.areas.clinic.figures.outcome import OutcomeCard, present_outcome, share_words
from portal.clients.feedback.figures import ClinicFigures, Completion, FigurePart, Number
from portal.kit.charts.bars import Bar, bars_chart
from portal.kit.charts.figure import Figure
from portal.kit.wording.codes import word
from portal.kit.wording.figures import CHANNELS, DEFINITIONS, FORMS, TITLES, why_not
from portal.kit.wording.numbers import number, percent
from portal.kit.wording.sentences import MISSING
from portal.kit.wording.times import plain_day

_QUARTERS_BACK = 4


@dataclass(frozen=True, slots=True)
class Card:
    """One figure; `value` is empty where it is not told, and then `why` says why."""

    id: str
    title: str
    value: str
    n: str
    definition: str
    why: str
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """The cards in their groups, and up to which day is counted; `outcome` is None for whom it does not concern."""

    counted: str
    outcome: list[OutcomeCard] | None
    alliance: list[Card]
    operation: list[Card]


@dataclass(frozen=True, slots=True)
class Choice:
    """A period to choose; its days are those the service knows it by."""

    words: str
    first: date
    last: date


def choices(today: date) -> list[Choice]:
    """The present quarter, the four before it, this year and the last."""
    quarter = (today.month - 1) // 3
    found = []
    for back in range(_QUARTERS_BACK + 1):
        year, number_ = divmod(today.year * 4 + quarter - back, 4)
        first = date(year, 1 + 3 * number_, 1)
        after = date(year + number_ // 3, 1 + 3 * ((number_ + 1) % 4), 1)
        found.append(Choice(f"Q{number_ + 1} {year}", first, after - timedelta(days=1)))
    years = [Choice(str(year), date(year, 1, 1), date(year, 12, 31)) for year in (today.year, today.year - 1)]
    return [*found, *years]


def present_figures(figures: ClinicFigures) -> FiguresPage:
    """Everything the service told, in its order."""
    clients = figures.clients
    about = Card(
        id="clients",
        title=TITLES["clients"],
        value=f"about {clients.value}" if clients.value is not None else "",
        n="",
        definition=DEFINITIONS["clients"],
        why=why_not(clients.why, None),
    )
    counted = f"Counted to {plain_day(figures.counted_to)}"
    return FiguresPage(
        counted=counted if figures.is_over else f"{counted}, the end of the last whole week",
        outcome=None if figures.outcome is None else present_outcome(figures.outcome),
        alliance=_alliance(figures),
        operation=[*(_completion(one) for one in figures.completion), about],
    )


def _alliance(figures: ClinicFigures) -> list[Card]:
    told = figures.alliance
    if told is None:
        return []
    days = told.days_to_repair.value
    return [
        _share_card("repair", told.repair, "repaired", "not repaired"),
        _share_card("talked_about", told.talked_about, "talked about", "not marked"),
        _card("days_to_repair", told.days_to_repair, f"{number(days)} days" if days is not None else ""),
    ]


def _card(code: str, told: Number, value: str, figure: Figure | None = None) -> Card:
    return Card(
        id=code,
        title=TITLES[code],
        value=value,
        n=f"n = {told.n}" if told.n is not None else "",
        definition=DEFINITIONS[code],
        why=why_not(told.why, told.n),
        figure=figure,
    )


def _share_card(code: str, told: Number, yes: str, no: str) -> Card:
    if told.value is None or told.n is None:
        return _card(code, told, "")
    if told.at_least:
        return _card(code, told, share_words(told))
    some = round(told.value * told.n)
    bars = [
        Bar(yes, told.value, percent(told.value), some),
        Bar(no, 1 - told.value, percent(1 - told.value), told.n - some, is_open=True),
    ]
    figure = bars_chart(code.replace("_", "-"), TITLES[code], bars, caption="", label="")
    return _card(code, told, percent(told.value), figure)


def _completion(told: Completion) -> Card:
    code = f"forms-{told.side}-{told.moment}"
    title = FORMS.get((told.side, told.moment), f"Forms of {word({}, told.side)}s")
    value = share_words(told.returned)
    bars = [*_bars(told.channels, CHANNELS, "came back "), *_bars(told.missing, MISSING, "", is_open=True)]
    return Card(
        id=code,
        title=title,
        value=f"{value} came back" if value else "",
        n=f"n = {told.returned.n}" if told.returned.n is not None else "",
        definition=DEFINITIONS["completion"],
        why=why_not(told.returned.why, told.returned.n),
        figure=bars_chart(code, title, bars, caption="", label="") if bars else None,
    )


def _bars(parts: Sequence[FigurePart], words: dict[str, str], before: str, *, is_open: bool = False) -> list[Bar]:
    return [
        Bar(
            before + " or ".join(word(words, code) for code in part.codes),
            part.value,
            percent(part.value),
            part.n,
            is_open,
        )
        for part in parts
    ]
