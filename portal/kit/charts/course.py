"""The course of one client's check-ins as a figure."""

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from portal.clients.feedback.course import Course, Point, Restart
from portal.kit.charts import course_layers as layers
from portal.kit.charts import course_margins as margins
from portal.kit.charts.course_flags import flags, flags_of, rows_of
from portal.kit.charts.course_table import table
from portal.kit.charts.course_words import NOT_VALIDATED, caption, description, restart_of
from portal.kit.charts.figure import Figure
from portal.kit.charts.frame import WIDTH, Frame
from portal.kit.charts.svg import element, svg_of, text

SHORT_TOP = 12.0  # room above the plot where nothing is named there


def course_chart(course: Course, *, therapist: bool = True) -> Figure:
    """
    Draw a course session by session.

    The axis shows the measure's whole range. `therapist=False` leaves the mirror form's
    line, rows and column out. What the client chose not to share is a gap with that
    reason, in the picture and in the table.
    """
    header, rows = table(course, therapist=therapist)
    chart_id = f"course-{(course.course_id or course.client_id).hex}"
    title = f"Course of the check-ins of {course.spoken_code}"
    told = description(course)
    return Figure(
        id=chart_id,
        title=title,
        description=told,
        svg=_picture(course, chart_id, title, told, therapist=therapist),
        caption=caption(course),
        label="" if course.measure.validated else NOT_VALIDATED,
        header=header,
        rows=rows,
    )


def _picture(course: Course, chart_id: str, title: str, told: str, *, therapist: bool) -> Markup:
    points = course.points
    frame = _frame(course)
    if not points:
        nothing = text("no sessions yet", WIDTH / 2 - 24, frame.top + 96, "label", anchor="middle")
        return svg_of(chart_id, title, told, [*layers.grid(frame), nothing], (frame.width, frame.bottom + 12))
    hatch = f"{chart_id}-hatch"
    parted = parted_of(points, course.restarts)
    said_top = frame.bottom + 24 + layers.ROW
    key_top = said_top + len(margins.said_rows(points, therapist=therapist)) * layers.ROW + 6
    parts = [
        _hatch(hatch),
        *layers.episodes(course, frame, hatch),
        *layers.grid(frame),
        *layers.band(points, frame, parted),
        *layers.cut_off(course, frame),
        *flags(course, frame),
        *margins.axis(points, frame),
        *margins.absences(course, frame),
        *layers.missing(points, frame),
        *layers.lines(points, frame, parted, therapist=therapist),
        *margins.line_names(points, frame, therapist=therapist),
        *margins.said_so(points, frame, said_top, therapist=therapist),
        *margins.key(course, frame, key_top, therapist=therapist),
    ]
    lines = margins.key_lines(course, frame.width, therapist=therapist)
    return svg_of(chart_id, title, told, parts, (frame.width, key_top + lines * layers.ROW + 4))


def _frame(course: Course) -> Frame:
    bare = Frame(len(course.points), course.measure.min, course.measure.max, top=0)
    rows = max((row + 1 for row in rows_of(flags_of(course), bare) if row is not None), default=0)
    return replace(bare, top=SHORT_TOP + rows * layers.ROW)


def parted_of(points: Sequence[Point], restarts: Sequence[Restart]) -> frozenset[int]:
    """The places before which the line is parted."""
    begins = {restart.session_number for restart in restarts if restart_of(restart).parts_the_line}
    return frozenset(place for place, point in enumerate(points) if point.session_number in begins)


def _hatch(hatch: str) -> Markup:
    stripe = element("path", class_="stripe", d="M0 0V8", stroke="#a61b29", stroke_width="1.5", stroke_opacity="0.35")
    units = {"patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    return element("defs", element("pattern", stripe, id=hatch, width=8.0, height=8.0, **units))
