"""The last sessions at a glance: the client's own line over what is usual for them, as wide as a telephone."""

from dataclasses import dataclass

from portal.clients.feedback.course import Course, Point
from portal.kit.charts import course_layers as layers
from portal.kit.charts.course import parted_of
from portal.kit.charts.course_table import day
from portal.kit.charts.course_words import missing_word, points_of, shared_total
from portal.kit.charts.figure import Figure
from portal.kit.charts.frame import INSET, STEP_MAX, Frame
from portal.kit.charts.svg import element, short, svg_of, text
from portal.kit.wording.times import count

SESSIONS = 10  # as many as fit a telephone's width with their numbers below
GLANCE_WIDTH, GLANCE_LEFT, GLANCE_RIGHT = 284.0, 32.0, 8.0  # fits a side panel too
HEIGHT, TOP, NUMBERS = 88.0, 8.0, 22.0  # of the plot, above it, below it for session numbers
HEADER = ("Session", "Date", "Client", "Usual")


@dataclass(frozen=True, slots=True)
class GlanceFrame(Frame):
    """As the course's frame, with as little around the plot as can be."""

    @property
    def step(self) -> float:
        """From one session to the next."""
        room = GLANCE_WIDTH - GLANCE_LEFT - GLANCE_RIGHT - 2 * INSET
        return min(STEP_MAX, room / max(1, self.sessions - 1))

    @property
    def width(self) -> float:
        """Always the same: it never scrolls."""
        return GLANCE_WIDTH

    @property
    def right(self) -> float:
        return GLANCE_WIDTH - GLANCE_RIGHT

    def x(self, position: float) -> float:
        """The middle of a session's column."""
        return GLANCE_LEFT + INSET + self.step * position


def glance_chart(course: Course) -> Figure:
    """Draw the latest ten sessions of a course; no state, no therapist's line, and no axis but its two ends."""
    points = course.points[-SESSIONS:]
    frame = GlanceFrame(len(points), course.measure.min, course.measure.max, top=TOP, height=HEIGHT)
    chart_id = f"glance-{course.client_id.hex}"
    title, told = f"The last {count(len(points), 'session')} of {course.spoken_code}", _described(points)
    parted = parted_of(points, course.restarts)
    parts = [
        *_edges(frame),
        *layers.band(points, frame, parted),
        *_numbers(points, frame),
        *layers.missing(points, frame),
        *layers.lines(points, frame, parted, therapist=False),
    ]
    return Figure(
        id=chart_id,
        title=title,
        description=told,
        svg=svg_of(chart_id, title, told, parts, (frame.width, frame.bottom + NUMBERS)),
        caption=f"The last {count(len(points), 'session')}: their answers as a line"
        + (", what is usual for them as a band." if any(point.usual for point in points) else "."),
        label="",
        header=HEADER,
        rows=tuple(map(_row, points)),
    )


def _edges(frame: Frame) -> layers.Layers:
    for value in (frame.low, frame.high):
        line = f"M{short(GLANCE_LEFT)} {short(frame.y(value))}H{short(frame.right)}"
        yield element("path", class_="grid", d=line, stroke=layers.GRID)
        yield text(points_of(value), GLANCE_LEFT - 6, frame.y(value) + 4, "tick", anchor="end")


def _numbers(points: tuple[Point, ...], frame: Frame) -> layers.Layers:
    for place, point in enumerate(points):
        yield text(str(point.session_number), frame.x(place), frame.bottom + 17, "tick", anchor="middle")


def _described(points: tuple[Point, ...]) -> str:
    told = ", ".join(
        f"session {point.session_number}: {points_of(shared_total(point)) or missing_word(point)}" for point in points
    )
    return f"{told[:1].upper()}{told[1:]}."


def _row(point: Point) -> tuple[str, ...]:
    usual = f"{points_of(point.usual.low)} to {points_of(point.usual.high)}" if point.usual else "too early"
    return (
        str(point.session_number),
        day(point.date),
        points_of(shared_total(point)) or missing_word(point) or "none",
        usual,
    )
