"""Shares of one whole as bars from one edge: a row each, its words before it and its number behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.kit.charts.figure import Figure
from portal.kit.charts.frame import text_width
from portal.kit.charts.svg import element, svg_of, text

WIDTH = 420.0
ROW, BAR = 26.0, 14.0
END = 56.0  # room for the number behind the longest bar
GAP = 10.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: `share` from 0 to 1; `is_open` bars are outlined only, for what is not there."""

    words: str
    share: float
    number: str
    n: int
    is_open: bool = False


def bars_chart(chart_id: str, title: str, bars: Sequence[Bar], *, caption: str, label: str) -> Figure:
    """The bars in the order given; widths are shares of the whole, never of the longest bar."""
    left = max((text_width(bar.words) for bar in bars), default=0.0) + GAP
    room = WIDTH - left - END
    height = ROW * len(bars) + 4
    rows: list[Markup] = []
    for place, bar in enumerate(bars):
        middle = ROW * place + ROW / 2
        long = max(1.0, room * bar.share) if bar.share else 0.0
        rows.append(text(bar.words, left - GAP, middle + 4, "label", anchor="end"))
        shape = "bar open" if bar.is_open else "bar"
        rows.append(element("rect", class_=shape, x=left, y=middle - BAR / 2, width=long, height=BAR, fill="#0b57a4"))
        rows.append(text(bar.number, left + long + 6, middle + 4, "value"))
    axis = element("path", class_="axis", d=f"M{left:.0f} 0V{height:.0f}", stroke="#6b7888")
    described = "; ".join(f"{bar.words}: {bar.number}" for bar in bars)
    return Figure(
        id=chart_id,
        title=title,
        description=described,
        svg=svg_of(chart_id, title, described, [axis, *rows], (WIDTH, height), class_="bars"),
        caption=caption,
        label=label,
        header=("", "Share", "n"),
        rows=tuple((bar.words, bar.number, str(bar.n)) for bar in bars),
    )
