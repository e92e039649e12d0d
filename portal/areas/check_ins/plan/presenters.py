"""The collection plan in plain words, and its form read back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from portal.clients.feedback.check_ins import Plan, PlanEntry
from portal.clients.feedback.forms import Form
from portal.kit.forms import Filled
from portal.kit.wording.times import count

EVERY, NTH, ENDS = "every_session", "every_n_sessions", "first_and_last"
RHYTHMS = [
    (EVERY, "At every session"),
    (NTH, "At every so-many-th session"),
    (ENDS, "At the first and the last session"),
]
WAYS = [("form", "Filled in as a form"), ("paper", "On paper, entered by staff")]
_MOST_SESSIONS, _MOST_HOURS = 200, 72


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One measure of the plan: in words, and as the fields that change it begin."""

    place: str
    measure_id: str
    name: str
    words: str
    may_be_form: bool


def present_plan(plan: Plan, measures: Mapping[str, Form]) -> list[EntryLine]:
    """What is asked, in the order in which it is asked."""
    return [
        EntryLine(
            str(place),
            entry.measure_id,
            _name(entry.measure_id, measures),
            _words(entry, measures.get(entry.measure_id)),
            entry.measure_id not in measures or measures[entry.measure_id].is_form,
        )
        for place, entry in enumerate(plan.entries)
    ]


def addable(plan: Plan, measures: Mapping[str, Form]) -> list[tuple[str, str]]:
    """Measures that are not in the plan yet, by name."""
    planned = {entry.measure_id for entry in plan.entries}
    others = [form for form in measures.values() if form.id not in planned and form.side == "client"]
    return [(form.id, form.called) for form in sorted(others, key=lambda form: form.called.casefold())]


def values_of(plan: Plan) -> dict[str, str]:
    """What the form begins with."""
    values = {"reminders": "yes" if plan.reminders else "no", "risk_due_hours": str(plan.risk_due_hours)}
    for place, entry in enumerate(plan.entries):
        values |= {f"{name}-{place}": str(value) for name, value in asdict(entry).items()}
    return values


def read_plan(plan: Plan, filled: Filled, measures: Mapping[str, Form]) -> dict[str, Any]:
    """The new plan as the service takes it; problems are noted at their fields."""
    places = [str(place) for place in range(len(plan.entries)) if filled.get(f"drop-{place}") != "yes"]
    entries = [_entry(filled, place, plan.entries[int(place)].measure_id) for place in places]
    if filled.get("measure_id-new"):
        wanted = filled.choice("measure_id-new", [code for code, _ in addable(plan, measures)], "Choose from the list")
        entries.append(_entry(filled, "new", wanted))
    return {
        "entries": entries,
        "reminders": filled.choice("reminders", ("yes", "no"), "Choose one") == "yes",
        "risk_due_hours": filled.number("risk_due_hours", 1, _MOST_HOURS, f"Enter hours from 1 to {_MOST_HOURS}"),
    }


def fields_of(plan: Plan, filled: Filled) -> dict[str, str]:
    """The service's names for entries -> ids of our fields, for what it refuses."""
    kept = [str(place) for place in range(len(plan.entries)) if filled.get(f"drop-{place}") != "yes"]
    where: dict[str, str] = {}
    for number, place in enumerate([*kept, "new"]):
        where |= {f"entries.{number}.{name}": f"{name}-{place}" for name in ("rhythm", "every", "begin", "way")}
        where[f"entries.{number}.measure_id"] = "measure_id-new" if place == "new" else f"way-{place}"
    return where


def _entry(filled: Filled, place: str, measure_id: str) -> dict[str, Any]:
    rhythm = filled.choice(f"rhythm-{place}", [code for code, _ in RHYTHMS], "Choose when")
    way = filled.choice(f"way-{place}", [code for code, _ in WAYS], "Choose how")
    entry: dict[str, Any] = {"measure_id": measure_id, "rhythm": rhythm, "way": way}
    if rhythm == NTH:
        wanted = f"Enter a number from 1 to {_MOST_SESSIONS}"
        entry |= {name: filled.number(f"{name}-{place}", 1, _MOST_SESSIONS, wanted) for name in ("every", "begin")}
    return entry


def _words(entry: PlanEntry, form: Form | None) -> str:
    moment = {"before": "Before", "after": "After"}.get(form.moment if form else "", "At")
    return f"{moment} {_when(entry)}{', from paper' if entry.way == 'paper' else ''}"


def _when(entry: PlanEntry) -> str:
    """
    How often, in words.

    >>> _when(PlanEntry("x", "every_n_sessions", every=3, begin=4))
    'every 3rd session, from session 4 on'
    """
    if entry.rhythm == ENDS:
        return "the first and the last session"
    if entry.rhythm == NTH and entry.every > 1:
        return f"every {_ordinal(entry.every)} session, from session {entry.begin} on"
    return (
        "every session" if entry.begin == 1 or entry.rhythm == EVERY else f"every session from session {entry.begin} on"
    )


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _name(measure_id: str, measures: Mapping[str, Form]) -> str:
    return measures[measure_id].called if measure_id in measures else measure_id


def settings_words(plan: Plan) -> Sequence[str]:
    """What else the plan says."""
    reminders = "The desk is told when a reminder would be kind." if plan.reminders else "Nobody is reminded."
    return (reminders, f"An answer about hurting oneself has to be read within {count(plan.risk_due_hours, 'hour')}.")
