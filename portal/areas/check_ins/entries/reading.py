"""Reads an entry form into what the feedback service takes: answers, or totals as they stand on paper."""

import re
from dataclasses import dataclass
from typing import Any

from portal.areas.check_ins.hand_over.presenters import read_answers
from portal.clients.feedback.forms import Form, FormItem
from portal.kit.forms import Filled
from portal.kit.wording.codes import SHARING

TOTALS, ITEMS = "totals", "items"
TOGETHER, PAPER = "in_session", "paper"
ASKS_SHARING = "s1"  # the client's own item for it, where a form has one
LEFT_OPEN, NOTHING_SAID = "left_open", "nothing_said"
# The client's own words and wishes: a correction leaves them as they are.
CLIENTS_OWN = frozenset({"w1", "w1_readers", "w2", ASKS_SHARING})
_NUMBER = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class TotalField:
    """One total to type in."""

    name: str
    words: str
    hint: str


def marks_of(form: Form, *, correcting: bool) -> tuple[FormItem, ...]:
    """The items on the page: all but the sharing choice, which stands by itself; in a correction none of their own."""
    left_out = CLIENTS_OWN if correcting else frozenset({ASKS_SHARING})
    return tuple(item for item in form.items if item.id not in left_out)


def ways_in(form: Form) -> tuple[str, ...]:
    """Item by item, or by totals: what the measure takes, the usual way first."""
    return ((ITEMS,) if form.items else ()) + ((TOTALS,) if form.accepts_totals else ())


def sharing_options(form: Form) -> list[tuple[str, str]]:
    """What they ticked on paper; where the form does not ask, what they said."""
    asks = next((item for item in form.items if item.id == ASKS_SHARING), None)
    if asks:
        return [*((option.code, option.text) for option in asks.options), (LEFT_OPEN, "Left open")]
    return [(NOTHING_SAID, "Nothing was said: it is read together"), *SHARING.items()]


def total_fields(form: Form) -> list[TotalField]:
    """The total and the subscales, with the numbers they can be."""
    ends = form.scoring.ends if form.scoring else None
    total = [TotalField("entry_total", "Total", _between(*ends))] if ends else []
    return total + [TotalField(f"sub_{part.id}", part.called, _between(part.min, part.max)) for part in form.subscales]


def read_entry(form: Form, filled: Filled, *, correcting: bool = False) -> dict[str, Any]:
    """The entry as the service takes it; problems are noted at their fields."""
    if filled.get("entry_mode") == TOTALS and TOTALS in ways_in(form):
        entry = _totals(form, filled)
    else:
        entry = {"answers": _answers(form, filled, correcting=correcting)}
    if correcting:
        return entry
    chosen = filled.choice(
        "entry_sharing",
        [code for code, _ in sharing_options(form)],
        "Choose what they said about who sees it, or that they left it open",
    )
    if any(item.id == ASKS_SHARING for item in form.items) and "answers" in entry:
        entry["answers"][ASKS_SHARING] = None if chosen == LEFT_OPEN else chosen
    elif chosen in SHARING:
        entry["sharing"] = chosen
    channel = filled.choice("entry_channel", (TOGETHER, PAPER), "Choose how the answers came")
    return entry | {"channel": channel}


def _answers(form: Form, filled: Filled, *, correcting: bool) -> dict[str, Any]:
    shown = marks_of(form, correcting=correcting)
    answers: dict[str, Any] = dict(read_answers(Form(form.id, form.version, form.intro, form.label, shown), filled))
    if not answers and not filled.problems:
        filled.refuse(shown[0].id if shown else "", "Enter at least one answer")
    return answers


def _totals(form: Form, filled: Filled) -> dict[str, Any]:
    typed = {
        field.name: filled.get(field.name).replace(",", ".").replace("\u2212", "-") for field in total_fields(form)
    }
    numbers = {}
    for name, text in typed.items():
        if text and not _NUMBER.fullmatch(text):
            filled.refuse(name, "Enter a number, such as 12 or 12.5")
        elif text:
            numbers[name] = float(text)
    if not numbers and not filled.problems:
        filled.refuse(next(iter(typed), ""), "Enter the total as it stands on paper")
    entry: dict[str, Any] = {"total": _whole(numbers["entry_total"])} if "entry_total" in numbers else {}
    parts = {name.removeprefix("sub_"): _whole(n) for name, n in numbers.items() if name.startswith("sub_")}
    return entry | ({"subscales": parts} if parts else {})


def _whole(number: float) -> int | float:
    return int(number) if number.is_integer() else number


def _between(low: float, high: float) -> str:
    return f"From {low:g} to {high:g}"
