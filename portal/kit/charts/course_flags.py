"""What is named above a course's plot, as small flags: each state over its sessions, each new start at its line."""

from dataclasses import dataclass

from portal.clients.feedback.course import Course
from portal.kit.charts.course_layers import LINE, ROW, Layers
from portal.kit.charts.course_words import restart_of, state_runs
from portal.kit.charts.frame import Frame, flag_rows
from portal.kit.charts.svg import element, short, text


@dataclass(frozen=True, slots=True)
class Flag:
    """Words above the sessions from `first` to `last`; a restart stands at the left edge of its session."""

    words: str
    first: int
    last: int
    restart: bool


def flags_of(course: Course) -> list[Flag]:
    """All flags of a course: runs of a state other than steady, and restarts."""
    places = {point.session_number: place for place, point in enumerate(course.points)}
    states = [Flag(word, first, last, restart=False) for word, first, last in state_runs(course.points)]
    starts = [
        Flag(restart_of(restart).words, place, place, restart=True)
        for restart in course.restarts
        if (place := places.get(restart.session_number)) is not None
    ]
    return [*states, *starts]


def rows_of(flags: list[Flag], frame: Frame) -> tuple[int | None, ...]:
    """The row of each flag, 0 next to the plot."""
    # A restart and a state may begin at the same place: the state's words move aside, not on top of each other.
    return flag_rows([(_x(flag, frame), flag.words) for flag in flags])


def flags(course: Course, frame: Frame) -> Layers:
    """Draw them: a bar over the sessions a state lasted, an upright line through the plot for a restart."""
    named = flags_of(course)
    foot = frame.top - 3
    for flag, row in zip(named, rows_of(named, frame), strict=True):
        left, right = frame.column(flag.first, flag.last)
        x, baseline = _x(flag, frame), foot - 6 - (row or 0) * ROW
        if flag.restart:
            line = f"M{short(left)} {short(baseline - 9)}V{short(frame.bottom)}"
            yield element("path", class_="restart", d=line, stroke=LINE)
        else:
            bar = f"M{short(left + 1.5)} {short(foot)}H{short(right - 1.5)}"
            yield element(
                "path", element("title", flag.words), class_="state-bar", d=bar, stroke=LINE, stroke_width="2"
            )
            if row:
                yield element("path", class_="pole", d=f"M{short(x)} {short(foot)}V{short(baseline - 9)}", stroke=LINE)
        if row is not None:
            yield text(flag.words, x + 4, baseline, "restart-name" if flag.restart else "state-name")


def _x(flag: Flag, frame: Frame) -> float:
    left = frame.column(flag.first)[0]
    return left if flag.restart else left + 2
