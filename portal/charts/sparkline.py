"""A course in the space of a word, for lists."""

from collections.abc import Sequence

from markupsafe import Markup

from portal.charts.course_words import counted, points_of
from portal.charts.svg import element, polyline

WIDTH, HEIGHT, EDGE = 96.0, 24.0, 4.0


def sparkline(points: Sequence[float | None], *, low: float = 0.0, high: float = 100.0) -> Markup:
    """
    The last totals as a small line with the latest value beside it as text; None is a gap and stays one.

    The picture says the same as the text, so it is hidden from assistive technology.
    """
    given = [value for value in points if value is not None]
    if not given:
        return element("span", "no answers yet", class_="sparkline-none")
    step = min(12.0, (WIDTH - 2 * EDGE) / max(1, len(points) - 1))
    spots = [None if value is None else (EDGE + step * n, _y(value, low, high)) for n, value in enumerate(points)]
    drawn: list[Markup] = []
    run: list[tuple[float, float]] = []
    for spot in [*spots, None]:
        if spot is not None:
            run.append(spot)
        elif run:
            drawn.append(_stretch(run))
            run = []
    last = next(spot for spot in reversed(spots) if spot is not None)
    drawn.append(element("circle", class_="pt client", cx=last[0], cy=last[1], r=2.5, fill="#0b57a4"))
    svg = element(
        "svg", *drawn, class_="sparkline", aria_hidden="true", viewBox="0 0 96 24", width=WIDTH, height=HEIGHT
    )
    said = points_of(given[-1]) if points[-1] is not None else f"{points_of(given[-1])}, then {_gap(points)}"
    return svg + element("span", said, class_="sparkline-last")


def _y(value: float, low: float, high: float) -> float:
    inside = min(high, max(low, value))
    return HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (inside - low) / (high - low)


def _stretch(run: list[tuple[float, float]]) -> Markup:
    if len(run) == 1:
        return element("circle", class_="pt client", cx=run[0][0], cy=run[0][1], r=1.5, fill="#0b57a4")
    return element("path", class_="line client", d=polyline(run), fill="none", stroke="#0b57a4", stroke_width="1.5")


def _gap(points: Sequence[float | None]) -> str:
    count = next(n for n, value in enumerate(reversed(points)) if value is not None)
    return counted(count, "gap")
