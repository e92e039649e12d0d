"""The collection plan: which measures a clinic offers in which sessions, and what differs for one client."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.feedback.measures.domain import Rhythm

MOST_ENTRIES = 20
_ASKS_FOR_OTHER_HELP = (
    "Also asks about harm to others, and the help page after an answer speaks of hurting oneself alone; "
    "plan it for entry from paper instead."
)
MOST_SESSIONS = 200  # a rhythm beyond this is a mistake in typing


class Way(StrEnum):
    """How answers come in: the client fills in a form, or staff enter what stands on licensed paper."""

    FORM = "form"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """
    One measure in a plan; `every` and `begin` (sessions, from 1) matter for EVERY_N_SESSIONS alone.

    Nobody knows from a calendar which session is a review: what is planned for reviews is
    offered by hand.
    """

    measure_id: str
    rhythm: Rhythm = Rhythm.EVERY_SESSION
    every: int = 1
    begin: int = 1
    way: Way = Way.FORM

    def falls_on(self, session_number: int, *, last: bool) -> bool:
        """Tell whether this session is one of its sessions."""
        if self.rhythm is Rhythm.EVERY_SESSION:
            return True
        if self.rhythm is Rhythm.FIRST_AND_LAST:
            return session_number == 1 or last
        if self.rhythm is Rhythm.AT_REVIEWS:
            return False
        return session_number >= self.begin and (session_number - self.begin) % self.every == 0


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What a clinic collects; `version` 0 is what a clinic begins with.

    `reminders` switches them on; `risk_due_hours` is within how many hours somebody has to
    read a risk answer (ours, unvalidated).
    """

    entries: tuple[PlanEntry, ...]
    version: int = 0
    reminders: bool = True
    risk_due_hours: int = 24


@dataclass(frozen=True, slots=True)
class ClientPlan:
    """
    What one client's plan does differently.

    `last_session_on`: sessions from this day on (the clinic's calendar) count as the last
    one; nobody guesses when a therapy ends.
    """

    added: tuple[PlanEntry, ...] = ()
    left_out: frozenset[str] = frozenset()
    last_session_on: date | None = None
    version: int = 0


class PlanRefused(ValueError):
    """A plan cannot be kept as it was given; `errors` names each entry with its sentence."""

    def __init__(self, errors: Iterable[tuple[str, str]]) -> None:
        self.errors = list(errors)
        super().__init__("plan refused: " + ", ".join(field for field, _ in self.errors))


class PlanChanged(Exception):
    """The plan was changed since it was read; read it again and decide anew."""


def due(plan: Plan, session_number: int, *, on: date, mine: ClientPlan | None = None) -> tuple[PlanEntry, ...]:
    """
    The measures that this session asks for, in the order of the plan, the client's own additions last.

    Args:
        plan: The clinic's plan.
        session_number: Counted from 1 over the sessions held with this therapist.
        on: The day of the session, in the clinic's time zone.
        mine: What this client's plan does differently. What it adds takes the place of
            the clinic's entry for the same measure.
    """
    mine = mine or ClientPlan()
    own = {entry.measure_id for entry in mine.added}
    clinics = [entry for entry in plan.entries if entry.measure_id not in mine.left_out | own]
    last = mine.last_session_on is not None and on >= mine.last_session_on
    return tuple(entry for entry in (*clinics, *mine.added) if entry.falls_on(session_number, last=last))


def entry_faults(
    entries: Iterable[PlanEntry], *, wording: dict[str, bool], paper_only: Collection[str] = ()
) -> list[tuple[str, str]]:
    """
    What is wrong with these entries, as (field, sentence); empty when all is well.

    Args:
        entries: In the order given.
        wording: For each measure that is known here whether there are words to show a client.
        paper_only: Measures that no client may be shown here, words or not.
    """
    found: list[tuple[str, str]] = []
    seen: set[str] = set()
    for place, entry in enumerate(entries):
        field = f"entries.{place}.measure_id"
        if entry.measure_id not in wording:
            found.append((field, "There is no such measure."))
        elif entry.measure_id in seen:
            found.append((field, "Stands in the plan twice."))
        elif entry.way is Way.FORM and not wording[entry.measure_id]:
            found.append((field, "Has no wording here that may be shown; plan it for entry from paper instead."))
        elif entry.way is Way.FORM and entry.measure_id in paper_only:
            found.append((field, _ASKS_FOR_OTHER_HELP))
        seen.add(entry.measure_id)
    return found
