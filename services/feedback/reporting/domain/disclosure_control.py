"""
Which counts of a table may be told, so that no small one can be worked out from all that are told.

Each quarter tells its cells in groups that are nobody or at least `LEAST_IN_A_CELL` people:
small cells together with the next smallest. A year tells sums of whole groups of its
quarters. Whatever is added or subtracted among a year and its quarters is then a sum of such
groups, and no such sum is small. Where a quarter is too small as a whole, only its year is told.

Fewer than three therapists would make a figure of a clinic a figure of a person: then
nothing is told at all. All limits are ours (docs/sources.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from services.feedback.outcome.domain.caseloads import LEAST_IN_A_CELL

LEAST_THERAPISTS = 3
LEAST_OF_A_SHARE = 10  # cases; a share of fewer would say nothing


class Withheld(StrEnum):
    """Why nothing is told."""

    NOTHING = "nothing"  # nobody to count
    TOO_FEW = "too_few"
    TOO_FEW_THERAPISTS = "too_few_therapists"
    BY_YEAR_ONLY = "by_year_only"
    SUPPRESSED_SMALL_N = "suppressed_small_n"  # how many they are may be told; a number about them would mean nothing
    ALL_ALIKE = "all_alike"  # no spread to measure a change by


@dataclass(frozen=True, slots=True)
class Tally:
    """One quarter of a table: counts by cell, and whose clients they are. `a/b` is cell b of branch a."""

    counts: Mapping[str, int] = field(default_factory=dict)
    therapists: frozenset[UUID] = frozenset()

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Told:
    """
    What may be told of a period: `parts` are disjoint groups of cells with their counts, together everybody.

    `floors`: how many at the least are in a branch, where no more can be told than that few are outside.
    """

    parts: Mapping[frozenset[str], int]
    floors: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.parts.values())

    def count(self, cells: Iterable[str]) -> int | None:
        """How many are in these cells together; None where that cannot be told."""
        wanted = set(cells)
        inside = [cells for cells in self.parts if cells & wanted]
        return sum(self.parts[cells] for cells in inside) if all(cells <= wanted for cells in inside) else None

    def branch(self, name: str) -> int | None:
        return self.count(cell for cells in self.parts for cell in cells if cell.partition("/")[0] == name)


def told(year: Sequence[Tally], quarters: Sequence[int], *, running: int | None) -> Told | Withheld:
    """
    What may be told about some quarters of a year: all four, or one.

    Args:
        year: Its four quarters.
        quarters: Those that were asked about.
        running: The quarter that is not over yet; while it is small it is counted nowhere.
    """
    kept = counted_quarters(year, range(len(year)), running=running)
    counted = [tally if number in kept else Tally() for number, tally in enumerate(year)]
    if not any(counted[number].total for number in quarters):
        return _why(year, quarters)
    whole = _together(counted)
    by_quarter = all(_is_enough(tally) or tally.total == 0 for tally in counted)
    if not by_quarter and len(quarters) < len(year):
        return Withheld.BY_YEAR_ONLY if _is_enough(whole) else _why(counted, range(len(year)))
    if not _is_enough(whole):
        return _why(counted, range(len(year)))
    blocks = [counted[number].counts for number in quarters] if by_quarter else [whole.counts]
    groups = [parts([counts]) for counts in blocks]
    joined = _joined([cells for found in groups for cells in found])
    summed = {cells: sum(_sum(counts, cells) for counts in blocks) for cells in joined}
    branches = {cell.partition("/")[0] for counts in blocks for cell in counts}
    floors = {name: sum(_floor(name, *block) for block in zip(blocks, groups, strict=True)) for name in branches}
    return Told(summed, floors)


def counted_quarters(year: Sequence[Tally], quarters: Iterable[int], *, running: int | None) -> frozenset[int]:
    """Those of these quarters that are counted: all, but for the running one while it is small."""
    return frozenset(number for number in quarters if number != running or _is_enough(year[number]))


def parts(quarters: Sequence[Mapping[str, int]], *, least: int = LEAST_IN_A_CELL) -> list[frozenset[str]]:
    """
    The finest grouping of cells in which every group is nobody or at least `least` in every quarter.

    Branches are told apart first, cells within a branch then; every quarter as a whole must be
    nobody or at least `least`.

    >>> [sorted(cells) for cells in parts([{"link": 40, "paper": 2, "portal": 9}])]
    [['link'], ['paper', 'portal']]
    """
    branches: dict[str, set[str]] = {}
    for cell in sorted({cell for counts in quarters for cell in counts}):
        branches.setdefault(cell.partition("/")[0], set()).add(cell)
    found: list[frozenset[str]] = []
    for names in _groups(
        {name: [_sum(counts, cells) for counts in quarters] for name, cells in branches.items()}, least
    ):
        if len(names) > 1:
            found.append(frozenset(cell for name in names for cell in branches[name]))
            continue
        [name] = names
        found += _groups({cell: [counts.get(cell, 0) for counts in quarters] for cell in branches[name]}, least)
    return found


def _groups(cells: Mapping[str, Sequence[int]], least: int) -> list[frozenset[str]]:
    """Each cell by itself, but for the small ones: these are together, with as many others as it takes."""
    small = {cell for cell, counts in cells.items() if any(0 < count < least for count in counts)}
    others = sorted(cells.keys() - small, key=lambda cell: (sum(cells[cell]), cell))
    while small and others and any(0 < sum(at) < least for at in zip(*(cells[cell] for cell in small), strict=True)):
        small.add(others.pop(0))
    alone = [frozenset({cell}) for cell in cells if cell in set(others)]
    return [*alone, frozenset(small)] if small else alone


def _joined(groups: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Groups that share a cell become one."""
    found: list[frozenset[str]] = []
    for cells in groups:
        apart = [one for one in found if not one & cells]
        found = [*apart, cells.union(*(one for one in found if one & cells))]
    return found


def _floor(branch: str, counts: Mapping[str, int], groups: Iterable[frozenset[str]]) -> int:
    """How many are in a branch: exactly where that is told, else all but the most that a small count can be."""
    own = {cell for cell in counts if cell.partition("/")[0] == branch}
    inside, total = _sum(counts, own), sum(counts.values())
    if all(cells <= own for cells in groups if cells & own):
        return inside
    return max(0, total - LEAST_IN_A_CELL + 1) if total - inside < LEAST_IN_A_CELL else 0


def _sum(counts: Mapping[str, int], cells: Iterable[str]) -> int:
    return sum(counts.get(cell, 0) for cell in cells)


def _is_enough(tally: Tally) -> bool:
    return tally.total >= LEAST_IN_A_CELL and len(tally.therapists) >= LEAST_THERAPISTS


def _together(year: Sequence[Tally]) -> Tally:
    cells = {cell for tally in year for cell in tally.counts}
    counts = {cell: sum(tally.counts.get(cell, 0) for tally in year) for cell in cells}
    return Tally(counts, frozenset().union(*(tally.therapists for tally in year)))


def _why(year: Sequence[Tally], quarters: Iterable[int]) -> Withheld:
    asked = [year[number] for number in quarters]
    if not any(tally.total for tally in asked):
        return Withheld.NOTHING
    together = _together(asked)
    few_therapists = len(together.therapists) < LEAST_THERAPISTS
    return Withheld.TOO_FEW_THERAPISTS if together.total >= LEAST_IN_A_CELL and few_therapists else Withheld.TOO_FEW
