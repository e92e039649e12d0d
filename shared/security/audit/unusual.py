"""
What looks unusual in the trail, by simple rules that can be said in a sentence.

The numbers are ours and unvalidated: a sign to look and ask, never a verdict. Whoever works a lot
comes near them on some days; whoever copies a clinic's files goes far beyond.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.database.tx import Tx
from shared.security.audit.trail import TrailEntry, since

WINDOW = timedelta(minutes=10)
MANY_ONE_BY_ONE = 40  # people opened one after the other within the window
MANY_IN_LISTS = 400  # people read in lists within the window
EMERGENCY = "emergency"  # the purpose of a token


class Unusual(StrEnum):
    """What stood out."""

    MANY_PEOPLE = "many_people"
    EXPORT = "export"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Finding:
    """Somebody did something that stood out, within the hour that begins at `hour`."""

    actor: str
    kind: Unusual
    hour: datetime
    number: int  # people read, or exports made


def unusual(entries: Iterable[TrailEntry]) -> list[Finding]:
    """
    What stands out among entries of the trail.

    Many people: more than 40 opened one by one, or 400 in lists, within ten minutes. Every
    export, and everything read in an emergency, is told of as it is.
    """
    of_each: dict[str, list[TrailEntry]] = defaultdict(list)
    for entry in entries:
        of_each[entry.actor].append(entry)
    found: dict[tuple[str, Unusual, datetime], int] = defaultdict(int)
    for actor, theirs in of_each.items():
        for kind, at, number in _of_one(sorted(theirs, key=lambda entry: entry.at)):
            hour = at.replace(minute=0, second=0, microsecond=0)
            before = found[actor, kind, hour]
            found[actor, kind, hour] = max(before, number) if kind is Unusual.MANY_PEOPLE else before + number
    return [Finding(actor, kind, hour, number) for (actor, kind, hour), number in sorted(found.items())]


def _of_one(entries: list[TrailEntry]) -> Iterator[tuple[Unusual, datetime, int]]:
    first, singly, everybody = 0, Counter[UUID](), Counter[UUID]()
    for entry in entries:
        if entry.action.startswith("export."):
            yield Unusual.EXPORT, entry.at, 1
        if entry.purpose == EMERGENCY:
            yield Unusual.EMERGENCY, entry.at, 1
        everybody.update(entry.about)
        singly.update(entry.about if len(entry.about) == 1 else ())
        while entry.at - (oldest := entries[first]).at > WINDOW:
            everybody -= Counter(oldest.about)
            singly -= Counter(oldest.about if len(oldest.about) == 1 else ())
            first += 1
        if len(singly) > MANY_ONE_BY_ONE or len(everybody) > MANY_IN_LISTS:
            yield Unusual.MANY_PEOPLE, entry.at, len(everybody)


def note_unusual(tx: Tx, now: datetime) -> None:
    """Look at the last minutes, and keep what stands out; seeing the same again changes nothing but its number."""
    for finding in unusual(since(tx, now - 2 * WINDOW)):
        tx.execute(
            "INSERT INTO unusual_access (actor, kind, hour, number, noticed_at) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (actor, kind, hour) DO UPDATE SET number = greatest(unusual_access.number, excluded.number)",
            (finding.actor, finding.kind, finding.hour, finding.number, now),
        )


def noted_unusual(tx: Tx, *, after: datetime) -> list[Finding]:
    """What was noticed since a moment, the newest first."""
    return tx.rows_as(
        _finding,
        "SELECT actor, kind, hour, number FROM unusual_access WHERE noticed_at >= %s ORDER BY hour DESC, actor, kind",
        (after,),
    )


def _finding(*, kind: str, **columns: object) -> Finding:
    return Finding(kind=Unusual(kind), **columns)  # type: ignore[arg-type]
