"""The curve as the client sees it: their own answers and what is usual for them, no state and nobody else's view."""

from dataclasses import replace

from markupsafe import Markup

from portal.clients.feedback.course import Course, Point
from portal.kit.charts import course_layers as layers
from portal.kit.charts.course_margins import axis, label_with_swatch
from portal.kit.charts.course_table import day
from portal.kit.charts.course_words import points_of, shared_total
from portal.kit.charts.figure import Figure
from portal.kit.charts.frame import Frame, spread
from portal.kit.charts.svg import svg_of
from portal.kit.wording.times import count

TOP = 12.0  # room above the plot
HEADER = ("Session", "Date", "You", "Usual for you")


def together_chart(course: Course, label: str) -> Figure:
    """
    Draw the client's own line over the range that is usual for them.

    Gaps are gaps, without a reason: why somebody did not answer is no picture to look at
    together. `label` says what kind of questionnaire it is.
    """
    points = tuple(replace(point, frozen=False) for point in course.points)
    frame = Frame(len(points), course.measure.min, course.measure.max, top=TOP)
    chart_id = f"together-{(course.course_id or course.client_id).hex}"
    answered = [point for point in points if shared_total(point) is not None]
    title, told = "How our sessions were for you", _described(answered, len(points))
    parts: list[Markup] = []
    if points:
        parts = [
            *layers.grid(frame),
            *layers.band(points, frame, frozenset()),
            *axis(points, frame),
            *layers.lines(points, frame, frozenset(), therapist=False),
            *_names(points, frame),
        ]
    return Figure(
        id=chart_id,
        title=title,
        description=told,
        svg=svg_of(chart_id, title, told, parts, (frame.width, frame.bottom + 44)),
        caption=told,
        label=label,
        header=HEADER,
        rows=tuple(_row(point) for point in points),
    )


def _names(points: tuple[Point, ...], frame: Frame) -> layers.Layers:
    named: list[tuple[float, str, str]] = []
    last = next((point for point in reversed(points) if shared_total(point) is not None), None)
    if last:
        named.append((frame.y(shared_total(last) or 0.0), "client", "you"))
    usual = points[-1].usual
    if usual:
        named.append(((frame.y(usual.low) + frame.y(usual.high)) / 2, "usual", "usual for you"))
    heights = spread([y for y, *_ in named], apart=layers.ROW, low=frame.top + 4, high=frame.bottom - 8)
    x = frame.column(len(points) - 1)[1] + 10
    for (_, who, words), y in zip(named, heights, strict=True):
        yield from label_with_swatch(x, y, who, words)


def _described(answered: list[Point], sessions: int) -> str:
    if not answered:
        return "You have not filled in a check-in yet, or have kept them to yourself."
    told = f"{count(len(answered), 'check-in')} in {count(sessions, 'session')}. "
    last = answered[-1]
    told += f"The last one, after session {last.session_number}: {points_of(shared_total(last))}"
    if last.usual is None:
        return f"{told}. What is usual for you can be said from the third check-in on."
    return f"{told}; usual for you is about {points_of(last.usual.low)} to {points_of(last.usual.high)}."


def _row(point: Point) -> tuple[str, ...]:
    usual = f"{points_of(point.usual.low)} to {points_of(point.usual.high)}" if point.usual else "too early"
    return (str(point.session_number), day(point.date), points_of(shared_total(point)) or "none", usual)
