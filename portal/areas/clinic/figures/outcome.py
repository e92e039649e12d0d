"""How treatments end, in words: each number with its n and what it counts, or why it is not told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portal.clients.feedback.figures import MeasureFigures, NhsFigures, Number, OutcomeFigures
from portal.kit.charts.bars import Bar, bars_chart
from portal.kit.charts.figure import Figure
from portal.kit.wording.codes import word
from portal.kit.wording.figures import why_not
from portal.kit.wording.numbers import percent
from portal.kit.wording.outcome_figures import (
    CATEGORIES,
    EFFECT_SIZE,
    NHS_ID,
    NHS_PAIRED,
    NHS_SHARES,
    NHS_TITLE,
    NO_THRESHOLD,
    PAIRED,
    SHARES,
)

_OPEN = {"unchanged", "deteriorated"}  # drawn as outlines: no gain


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One number of a card; `value` is empty where it is not told, and then `why` says why."""

    label: str
    value: str
    n: str
    definition: str
    why: str


@dataclass(frozen=True, slots=True)
class OutcomeCard:
    """One measure, or two together; without lines, `why` says why there are none."""

    id: str
    title: str
    n: str
    paired: str
    why: str
    lines: tuple[FigureLine, ...]
    note: str = ""
    figure: Figure | None = None
    is_wide: bool = False


def present_outcome(told: OutcomeFigures) -> list[OutcomeCard]:
    """The two measures together first, then each alone."""
    cards = [_measure(one, several=_versions(told, one) > 1) for one in told.measures]
    return [_said_once(one) for one in ([_nhs(told.nhs), *cards] if told.nhs else cards)]


def _said_once(card: OutcomeCard) -> OutcomeCard:
    """Where no number is told and all for one reason, the reason stands there once."""
    reasons = {line.why for line in card.lines}
    if len(reasons) == 1 and not any(line.value for line in card.lines):
        return replace(card, why=reasons.pop(), lines=())
    return card


def _versions(told: OutcomeFigures, one: MeasureFigures) -> int:
    return sum(other.measure_id == one.measure_id for other in told.measures)


def _nhs(told: NhsFigures) -> OutcomeCard:
    lines = [_line(NHS_SHARES[one.code], one, share_words(one)) for one in told.shares if one.code in NHS_SHARES]
    return OutcomeCard(
        id=NHS_ID,
        title=NHS_TITLE,
        n=_n(told.n),
        paired=NHS_PAIRED,
        why=why_not(told.why, told.n),
        lines=() if told.why else tuple(lines),
        is_wide=True,
    )


def _measure(told: MeasureFigures, *, several: bool) -> OutcomeCard:
    by_code = {one.code: one for one in told.shares}
    lines = [
        _line(words, by_code[code], share_words(by_code[code])) for code, words in SHARES.items() if code in by_code
    ]
    card_id = f"outcome-{told.measure_id}-{told.version}"
    title = f"{told.short_name}, version {told.version}" if several else told.short_name
    bars = _bars(told)
    return OutcomeCard(
        id=card_id,
        title=title,
        n=_n(told.n),
        paired=PAIRED,
        why=why_not(told.why, told.n),
        lines=() if told.why else (*lines, _line(EFFECT_SIZE, told.effect_size, _effect(told.effect_size.value))),
        note="" if told.shares or told.why else NO_THRESHOLD,
        figure=bars_chart(card_id, title, bars, caption="", label="") if bars else None,
    )


def share_words(told: Number) -> str:
    """A share that is told; nothing for one that is not."""
    if told.value is None:
        return ""
    return f"{'at least ' if told.at_least else ''}{percent(told.value)}"


def _line(words: tuple[str, str], told: Number, value: str) -> FigureLine:
    label, definition = words
    return FigureLine(label, value, _n(told.n), definition, why_not(told.why, told.n))


def _bars(told: MeasureFigures) -> Sequence[Bar]:
    return [
        Bar(
            " or ".join(word(CATEGORIES, code) for code in part.codes),
            part.value,
            percent(part.value),
            part.n,
            is_open=set(part.codes) <= _OPEN,
        )
        for part in told.parts
    ]


def _n(n: int | None) -> str:
    return f"n = {n}" if n is not None else ""


def _effect(value: float | None) -> str:
    """
    An effect size with two decimals and a real minus.

    >>> _effect(0.8149), _effect(-0.3), _effect(None)
    ('0.81', '\u22120.30', '')
    """
    return "" if value is None else f"{value:.2f}".replace("-", "\u2212")
