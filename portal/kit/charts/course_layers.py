"""The layers of a course's picture, from the back to the front; each takes the frame and gives SVG."""

from collections.abc import Callable, Iterator, Sequence

from markupsafe import Markup

from portal.clients.feedback.course import Course, Episode, Point
from portal.kit.charts.course_words import missing_word, points_of, shared_total, state_word
from portal.kit.charts.frame import PLOT_HEIGHT, Frame, text_width
from portal.kit.charts.svg import element, polyline, short, text

ROW = 16.0  # height of a row of 12 px text
CLIENT, THERAPIST, MUTED, LINE = "#0b57a4", "#8a4b00", "#4a5666", "#6b7888"  # what stands where chart.css is absent
BAND, EPISODE, GRID = "#dbe7f4", "#f6e3e5", "#dfe4ea"

Layers = Iterator[Markup]


def grid(frame: Frame) -> Layers:
    """Quarters of the axis with their numbers, and which way is better."""
    for value in frame.ticks():
        y = frame.y(value)
        yield element("path", class_="grid", d=f"M74 {short(y)}H{short(frame.right)}", stroke=GRID)
        yield text(points_of(value), 66, y + 4, "tick", anchor="end")
    yield text("\u2191 better", 66, frame.top + PLOT_HEIGHT / 8 + 4, "tick", anchor="end")


def band(points: Sequence[Point], frame: Frame, parted: frozenset[int]) -> Layers:
    """What is usual for this client, from the session where there is such a range; dashed edges while it is frozen."""
    for run in runs(points, lambda point: point.usual is not None, parted):
        edges = [(place, points[place].usual, points[place].frozen) for place in run]
        xs = [frame.column(run[0])[0], *(frame.x(place) for place in run), frame.column(run[-1])[1]]
        highs = [frame.y(usual.high) for _, usual, _ in edges if usual]
        lows = [frame.y(usual.low) for _, usual, _ in edges if usual]
        upper = list(zip(xs, [highs[0], *highs, highs[-1]], strict=True))
        lower = list(zip(xs, [lows[0], *lows, lows[-1]], strict=True))
        yield element("path", class_="band", d=f"{polyline([*upper, *reversed(lower)])}Z", fill=BAND)
        for edge in (upper, lower):
            yield from _frozen_edges(edge, [frozen for *_, frozen in edges])


def _frozen_edges(edge: list[tuple[float, float]], frozen: list[bool]) -> Layers:
    for n, is_frozen in enumerate(frozen):
        if is_frozen:
            (ax, ay), (x, y), (bx, by) = edge[n], edge[n + 1], edge[n + 2]
            half_way = [((ax + x) / 2 if n else ax, (ay + y) / 2), (x, y)]
            half_way.append(((x + bx) / 2 if n < len(frozen) - 1 else bx, (y + by) / 2))
            yield element(
                "path", class_="band-frozen", d=polyline(half_way), stroke=LINE, stroke_dasharray="3 3", fill="none"
            )


def episodes(course: Course, frame: Frame, hatch: str) -> Layers:
    """Shaded from the first strain to the end; an open one runs to the right edge, an unrepaired one is hatched."""
    for episode in course.episodes:
        first, last = _extent(course, episode)
        left, right = frame.column(first, last)
        area = {"x": left, "y": frame.top, "width": right - left, "height": PLOT_HEIGHT}
        yield element("rect", class_="episode", fill=EPISODE, **area)
        if episode.state.lower() == "unrepaired" or state_word(course.points[last]) == "unrepaired":
            yield element("rect", class_="hatched", fill=f"url(#{hatch})", **area)


def _extent(course: Course, episode: Episode) -> tuple[int, int]:
    place = {point.session_number: n for n, point in enumerate(course.points)}
    first = place.get(episode.opened_session, 0)
    if first and state_word(course.points[first - 1]) == "strained":
        first -= 1
    end = len(course.points) - 1
    return first, end if episode.closed_session is None else max(first, place.get(episode.closed_session, end))


def cut_off(course: Course, frame: Frame) -> Layers:
    """One labelled line, only where the measure has such a value and the axis shows it."""
    cut = course.measure.cut
    if cut is not None and frame.low <= cut <= frame.high:
        y = frame.y(cut)
        yield element("path", class_="cut", d=f"M74 {short(y)}H{short(frame.right)}", stroke=MUTED)
        yield text(f"cut-off {points_of(cut)}", 78, y - 4, "label halo")


def lines(points: Sequence[Point], frame: Frame, parted: frozenset[int], *, therapist: bool) -> Layers:
    """The therapist's dashed line with open squares, the client's solid line with filled circles on top of it."""
    if therapist:
        yield from _line(points, frame, parted, lambda point: point.therapist_total, "therapist")
    yield from _line(points, frame, parted, shared_total, "client")


def _line(
    points: Sequence[Point],
    frame: Frame,
    parted: frozenset[int],
    total: Callable[[Point], float | None],
    who: str,
) -> Layers:
    colour, dashes = (CLIENT, None) if who == "client" else (THERAPIST, "6 4")
    for run in runs(points, lambda point: total(point) is not None, parted):
        spots = [(frame.x(place), frame.y(total(points[place]) or 0.0)) for place in run]
        if len(spots) > 1:
            yield element(
                "path",
                class_=f"line {who}",
                d=polyline(spots),
                fill="none",
                stroke=colour,
                stroke_width="2",
                stroke_dasharray=dashes,
            )
        for (x, y), place in zip(spots, run, strict=True):
            name = f"Session {points[place].session_number}, {who}: {points_of(total(points[place]))}"
            yield spot(x, y, who, frame.mark, title=name)


def spot(x: float, y: float, who: str, radius: float, *, title: str | None = None) -> Markup:
    """A filled circle for the client, an open square for the therapist."""
    inner = (element("title", title),) if title else ()
    if who == "client":
        return element("circle", *inner, class_="pt client", cx=x, cy=y, r=radius, fill=CLIENT)
    side = radius - 0.5
    box = {"x": x - side, "y": y - side, "width": 2 * side, "height": 2 * side}
    return element("rect", *inner, class_="pt therapist", **box, fill="#ffffff", stroke=THERAPIST, stroke_width="2")


def missing(points: Sequence[Point], frame: Frame, *, silent: frozenset[str] = frozenset()) -> Layers:
    """A small cross on the axis for each session without an answer, and once for each run the reason, if not silent."""
    words = [None if point.missing_reason in silent else missing_word(point) for point in points]
    for run in _equal_runs(words):
        word = words[run[0]] or ""
        for place in run:
            x, y = frame.x(place), frame.bottom
            cross = f"M{short(x - 3.5)} {short(y - 3.5)}l7 7m0 -7l-7 7"
            yield element("path", class_="missing", d=cross, stroke=MUTED, stroke_width="1.5", fill="none")
        left, right = frame.column(run[0], run[-1])
        x, y = (frame.x(run[0]) + frame.x(run[-1])) / 2, frame.bottom - 9
        if right - left >= text_width(word):
            yield text(word, x, y, "label halo", anchor="middle")
        else:
            turned = f"rotate(-90 {short(x + 4)} {short(y)})"
            yield element("text", word, x=x + 4, y=y, class_="label halo", font_size="12", fill=MUTED, transform=turned)


def _equal_runs(words: Sequence[str | None]) -> Iterator[list[int]]:
    run: list[int] = []
    for place, word in enumerate(words):
        if run and word != words[run[-1]]:
            yield run
            run = []
        if word:
            run.append(place)
    if run:
        yield run


def runs(points: Sequence[Point], holds: Callable[[Point], bool], parted: frozenset[int]) -> Iterator[list[int]]:
    """Places of neighbouring sessions for which it holds; a run ends at a gap and before a session in `parted`."""
    run: list[int] = []
    for place, point in enumerate(points):
        if run and (place in parted or not holds(point)):
            yield run
            run = []
        if holds(point):
            run.append(place)
    if run:
        yield run
