"""Where things lie in a course's picture: one column a session, the measure's range from bottom to top."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH = 606.0  # fits the panel of a page that is 1280 wide without scrolling
LEFT, RIGHT = 74.0, 122.0  # room for row names and for the names at the lines' ends
PLOT_HEIGHT = 184.0
INSET = 18.0  # from the plot's edge to the first session
STEP_MIN, STEP_MAX = 9.5, 64.0  # narrower, circles would touch; wider, three sessions would look like a year
CROWDED = 16.0  # below this step the marks are drawn smaller
FLAG_ROWS = 5
# Advances of 12 px sans-serif letters that differ from the rest, a little generous: fonts differ.
NARROW, SLIM, PLAIN, WIDE = 3.3, 4.6, 7.3, 11.0
ADVANCES = {**dict.fromkeys("ijl.,:;'|", NARROW), **dict.fromkeys("frt -", SLIM), **dict.fromkeys("mwMW", WIDE)}


@dataclass(frozen=True, slots=True)
class Frame:
    """Coordinates of one picture in px. Sessions are evenly spaced: time is the session, not the calendar."""

    sessions: int
    low: float
    high: float
    top: float  # upper edge of the plot
    height: float = PLOT_HEIGHT

    @property
    def bottom(self) -> float:
        """The axis."""
        return self.top + self.height

    @property
    def step(self) -> float:
        """From one session to the next."""
        if self.sessions < 2:
            return STEP_MAX
        room = WIDTH - LEFT - RIGHT - 2 * INSET
        return min(STEP_MAX, max(STEP_MIN, room / (self.sessions - 1)))

    @property
    def mark(self) -> float:
        """Half the size of a session's mark on a line."""
        return 4.5 if self.step >= CROWDED else 3.5

    @property
    def width(self) -> float:
        """Of the whole picture; long courses grow to the right instead of shrinking."""
        return max(WIDTH, LEFT + 2 * INSET + self.step * max(0, self.sessions - 1) + RIGHT)

    @property
    def right(self) -> float:
        """Right edge of the plot."""
        return self.width - RIGHT

    def x(self, position: float) -> float:
        return LEFT + INSET + self.step * position

    def column(self, first: int, last: int | None = None) -> tuple[float, float]:
        """Left and right edge of a session's column, or of several next to each other."""
        last = first if last is None else last
        before = INSET if first == 0 else self.step / 2
        after = INSET if last == self.sessions - 1 else self.step / 2
        return self.x(first) - min(before, self.step / 2), self.x(last) + min(after, self.step / 2)

    def y(self, value: float) -> float:
        """The height of a total; a value outside the axis is held at its edge."""
        inside = min(self.high, max(self.low, value))
        return self.bottom - self.height * (inside - self.low) / (self.high - self.low)

    def ticks(self) -> tuple[float, ...]:
        """Quarters of the axis."""
        return tuple(self.low + (self.high - self.low) * part / 4 for part in range(5))


def text_width(words: str) -> float:
    """About how wide a line of 12 px text is."""
    return sum(ADVANCES.get(letter, PLAIN) for letter in words)


def flag_rows(flags: Sequence[tuple[float, str]]) -> tuple[int | None, ...]:
    """
    Rows for labels that begin at their x and stand on a pole there; row 0 is the lowest.

    No label lies on another or on a pole. Where more than `FLAG_ROWS` would be needed, the
    older ones go without words (None): their bar stays, and the table has them all.

    >>> flag_rows([(0, "strained"), (20, "rupture"), (200, "repaired")])
    (1, 0, 0)
    """
    rows: list[int | None] = [None] * len(flags)
    for place in sorted(range(len(flags)), key=lambda n: flags[n][0], reverse=True):
        x, words = flags[place]
        end = x + text_width(words) + 7
        crossed = (row for (start, _), row in zip(flags, rows, strict=True) if row is not None and start < end)
        row = max(crossed, default=-1) + 1
        rows[place] = row if row < FLAG_ROWS else None
    return tuple(rows)


def spread(wanted: Sequence[float], *, apart: float, low: float, high: float) -> tuple[float, ...]:
    """
    Heights for labels near the wanted ones, at least `apart` from each other, within low..high.

    >>> spread([50, 52, 120], apart=16, low=0, high=200)
    (43.0, 59.0, 120)
    """
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    heights = list(wanted)
    for _ in range(len(wanted) * 4):
        for upper, lower in pairwise(order):
            short_by = apart - (heights[lower] - heights[upper])
            if short_by > 0:
                heights[upper] -= short_by / 2
                heights[lower] += short_by / 2
    for n, place in enumerate(order):
        heights[place] = max(heights[place], low + n * apart)
    for n, place in enumerate(reversed(order)):
        heights[place] = min(heights[place], high - n * apart)
    return tuple(heights)
