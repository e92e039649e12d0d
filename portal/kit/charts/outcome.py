"""
One outcome measure through a treatment as a figure.

Points stand as the measure counts them: where fewer is better the line falls when things
go better, and the axis says so. Band and dotted line are what the feedback service told.
"""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from portal.clients.feedback.course import Point
from portal.clients.feedback.outcome import MeasureOutcome, OutcomePoint
from portal.kit.charts import course_layers as layers
from portal.kit.charts import course_margins as margins
from portal.kit.charts.course_layers import BAND, CLIENT, GRID, LINE, MUTED, ROW, Layers
from portal.kit.charts.course_words import points_of, shared_total
from portal.kit.charts.figure import Figure
from portal.kit.charts.frame import LEFT, Frame, spread
from portal.kit.charts.outcome_words import caption, description, table, within_chance
from portal.kit.charts.svg import element, polyline, short, svg_of, text

HEIGHT = 128.0
NOT_ASKED = "not_offered"  # a plan asks every so many sessions; the others are no gaps
TOP = 26.0  # room for the name of a break


def outcome_chart(found: MeasureOutcome, *, of: str) -> Figure | None:
    """Draw one measure's totals; None for one without a total. `of` is the spoken code of the client."""
    measure = found.measure
    if measure.ends is None:
        return None
    low, high = measure.ends
    chart_id = f"outcome-{measure.id}"
    title = f"{measure.short_name} of {of}, session by session"
    told = description(found)
    header, rows = table(found)
    return Figure(
        id=chart_id,
        title=title,
        description=told,
        svg=_picture(found, Frame(max(1, len(found.points)), low, high, top=TOP, height=HEIGHT), chart_id, title, told),
        caption=caption(found, low, high),
        label=measure.label,
        header=header,
        rows=rows,
    )


def _picture(found: MeasureOutcome, frame: Frame, chart_id: str, title: str, told: str) -> Markup:
    points = [_as_point(point) for point in found.points]
    parted = frozenset(_parted(found.points))
    parts = [*_band(found, frame), *_axis(found, frame), *_cut_off(found, frame)]
    if points:
        parts += [
            *_curve(found, frame),
            *_breaks(found.points, parted, frame),
            *margins.axis(points, frame),
            *layers.missing(points, frame, silent=frozenset({NOT_ASKED})),
            *_joins(points, parted, frame),
            *layers.lines(points, frame, parted, therapist=False),
            *_names(found, points, frame),
        ]
    return svg_of(chart_id, title, told, parts, (frame.width, frame.bottom + 44), class_="course outcome")


def _as_point(point: OutcomePoint) -> Point:
    """The same session as the layers of a course take it."""
    return Point(
        session_number=point.session_number,
        appointment_id=point.appointment_id,
        date=point.date,
        state="",
        client_total=point.total,
        missing_reason=point.missing_reason,
    )


def _joins(points: Sequence[Point], parted: frozenset[int], frame: Frame) -> Layers:
    """A thin line over sessions that did not ask: nothing is missing there. Where an answer is, the line breaks."""
    before: int | None = None
    for place, point in enumerate(points):
        if place in parted or point.missing_reason not in (None, NOT_ASKED):
            before = None
        total = shared_total(point)
        if total is None:
            continue
        if before is not None and place - before > 1:
            ends = [(frame.x(before), frame.y(shared_total(points[before]) or 0.0)), (frame.x(place), frame.y(total))]
            yield element("path", class_="line client", d=polyline(ends), fill="none", stroke=CLIENT, stroke_width="1")
        before = place


def _axis(found: MeasureOutcome, frame: Frame) -> Layers:
    """The ends of the measure's range, and which way is better."""
    for value in (frame.low, frame.high):
        y = frame.y(value)
        yield element("path", class_="grid", d=f"M{short(LEFT)} {short(y)}H{short(frame.right)}", stroke=GRID)
        yield text(points_of(value), LEFT - 8, y + 4, "tick", anchor="end")
    arrow = "\u2191" if found.measure.better == "higher" else "\u2193"
    yield text(f"{arrow} better", LEFT - 8, frame.y((frame.low + frame.high) / 2) + 4, "tick", anchor="end")


def _band(found: MeasureOutcome, frame: Frame) -> Layers:
    """From the first total on: what chance could make of it."""
    edges, first = within_chance(found), _first_place(found.points, found.measure.version)
    if edges is None or first is None:
        return
    top, bottom = frame.y(edges[1]), frame.y(edges[0])
    left = frame.x(first)
    area = {"x": left, "y": top, "width": frame.right - left, "height": bottom - top}
    yield element("rect", element("title", "within what chance could bring"), class_="band", fill=BAND, **area)


def _cut_off(found: MeasureOutcome, frame: Frame) -> Layers:
    if found.cut_off is not None and frame.low <= found.cut_off.points <= frame.high:
        y = frame.y(found.cut_off.points)
        yield element("path", class_="cut", d=f"M{short(LEFT)} {short(y)}H{short(frame.right)}", stroke=MUTED)


def _curve(found: MeasureOutcome, frame: Frame) -> Layers:
    """Nine in ten finished cases with a similar start were no worse than this."""
    if found.curve is None:
        return
    places = {point.session_number: place for place, point in enumerate(found.points)}
    spots = [
        (frame.x(place), frame.y(edge.total))
        for edge in found.curve.boundary
        if (place := places.get(edge.session_number)) is not None
    ]
    if len(spots) > 1:
        d = polyline(spots)
        yield element("path", class_="boundary", d=d, fill="none", stroke=MUTED, stroke_dasharray="6 3")


def _breaks(points: Sequence[OutcomePoint], parted: frozenset[int], frame: Frame) -> Layers:
    """Upright lines where another therapist took over (the line goes on), or another version began (it does not)."""
    for place in range(1, len(points)):
        taken_over = points[place].practitioner_id != points[place - 1].practitioner_id
        named = [(taken_over, "new therapist"), (place in parted, "new version")]
        words = ", ".join(name for holds, name in named if holds)
        if words:
            x = frame.column(place)[0]
            d = f"M{short(x)} {short(frame.top - 12)}V{short(frame.bottom)}"
            yield element("path", class_="restart", d=d, stroke=LINE)
            yield text(words, x + 4, frame.top - 8, "restart-name")


def _names(found: MeasureOutcome, points: Sequence[Point], frame: Frame) -> Layers:
    """What is what, at the right edge: the latest total, the cut-off, the band."""
    named: list[tuple[float, str, str]] = []
    given = [total for point in points if (total := shared_total(point)) is not None]
    if given:
        total = given[-1]
        named.append((frame.y(total), "client", f"client {points_of(total)}"))
    if found.cut_off is not None and frame.low <= found.cut_off.points <= frame.high:
        named.append((frame.y(found.cut_off.points), "cut", f"cut-off {points_of(found.cut_off.points)}"))
    edges = within_chance(found)
    if edges is not None:
        middle = frame.y((edges[0] + edges[1]) / 2)
        named.append((middle, "usual", f"chance {points_of(edges[0])}\u2013{points_of(edges[1])}"))
    heights = spread([y for y, *_ in named], apart=ROW, low=frame.top + 4, high=frame.bottom - 4)
    for (_, kind, words), y in zip(named, heights, strict=True):
        yield from _name(kind, words, frame.right + 6, y)


def _name(kind: str, words: str, x: float, y: float) -> Iterator[Markup]:
    if kind == "client":
        yield layers.spot(x + 4, y, "client", 4.5)
    elif kind == "usual":
        yield element("rect", class_="band swatch", x=x - 1, y=y - 5, width=11.0, height=10.0, fill=BAND)
    else:
        yield element("path", class_="cut", d=f"M{short(x - 1)} {short(y)}h11", stroke=MUTED)
    yield text(words, x + 14, y + 4, f"label halo {kind}")


def _first_place(points: Sequence[OutcomePoint], version: int) -> int | None:
    return next(
        (n for n, point in enumerate(points) if point.total is not None and point.measure_version == version), None
    )


def _parted(points: Sequence[OutcomePoint]) -> Iterator[int]:
    """Where another version of the measure begins: its points are others, no line runs across."""
    before: int | None = None
    for place, point in enumerate(points):
        if point.measure_version is not None:
            if before is not None and point.measure_version != before:
                yield place
            before = point.measure_version
