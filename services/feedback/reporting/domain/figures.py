"""
The clinic's figures, each with its definition: how forms come back, and what becomes of ruptures.

For reflection about the clinic, never for appraisal. Nothing in here names a therapist, and
nothing is told that is about fewer than three of them or about a few clients (`releasing`).

Source: repair rate and days to repair are ours (clinical idea: Eubanks, Muran & Safran 2018,
repair goes with outcome); reasons for missing forms as kept with every offer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from services.feedback.alliance.domain.episodes import REPAIRED, SUPERSEDED
from services.feedback.reporting.domain.disclosure_control import (
    LEAST_OF_A_SHARE,
    LEAST_THERAPISTS,
    Tally,
    Told,
    Withheld,
    counted_quarters,
    told,
)

MATURE_CHECKINS = 3  # the reader's repair window: earlier, nobody can say what becomes of a rupture
NEARLY_ALL = 0.75  # from here on "at least so many" says something, ours
ROUNDED_TO = 5  # how many clients came: a client may come in two quarters, so these cannot be summed


@dataclass(frozen=True, slots=True)
class Span:
    """The quarters of one year that are asked about; `running` is the quarter that is not over yet."""

    quarters: Sequence[int]
    running: int | None


@dataclass(frozen=True, slots=True)
class Counted:
    """So many of one therapist's in one cell of one quarter."""

    quarter: int
    practitioner_id: UUID
    cell: str
    n: int = 1


@dataclass(frozen=True, slots=True)
class FinishedEpisode:
    """An episode as figures need it; `days` from its opening to its closing session."""

    quarter: int
    practitioner_id: UUID
    close_reason: str | None
    checkins: int
    talked_about: bool
    days: int | None

    @property
    def is_mature(self) -> bool:
        """Closed, or at least three check-ins old: what became of it can be said."""
        return self.close_reason is not None or self.checkins >= MATURE_CHECKINS


@dataclass(frozen=True, slots=True)
class Share:
    """
    A share of `n` cases, 0 to 1; None with the reason where it is not told, and then neither may be `n`.

    `at_least`: the share is this or a little more; how many are left over is too few to be told.
    """

    code: str
    n: int | None
    value: float | None
    why: Withheld | None = None
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Cells that are told together, as a count and as a share of their table."""

    codes: tuple[str, ...]
    n: int
    value: float


@dataclass(frozen=True, slots=True)
class Completion:
    """How the forms of one kind came back: shares of those offered, by channel and by reason."""

    side: str
    moment: str
    returned: Share
    channels: tuple[Part, ...] = ()
    missing: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Days:
    """The median number of days of `n` cases."""

    n: int | None
    value: float | None
    why: Withheld | None = None


def tallies(counted: Iterable[Counted]) -> list[Tally]:
    """A year's four quarters of a table."""
    counts: list[dict[str, int]] = [defaultdict(int) for _ in range(4)]
    therapists: list[set[UUID]] = [set() for _ in range(4)]
    for one in counted:
        counts[one.quarter][one.cell] += one.n
        therapists[one.quarter].add(one.practitioner_id)
    return [Tally(dict(cells), frozenset(who)) for cells, who in zip(counts, therapists, strict=True)]


def share_of(code: str, cell: str, counted: Iterable[Counted], span: Span) -> Share:
    """The share of one cell in a table of two."""
    return share_told(code, cell, told(tallies(counted), span.quarters, running=span.running))


def share_told(code: str, branch: str, found: Told | Withheld) -> Share:
    """The share of one branch in what may be told of a table."""
    if isinstance(found, Withheld):
        return Share(code, None, None, found)
    n, count = found.total, found.branch(branch)
    if n == 0:
        return Share(code, None, None, Withheld.NOTHING)
    if n < LEAST_OF_A_SHARE:
        return Share(code, n, None, Withheld.SUPPRESSED_SMALL_N)
    if count is None:
        floor = found.floors.get(branch, 0) / n
        if floor >= NEARLY_ALL:
            return Share(code, n, floor, at_least=True)
        return Share(code, n, None, Withheld.TOO_FEW)
    return Share(code, n, count / n)


def completion(side: str, moment: str, counted: Sequence[Counted], span: Span) -> Completion:
    """
    How forms came back: cells are `returned/<channel>` and `missing/<reason>`.

    Whether the answers were shared makes no difference: a form that came back came back.
    """
    found = told(tallies(counted), span.quarters, running=span.running)
    returned = share_told("returned", "returned", found)
    if isinstance(found, Withheld) or returned.value is None or returned.at_least:
        return Completion(side, moment, returned)
    return Completion(side, moment, returned, _parts(found, "returned"), _parts(found, "missing"))


def repair(episodes: Iterable[FinishedEpisode], span: Span) -> Share:
    """Repaired, of all ruptures that opened in the period and are closed or at least three check-ins old."""
    cells = [_cell(one, "repaired" if one.close_reason == REPAIRED else "not_repaired") for one in _mature(episodes)]
    return share_of("repaired", "repaired", cells, span)


def talked_about(episodes: Iterable[FinishedEpisode], span: Span) -> Share:
    """Marked as talked about, of the same ruptures."""
    cells = [_cell(one, "talked" if one.talked_about else "not_talked") for one in _mature(episodes)]
    return share_of("talked_about", "talked", cells, span)


def days_to_repair(episodes: Iterable[FinishedEpisode], span: Span) -> Days:
    """The median of days from the opening to the closing session, of the repaired ones."""
    mature = _mature(episodes)
    cells = [_cell(one, "repaired" if one.close_reason == REPAIRED else "not_repaired") for one in mature]
    table = tallies(cells)
    found = told(table, span.quarters, running=span.running)
    if isinstance(found, Withheld):
        return Days(None, None, found)
    n = found.count(["repaired"])
    if n is None or n < LEAST_OF_A_SHARE:
        return Days(None, None, Withheld.TOO_FEW if n != 0 else Withheld.NOTHING)
    quarters = counted_quarters(table, span.quarters, running=span.running)
    days = [
        one.days for one in mature if one.days is not None and one.quarter in quarters and one.close_reason == REPAIRED
    ]
    return Days(n, float(median(days)), None)


def rounded_clients(clients: int, therapists: int) -> tuple[int | None, Withheld | None]:
    """How many clients came, rounded to five, so that the few who are new cannot be worked out."""
    if not clients:
        return None, Withheld.NOTHING
    if therapists < LEAST_THERAPISTS:
        return None, Withheld.TOO_FEW_THERAPISTS
    if clients < LEAST_OF_A_SHARE:
        return None, Withheld.TOO_FEW
    return ROUNDED_TO * ((clients + ROUNDED_TO // 2) // ROUNDED_TO), None


def _parts(found: Told, branch: str) -> tuple[Part, ...]:
    """The parts of one branch, the largest first."""
    total = found.total
    inside: Mapping[frozenset[str], int] = {
        cells: n for cells, n in found.parts.items() if n and all(cell.startswith(f"{branch}/") for cell in cells)
    }
    return tuple(
        Part(tuple(sorted(cell.partition("/")[2] for cell in cells)), n, n / total)
        for cells, n in sorted(inside.items(), key=lambda pair: (-pair[1], sorted(pair[0])))
    )


def _mature(episodes: Iterable[FinishedEpisode]) -> list[FinishedEpisode]:
    return [one for one in episodes if one.is_mature and one.close_reason != SUPERSEDED]


def _cell(one: FinishedEpisode, cell: str) -> Counted:
    return Counted(one.quarter, one.practitioner_id, cell)
