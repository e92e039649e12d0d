"""Figures: what was measured, beside what, and how the two compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median


class Better(StrEnum):
    """Which way is good."""

    MORE = "more"
    LESS = "less"


class NotProven(Exception):
    """The run was fast but wrong: something lost, doubled or out of order. No figure comes of it."""


@dataclass(frozen=True, slots=True)
class Side:
    """One party: its name and what each of its runs came to, in the figure's unit."""

    name: str
    runs: tuple[float, ...]

    @property
    def typical(self) -> float:
        """The median run."""
        return median(self.runs)

    def slowest(self, better: Better) -> float:
        """The worst run."""
        return min(self.runs) if better is Better.MORE else max(self.runs)


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One comparison.

    Args:
        what: What was done.
        unit: Of both sides' runs.
        ours: Rapport.
        peer: Another program, or a limit with one run.
        better: Whether more or less is better.
        aim: The ratio aimed at, a floor where more is better, else a ceiling; None: shown, not judged.
        proven: What was checked about the result of the same runs.
    """

    what: str
    unit: str
    ours: Side
    peer: Side
    better: Better = Better.MORE
    aim: float | None = None
    proven: str = ""

    @property
    def ratio(self) -> float:
        """
        Ours through theirs, by the median runs.

        >>> Figure("a", "ev/s", Side("ours", (90, 100, 300)), Side("theirs", (200,))).ratio
        0.5
        """
        return self.ours.typical / self.peer.typical

    @property
    def slowest(self) -> float:
        """Our worst run."""
        return self.ours.slowest(self.better)

    @property
    def met(self) -> bool | None:
        """Whether the aim was reached; None without one."""
        if self.aim is None:
            return None
        return self.ratio >= self.aim if self.better is Better.MORE else self.ratio <= self.aim


def limit(value: float, name: str = "limit") -> Side:
    """A fixed bound in place of a peer; its aim is a ratio of 1."""
    return Side(name, (value,))


def percentile(values: Sequence[float], share: float) -> float:
    """
    The smallest value that at least `share` of all values do not exceed.

    >>> [percentile([4, 1, 3, 2], share) for share in (0.5, 0.75, 0.99)]
    [2, 3, 4]
    """
    ordered = sorted(values)
    place = -(-len(ordered) * share // 1)  # rounded up
    return ordered[max(1, int(place)) - 1]
