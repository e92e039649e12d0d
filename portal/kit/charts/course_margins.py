"""What stands around a course's plot: session numbers, hours missed, who said there was strain, names, the key."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from markupsafe import Markup

from portal.clients.feedback.course import Absence, Course, Point
from portal.kit.charts.course_layers import CLIENT, LINE, MUTED, ROW, THERAPIST, Layers, spot
from portal.kit.charts.course_words import client_said, points_of, seen_by_one, shared_total
from portal.kit.charts.frame import Frame, spread, text_width
from portal.kit.charts.svg import element, short, text

STRAIN = ("yes", "a_little")


def axis(points: Sequence[Point], frame: Frame) -> Layers:
    """The axis with session numbers; the dates of the first, every fifth and the last."""
    yield element("path", class_="axis", d=f"M74 {short(frame.bottom)}H{short(frame.right)}", stroke=LINE)
    yield text("session", 66, frame.bottom + 20, "tick", anchor="end")
    every = next(n for n in (1, 2, 5, 10) if n * frame.step >= 22 or n == 10)
    for place in _marked(len(points), every, room=24 / frame.step):
        yield text(str(points[place].session_number), frame.x(place), frame.bottom + 20, "tick", anchor="middle")
    several_years = len({point.date.year for point in points}) > 1
    for place in _marked(len(points), 5, room=(68 if several_years else 46) / frame.step):
        day = points[place].date
        words = f"{day.day} {day:%b}" + (f" {day.year}" if several_years else "")
        yield text(words, frame.x(place), frame.bottom + 20 + ROW, "tick", anchor="middle")


def _marked(count: int, every: int, room: float) -> list[int]:
    """The first, every n-th and the last place; one too near to the last gives way to it."""
    last = count - 1
    places = [n for n in range(count) if n == 0 or (n + 1) % every == 0]
    places = [n for n in places if n == 0 or n >= room]
    return [n for n in places if n < last and last - n >= room] + [last]


def absences(course: Course, frame: Frame) -> Layers:
    """Hours that did not take place: ticks under the axis, between the sessions; filled = missed, open = cancelled."""
    for absence, place in absence_places(course.absences, [point.date for point in course.points]):
        x = frame.x(place)
        yield _tick(x, frame.bottom + 1, absence.kind)


def absence_places(missed: Sequence[Absence], dates: Sequence[date]) -> Iterator[tuple[Absence, float]]:
    """Each absence with its place between two sessions; several in one gap share it evenly."""
    gaps: dict[int, list[Absence]] = {}
    for absence in sorted(missed, key=lambda one: one.date):
        gaps.setdefault(sum(day <= absence.date for day in dates), []).append(absence)
    for before, among in gaps.items():
        # Before the first and after the last session there is only half a column.
        start, width = (before - 1, 1.0) if 0 < before < len(dates) else (before - 1 if before else -0.4, 0.4)
        for n, absence in enumerate(among):
            yield absence, start + width * (n + 1) / (len(among) + 1)


def _tick(x: float, y: float, kind: str) -> Markup:
    kind = "missed" if kind == "missed" else "cancelled"
    fill = MUTED if kind == "missed" else "#ffffff"
    return element("rect", class_=f"absence {kind}", x=x - 2, y=y, width=4.0, height=7.0, fill=fill, stroke=MUTED)


def said_rows(points: Sequence[Point], *, therapist: bool) -> list[tuple[str, Callable[[Point], str | None]]]:
    """The rows under the plot: whoever was asked, once anybody said there was strain."""
    sides: list[tuple[str, Callable[[Point], str | None]]] = [("client", client_said)]
    if therapist:
        sides.append(("therapist", lambda point: point.said_so.therapist))
    return sides if any(said(point) in STRAIN for point in points for _, said in sides) else []


def said_so(points: Sequence[Point], frame: Frame, top: float, *, therapist: bool) -> Layers:
    """Triangles: filled for strain, open for a little; seen by one of the two is outlined across both rows."""
    rows = said_rows(points, therapist=therapist)
    for n, (who, said) in enumerate(rows):
        y = top + n * ROW + 9
        yield text(who, 66, y + 3, f"label {who}", anchor="end")
        for place, point in enumerate(points):
            if said(point) in STRAIN:
                yield triangle(frame.x(place), y, who, filled=said(point) == "yes")
    if therapist:
        for place, point in enumerate(points):
            if rows and seen_by_one(point):
                box = {"x": frame.x(place) - 8, "y": top, "width": 16.0, "height": len(rows) * ROW + 1}
                yield element("rect", class_="one-side", **box, rx=4.0, fill="none", stroke=MUTED)


def triangle(x: float, y: float, who: str, *, filled: bool) -> Markup:
    """Strain, said so by one side."""
    colour = CLIENT if who == "client" else THERAPIST
    class_ = f"said {who} {'strain' if filled else 'little'}"
    path = f"M{short(x)} {short(y - 5)}l5.5 9.5h-11z"
    return element("path", class_=class_, d=path, fill=colour if filled else "none", stroke=colour, stroke_width="1.5")


def line_names(points: Sequence[Point], frame: Frame, *, therapist: bool) -> Layers:
    """Who is who, at the end of each line: no legend to look up."""
    named: list[tuple[float, str, str]] = []
    sides = [("client", shared_total)]
    if therapist:
        sides.append(("therapist", lambda point: point.therapist_total))
    for who, total in sides:
        given = [(place, value) for place, point in enumerate(points) if (value := total(point)) is not None]
        if given:
            place, value = given[-1]
            # Where the line ended earlier, a value beside the edge would look like today's.
            words = f"{who} {points_of(value)}" if place == len(points) - 1 else who
            named.append((frame.y(value), who, words))
    usual = points[-1].usual
    if usual:
        middle = (frame.y(usual.low) + frame.y(usual.high)) / 2
        named.append((middle, "usual", f"usual {points_of(usual.low)}\u2013{points_of(usual.high)}"))
    heights = spread([y for y, *_ in named], apart=ROW, low=frame.top + 4, high=frame.bottom - 8)
    x = frame.column(len(points) - 1)[1] + 10
    for (_, who, words), y in zip(named, heights, strict=True):
        yield from label_with_swatch(x, y, who, words)


def label_with_swatch(x: float, y: float, who: str, words: str) -> Layers:
    """A line's name at its end, with its mark."""
    yield _swatch(x, y, who)
    yield text(words, x + 14, y + 4, f"label halo {who}")


def _swatch(x: float, y: float, who: str) -> Markup:
    if who == "usual":
        return element("rect", class_="band swatch", x=x - 1, y=y - 5, width=11.0, height=10.0, fill="#dbe7f4")
    return spot(x + 4, y, who, 4.5)


def key(course: Course, frame: Frame, top: float, *, therapist: bool) -> Layers:
    """The small marks that are in this picture and cannot be named where they stand."""
    x, y = 74.0, top + 9
    for mark, words in key_entries(course, therapist=therapist):
        width = 16 + text_width(words) + 12
        if x + width > frame.width and x > 74:
            x, y = 74.0, y + ROW
        yield mark(x + 5, y)
        yield text(words, x + 16, y + 4, "label")
        x += width


Mark = Callable[[float, float], Markup]


def key_entries(course: Course, *, therapist: bool) -> list[tuple[Mark, str]]:
    """Each kind of mark that occurs, with its meaning."""
    said = {word for _, who in said_rows(course.points, therapist=therapist) for word in map(who, course.points)}
    one_sided = therapist and any(seen_by_one(point) for point in course.points)
    kinds = {"missed" if absence.kind == "missed" else "cancelled" for absence in course.absences}
    entries: list[tuple[bool, Mark, str]] = [
        ("yes" in said, lambda x, y: triangle(x, y, "key", filled=True), "strain said"),
        ("a_little" in said, lambda x, y: triangle(x, y, "key", filled=False), "a little"),
        (one_sided, _outline, "seen by one of you"),
        ("missed" in kinds, lambda x, y: _tick(x, y - 4, "missed"), "hour missed"),
        ("cancelled" in kinds, lambda x, y: _tick(x, y - 4, "cancelled"), "hour cancelled"),
        (any(point.frozen for point in course.points), _dashes, "usual range held still"),
    ]
    return [(mark, words) for occurs, mark, words in entries if occurs]


def key_lines(course: Course, width: float, *, therapist: bool) -> int:
    """How many lines the key takes."""
    x, count = 74.0, 0
    for _, words in key_entries(course, therapist=therapist):
        needed = 16 + text_width(words) + 12
        if x + needed > width and x > 74:
            x, count = 74.0, count + 1
        x, count = x + needed, max(count, 1)
    return count


def _outline(x: float, y: float) -> Markup:
    return element(
        "rect", class_="one-side", x=x - 6, y=y - 6, width=12.0, height=12.0, rx=3.0, fill="none", stroke=MUTED
    )


def _dashes(x: float, y: float) -> Markup:
    return element(
        "path", class_="band-frozen", d=f"M{short(x - 7)} {short(y)}h14", stroke=LINE, stroke_dasharray="3 3"
    )
